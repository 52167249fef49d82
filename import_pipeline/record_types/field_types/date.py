"""A day of the calendar, stored as DATE."""

import re

from import_pipeline.errors import SpecError
from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.sql import Parameters

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?"
_ISO = rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}"

_DIRECTIVE = re.compile(r"%-?(.?)", re.DOTALL)
_KNOWN = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
_YEARS = frozenset("cGxyY")


class Date(FieldType):
    """A date as ISO 8601 writes it (2026-01-31, 20260131, with or without a time), or in the format of the spec."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """A format that was named is the only one; 3/4/2026 without a format is no date, for it is two.

        The day is taken as written: a time zone behind it moves nothing.

        Raises:
            SpecError: The format has no year, or parts that strptime doesn't know.
        """
        if options.date_format:
            _check_format(options.date_format)
            # DuckDB takes 'epoch' and 'infinity' for dates in any format.
            read = f"CAST(try_strptime({text_sql}, {bind.bind(options.date_format)}) AS DATE)"
            return f"CASE WHEN regexp_matches({text_sql}, '[0-9]') THEN {read} END"
        return (
            f"CASE WHEN starts_with({text_sql}, '0000') THEN NULL"  # ISO knows no year 0, DuckDB reads it as 1 BC
            f" WHEN regexp_full_match({text_sql}, '{_ISO}') THEN TRY_CAST({text_sql}[1:10] AS DATE)"
            f" WHEN regexp_full_match({text_sql}, '\\d{{8}}')"
            f" THEN CAST(try_strptime({text_sql}, '%Y%m%d') AS DATE) END"
        )


def _check_format(date_format: str) -> None:
    directives = _DIRECTIVE.findall(date_format)
    unknown = [f"%{directive}" for directive in directives if directive not in _KNOWN]
    if unknown:
        problem = f"{', '.join(unknown)} stands for nothing"
    elif not _YEARS.intersection(directives):
        problem = "it has no year"
    else:
        return
    raise SpecError(
        f"The date_format {date_format!r} cannot be used: {problem}. Write it in strptime's words, "
        "for example %d/%m/%Y.",
        date_format=date_format,
    )


TYPE = Date(
    "date",
    sql_type="DATE",
    pandas_type="datetime64[us]",
    code="invalid_date",
    message="Not a date, or one that can be read in two ways: write it as 2026-01-31, "
    "or say the format of the file with `date_format`, for example %d/%m/%Y.",
)
