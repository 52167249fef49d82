"""What the columns of a table hold: the guess for a preview, and how dates are written, decided over whole columns."""

from collections.abc import Sequence

from import_pipeline.intake.dialect.cell_kinds import TYPED, kind_of


def type_of(values: Sequence[str]) -> str:
    """A name for what a column's cells look like: one of the typed kinds, `text`, or `empty`."""
    kinds = {kind_of(value) for value in values if value.strip()}
    if not kinds:
        return "empty"
    if len(kinds) == 1 and kinds <= TYPED:
        return kinds.pop()
    return "number" if kinds <= {"integer", "number"} else "text"
