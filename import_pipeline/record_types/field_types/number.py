"""A decimal number, stored exactly, with up to nine digits after the decimal mark; 25% is 0.25."""

from import_pipeline.record_types.field_types._digits import (
    CONVENTIONS,
    DEFAULT_DECIMAL,
    grouped,
    has_no_mark,
    without_groups,
)
from import_pipeline.record_types.field_types._field_type import CastOptions, Convention, FieldType
from import_pipeline.sql import Parameters

DECIMALS = 9


class Number(FieldType):
    """Digits with a sign, a decimal mark and perhaps groups of three, or a percentage."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """While nobody said what the decimal mark is, 1,234 is none; more digits than can be kept are none."""
        decimal = options.decimal or DEFAULT_DECIMAL
        groups = grouped(decimal, at_least=1 if options.decimal else 2)
        fraction = rf"[{decimal}]\d{{1,{DECIMALS}}}0*"
        pattern = bind.bind(rf"[+-]?(?:(?:\d+|{groups})(?:{fraction})?|{fraction})")
        number = f"TRY_CAST({without_groups(text_sql, decimal)} AS {self.sql_type})"
        share = f"rtrim(left({text_sql}, length({text_sql}) - 1))"
        hundredth = f"TRY_CAST(TRY_CAST({without_groups(share, decimal)} AS DECIMAL(36, 7)) * 0.01 AS {self.sql_type})"
        return (
            f"CASE WHEN regexp_full_match({text_sql}, {pattern}) THEN {number}"
            f" WHEN suffix({text_sql}, '%') AND regexp_full_match({share}, {pattern}) THEN {hundredth} END"
        )

    def conventions(self) -> tuple[Convention, ...]:
        """Decimal point or decimal comma."""
        return CONVENTIONS

    def reads_one_way(self, text_sql: str) -> str:
        """Numbers without point and comma."""
        return has_no_mark(text_sql)


TYPE = Number(
    "number",
    sql_type=f"DECIMAL(38, {DECIMALS})",
    pandas_type="float64",
    code="invalid_number",
    message="Not a number, or one that can be read in two ways: write it without separators, for example 1250.75, "
    f"with at most {DECIMALS} decimals, or say the decimal mark of the file with `decimal`.",
)
