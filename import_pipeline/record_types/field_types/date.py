"""A day of the calendar, stored as DATE."""

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.sql import Parameters

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?"
_ISO = rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}"


class Date(FieldType):
    """A date as ISO 8601 writes it (2026-01-31, 20260131, with or without a time), or in the format of the spec."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """A format that was named is the only one; 3/4/2026 without a format is no date, for it is two.

        The day is taken as written: a time zone behind it moves nothing.
        """
        if options.date_format:
            return f"CAST(try_strptime({text_sql}, {bind.bind(options.date_format)}) AS DATE)"
        return (
            f"CASE WHEN starts_with({text_sql}, '0000') THEN NULL"  # ISO knows no year 0, DuckDB reads it as 1 BC
            f" WHEN regexp_full_match({text_sql}, '{_ISO}') THEN TRY_CAST({text_sql}[1:10] AS DATE)"
            f" WHEN regexp_full_match({text_sql}, '\\d{{8}}')"
            f" THEN CAST(try_strptime({text_sql}, '%Y%m%d') AS DATE) END"
        )


TYPE = Date(
    "date",
    sql_type="DATE",
    pandas_type="datetime64[us]",
    code="invalid_date",
    message="Not a date, or one that can be read in two ways: write it as 2026-01-31, "
    "or say the format of the file with `date_format`, for example %d/%m/%Y.",
)
