"""What the columns of a file look like to a person; how a field reads its cells is decided in the phases."""

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
