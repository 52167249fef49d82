"""Yes or no, stored as BOOLEAN."""

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.sql import Parameters

TRUE = ("true", "yes", "y", "t", "1", "on")
FALSE = ("false", "no", "n", "f", "0", "off")


class Boolean(FieldType):
    """One of the usual words for yes and no, in any case."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Any other word is neither."""
        return (
            f"CASE WHEN list_contains({bind.bind(list(TRUE))}, lower({text_sql})) THEN true"
            f" WHEN list_contains({bind.bind(list(FALSE))}, lower({text_sql})) THEN false END"
        )


TYPE = Boolean(
    "boolean",
    sql_type="BOOLEAN",
    pandas_type="boolean",
    code="invalid_boolean",
    message="Neither yes nor no: write one of true, yes, y, t, 1, on or false, no, n, f, 0, off.",
)
