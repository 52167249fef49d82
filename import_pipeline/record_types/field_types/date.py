"""A day of the calendar, stored as DATE."""

import re

from import_pipeline.errors import SpecError
from import_pipeline.record_types.field_types import _dates
from import_pipeline.record_types.field_types._field_type import CastOptions, Convention, FieldType
from import_pipeline.sql import Parameters, literal

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?"
_ISO = rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}"

_TWO_DIGIT_YEAR = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?:[T ,]|$)|^\d{1,2}\.?[ -]\p{L}{3,12}\.?[ -]\d{2}(?:[T ,]|$)"
_OF_TWO_DIGITS = (
    "A two-digit year, of which nothing says the century: write the year with four digits, or say the format of the "
    "file with `date_format`, for example %d/%m/%y, which reads 69 to 99 as 1969 to 1999."
)
_DIRECTIVE = re.compile(r"%-?(.?)", re.DOTALL)
_KNOWN = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
_YEARS = frozenset("cGxyY")
_HOURS = frozenset("cgHIX")
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")


class Date(FieldType):
    """A date as ISO 8601 writes it (2026-01-31, 20260131, with or without a time), or as its column writes dates."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """A format that was named is the only one; 3/4/2026 is no date while nobody knows which of the two it is.

        The day is taken as written: a time or time zone behind it moves nothing.

        Raises:
            SpecError: The format has no year, or parts that strptime doesn't know.
        """
        if options.date_format:
            formats = bind.bind(with_times(options.date_format))
            # DuckDB takes 'epoch' and 'infinity' for dates in any format, and 26 for a year of four digits.
            digits = r"\d{4}" if "%Y" in options.date_format else r"\d"
            read = f"CAST(try_strptime({text_sql}, {formats}) AS DATE)"
            return f"CASE WHEN regexp_matches({text_sql}, '{digits}') THEN {read} END"
        other = f" ELSE {_dates.day(text_sql, options.date_order)}" if options.date_order else ""
        return (
            f"CASE WHEN starts_with({text_sql}, '0000') THEN NULL"  # ISO knows no year 0, DuckDB reads it as 1 BC
            f" WHEN regexp_full_match({text_sql}, '{_ISO}') THEN TRY_CAST({text_sql}[1:10] AS DATE)"
            f" WHEN regexp_full_match({text_sql}, '\\d{{8}}')"
            f" THEN CAST(try_strptime({text_sql}, '%Y%m%d') AS DATE){other} END"
        )

    def message_for(self, text_sql: str) -> str:
        """A year of two digits is named as what is wrong."""
        short = f"regexp_matches({text_sql}, {literal(_TWO_DIGIT_YEAR)})"
        return f"CASE WHEN {short} THEN {literal(_OF_TWO_DIGITS)} ELSE {literal(self.message)} END"

    def conventions(self) -> tuple[Convention, ...]:
        """Day first or month first."""
        return (_dates.DAY_FIRST, _dates.MONTH_FIRST)

    def reads_one_way(self, text_sql: str) -> str:
        """All but dates that begin with two short numbers."""
        return f"NOT {_dates.has_year_last(text_sql)}"

    def is_conventional(self, text_sql: str) -> str:
        """Dots between the parts."""
        return _dates.has_dots(text_sql)

    def format_of(self, convention: Convention, text: str) -> str:
        """The format in strptime's words."""
        return _dates.format_of(convention, text)


def with_times(date_format: str) -> list[str]:
    """A format that a person named, and if it has no time, the same with a time behind it.

    Raises:
        SpecError: The format has no year, or parts that strptime doesn't know.
    """
    _check_format(date_format)
    if _HOURS.intersection(_DIRECTIVE.findall(date_format)):
        return [date_format]
    return [date_format, *(f"{date_format}{between}{time}" for between in " T" for time in _TIMES)]


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
