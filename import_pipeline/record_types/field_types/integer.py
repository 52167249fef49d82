"""A whole number, stored as BIGINT."""

from import_pipeline.record_types.field_types._digits import (
    CONVENTIONS,
    DEFAULT_DECIMAL,
    grouped,
    has_no_mark,
    without_groups,
)
from import_pipeline.record_types.field_types._field_type import CastOptions, Convention, FieldType
from import_pipeline.sql import Parameters


class Integer(FieldType):
    """Digits with a sign, perhaps in groups of three, perhaps with a fraction of zeros."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """A number with another fraction or an exponent is none: DuckDB alone would round it.

        While nobody said what the decimal mark is, 1.000 is none either: it is one here and a thousand there.
        """
        decimal = options.decimal or DEFAULT_DECIMAL
        zeros = f"[{decimal}]0+" if options.decimal else f"[{decimal}](?:0{{1,2}}|0{{4,}})"
        pattern = bind.bind(rf"[+-]?(?:\d+|{grouped(decimal)})(?:{zeros})?")
        return (
            f"CASE WHEN regexp_full_match({text_sql}, '-?\\d{{1,18}}') THEN TRY_CAST({text_sql} AS BIGINT)"
            f" WHEN regexp_full_match({text_sql}, {pattern})"
            f" THEN TRY_CAST({without_groups(text_sql, decimal)} AS BIGINT) END"
        )

    def conventions(self) -> tuple[Convention, ...]:
        """Decimal point or decimal comma."""
        return CONVENTIONS

    def reads_one_way(self, text_sql: str) -> str:
        """Numbers without point and comma."""
        return has_no_mark(text_sql)


TYPE = Integer(
    "integer",
    sql_type="BIGINT",
    pandas_type="Int64",
    code="invalid_integer",
    message="Not a whole number, or one that can be read in two ways: write digits only, for example 1250, "
    "or say the decimal mark of the file with `decimal`.",
)
