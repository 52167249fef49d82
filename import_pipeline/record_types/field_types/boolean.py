"""Yes or no, stored as BOOLEAN."""

from collections.abc import Mapping

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.record_types.lexicon.yes_no import FALSE, MARKS, TRUE
from import_pipeline.sql import Parameters


class Boolean(FieldType):
    """One of the usual words for yes and no, in any case."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Any other word is neither, and a mark is yes only where the whole column is marks and empty cells."""
        true = [*TRUE, *MARKS] if options.empty_is_no else list(TRUE)
        empty = f" WHEN {text_sql} IS NULL THEN false" if options.empty_is_no else ""
        return (
            f"CASE WHEN list_contains({bind.bind(true)}, lower({text_sql})) THEN true"
            f" WHEN list_contains({bind.bind(list(FALSE))}, lower({text_sql})) THEN false{empty} END"
        )

    def known_words(self) -> Mapping[str, str]:
        """The words for yes and no."""
        return dict.fromkeys((*TRUE, *MARKS), "true") | dict.fromkeys(FALSE, "false")

    def marks(self) -> tuple[str, ...]:
        """Signs for yes, where no other cell of the column says anything but such a sign."""
        return MARKS


TYPE = Boolean(
    "boolean",
    sql_type="BOOLEAN",
    pandas_type="boolean",
    code="invalid_boolean",
    message="Neither yes nor no: write one of true, yes, y, t, 1, on or false, no, n, f, 0, off.",
)
