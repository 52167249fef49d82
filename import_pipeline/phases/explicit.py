"""What rows tell beside their values: which fields a cell clears, and which values nobody wrote into the row.

Such facts stand in columns of their own beside the fields, only where an import can have them: phase 1 makes them, and
`merging.py` goes by them. Their names hold a space, so that no field of a model has them.
"""

from collections.abc import Collection

from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.words import Action, DuplicateStrategy

CLEARED = "cleared fields"
"""The fields that the row empties by the clear_token: VARCHAR[]."""
CLEARED_EXTRA = "cleared extra"
"""The keys of `extra` that the row removes, as a JSON object of nulls."""
EXPORTED_ID = "exported id"
"""The id that the row of a file of stored records carries, whether or not such a record is stored."""
BAD_FIELDS = "bad fields"
"""The fields whose cell is wrong and was left empty, so that the row could go on: VARCHAR[]."""
_SPLIT = "split "
_DEFAULT = "default "


def split_column(whole: str) -> str:
    """The column that says whether the parts of a whole were split from it: the row itself gives none of them."""
    return _SPLIT + whole


def default_column(field: str) -> str:
    """The column that says whether a field's value is the import's default: the row itself gives none."""
    return _DEFAULT + field


def clears(work: Work) -> bool:
    """Whether cells of this import can empty a field of a stored record."""
    return (
        work.spec.clear_token is not None
        and work.spec.action is not Action.DELETE
        and work.spec.duplicate_strategy in (DuplicateStrategy.MERGE, DuplicateStrategy.OVERWRITE)
    )


def is_cleared(field: str, present: Collection[str]) -> str | None:
    """SQL over `incoming` of whether the row empties a field; None where no row can.

    Args:
        field: The field.
        present: The columns of `incoming`.
    """
    return f"list_contains(incoming.{quote(CLEARED)}, {literal(field)})" if CLEARED in present else None


def is_bad(field: str, present: Collection[str]) -> str | None:
    """SQL over `incoming` of whether the field's cell is wrong and was left empty; None where no row has such cells.

    Args:
        field: The field.
        present: The columns of `incoming`.
    """
    return (
        f"coalesce(list_contains(incoming.{quote(BAD_FIELDS)}, {literal(field)}), false)"
        if BAD_FIELDS in present
        else None
    )


def has_column(column: str, present: Collection[str]) -> str | None:
    """SQL over `incoming` of a column of facts; None where this import has none."""
    return f"incoming.{quote(column)}" if column in present else None
