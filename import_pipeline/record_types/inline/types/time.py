"""A time of day: 13:45, 13:45:30, 1:45 pm, or in the display format; stored as TIME."""

from dataclasses import dataclass

from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.record_types.inline.types._moments import Options, strptime_format
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.sql import Parameters

OPTIONS = Options

CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.]\d{1,6})?)?"
_TWELVE = r"(?:0?[1-9]|1[0-2]):[0-5]\d(?::[0-5]\d)? ?(?:[AaPp][Mm])"


@dataclass(frozen=True)
class TimeOfDay(FieldType):
    """A time without a day and a zone."""

    format: str | None = None

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Of 24 hours, or of twelve with am or pm."""
        spaced = f"regexp_replace(upper({text_sql}), ' ?([AP]M)$', ' \\1')"
        twelve = f"coalesce(try_strptime({spaced}, '%I:%M %p'), try_strptime({spaced}, '%I:%M:%S %p'))"
        own = ""
        if self.format:
            own = f" ELSE CAST(try_strptime({text_sql}, {bind.bind(self.format)}) AS TIME)"
        return (
            f"CASE WHEN regexp_full_match({text_sql}, '{CLOCK}') THEN TRY_CAST({text_sql} AS TIME)"
            f" WHEN regexp_full_match({text_sql}, '{_TWELVE}') THEN CAST({twelve} AS TIME){own} END"
        )


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A TIME."""
    return ResolvedType(
        TimeOfDay(
            "time",
            sql_type="TIME",
            pandas_type="object",
            code="invalid_time",
            message="Not a time of day: write it like 13:45, 13:45:30 or 1:45 pm.",
            format=strptime_format(options.displayFormat),
        )
    )
