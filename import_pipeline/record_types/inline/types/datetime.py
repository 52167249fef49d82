"""A day and a time: as ISO 8601 writes them, or in the display format; stored as TIMESTAMP, as written."""

from dataclasses import dataclass

from import_pipeline.record_types.field_types import CastOptions, _dates
from import_pipeline.record_types.field_types.date import with_times
from import_pipeline.record_types.inline.types._moments import Options, strptime_format
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.record_types.inline.types.date import Day
from import_pipeline.record_types.inline.types.time import CLOCK, TimeOfDay
from import_pipeline.sql import Parameters

OPTIONS = Options

_DAY = r"\d{4}-\d{2}-\d{2}"
_ZONE = r"(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?"


@dataclass(frozen=True)
class Moment(Day):
    """A moment on the clock that the file was written by; a day alone is its midnight."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """The zone behind it moves nothing, as with dates."""
        bare = f"regexp_extract({text_sql}, '^({_DAY}(?:[T ]{CLOCK})?)', 1)"
        return (
            f"CASE WHEN starts_with({text_sql}, '0000') THEN NULL"
            f" WHEN regexp_full_match({text_sql}, '{_DAY}(?:[T ]{CLOCK}{_ZONE})?')"
            f" THEN TRY_CAST({bare} AS TIMESTAMP){self._otherwise(text_sql, bind, options)} END"
        )

    def _otherwise(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """How else it may be written: as the file was said to be, in the field's own format, or as its column is."""
        own = options.date_format or self.date_format
        if own:
            formats = bind.bind(with_times(own))
            return (
                f" WHEN regexp_matches({text_sql}, '\\d') THEN CAST(try_strptime({text_sql}, {formats}) AS TIMESTAMP)"
            )
        if not options.date_order:
            return ""
        clock = _dates.clock(text_sql)
        time = TimeOfDay("time").cast(clock, bind, CastOptions())
        midnight = f"CASE WHEN {clock} = '' THEN TIME '00:00' ELSE {time} END"
        return f" ELSE {_dates.day(text_sql, options.date_order)} + {midnight}"


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A TIMESTAMP without zone."""
    return ResolvedType(
        Moment(
            "datetime",
            sql_type="TIMESTAMP",
            pandas_type="datetime64[us]",
            code="invalid_datetime",
            message="Not a date with a time, or one that can be read in two ways: write it as 2026-01-31 13:45.",
            date_format=strptime_format(options.displayFormat),
        )
    )
