"""A day: as ISO 8601 writes it, or in the display format."""

from dataclasses import dataclass

from import_pipeline.record_types import field_types
from import_pipeline.record_types.field_types import CastOptions, Convention, FieldType
from import_pipeline.record_types.inline.types._moments import Options, strptime_format
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.sql import Parameters

OPTIONS = Options


@dataclass(frozen=True)
class Day(FieldType):
    """A date that may also be written in a format of its own."""

    date_format: str | None = None

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """The file's format, if it was named, else ISO 8601 or the field's own, or without one as the column is."""
        plain = field_types.get("date")
        if options.date_format or not self.date_format:
            return plain.cast(text_sql, bind, options)
        iso = plain.cast(text_sql, bind, CastOptions())
        return f"coalesce({iso}, {plain.cast(text_sql, bind, CastOptions(date_format=self.date_format))})"

    def conventions(self) -> tuple[Convention, ...]:
        """Those of dates, where the field has no format of its own."""
        return () if self.date_format else field_types.get("date").conventions()

    def reads_one_way(self, text_sql: str) -> str:
        """As for dates."""
        return field_types.get("date").reads_one_way(text_sql)

    def is_conventional(self, text_sql: str) -> str:
        """As for dates."""
        return field_types.get("date").is_conventional(text_sql)

    def format_of(self, convention: Convention, text: str) -> str:
        """As for dates."""
        return field_types.get("date").format_of(convention, text)


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A DATE."""
    plain = field_types.get("date")
    day = Day(
        "date",
        sql_type=plain.sql_type,
        pandas_type=plain.pandas_type,
        code=plain.code,
        message=plain.message,
        date_format=strptime_format(options.displayFormat),
    )
    return ResolvedType(day)
