"""The cells of the mapped columns as SQL: their trimmed text, with constants put in, and their typed values.

Phase 1 looks for defects and makes `rows` from these same expressions.
"""

from dataclasses import dataclass

from import_pipeline.phases.work import MappedColumn, Work
from import_pipeline.record_types.casting import cast_failures, typed_expressions
from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.record_types.person_names import first_name_sql, last_name_sql
from import_pipeline.sql import Parameters, literal, quote

_WHITE_SPACE = " \t\r\n\v\f\u00a0\ufeff"


def text_name(field: str) -> str:
    """The quoted name of the column that holds a field's text."""
    return quote(f"text:{field}")


@dataclass(frozen=True)
class Cells:
    """The mapped cells of one import."""

    work: Work
    columns: dict[str, MappedColumn]

    @classmethod
    def of(cls, work: Work) -> "Cells":
        """The cells of the columns that are mapped in this workspace."""
        return cls(work, work.mapped())

    @property
    def options(self) -> CastOptions:
        """How numbers, dates and tags are written in this file."""
        reading = self.work.spec.reading
        return CastOptions(
            decimal=reading.decimal, date_format=reading.date_format, tag_delimiter=self.work.spec.tag_delimiter
        )

    def text(self, bind: Parameters) -> str:
        """SELECT of row_number, the text of each mapped field (null where empty), and the file's own columns."""
        texts = ", ".join(
            f"{self._constant(field, self._trimmed(column), bind)} AS {text_name(field)}"
            for field, column in self.columns.items()
        )
        return f"SELECT rowid + 1 AS row_number, {texts}, * FROM source_text"

    def typed(self, bind: Parameters) -> dict[str, str]:
        """Field → SQL of its typed value, from the columns of `text`; names are taken apart where only whole ones are given."""
        expressions = typed_expressions(self.work.record_type, self._texts(), self.options, bind)
        known = {field.name for field in self.work.record_type.fields}
        if "full_name" in expressions and {"first_name", "last_name"} <= known:
            full = text_name("full_name")
            absent = " AND ".join(
                f"{text_name(part)} IS NULL" for part in ("first_name", "last_name") if part in expressions
            )
            for part, split in (("first_name", first_name_sql(full)), ("last_name", last_name_sql(full))):
                given = expressions.get(part, "NULL")
                expressions[part] = f"CASE WHEN {absent or 'true'} THEN {split} ELSE {given} END"
        return expressions

    def failures(self) -> dict[str, str]:
        """Field → SQL, over the columns of `text` and the typed ones, true where a text is no value of its field's type."""
        typed = {field: quote(field) for field in self.columns}
        return cast_failures(self.work.record_type, self._texts(), typed)

    def _texts(self) -> dict[str, str]:
        return {field: text_name(field) for field in self.columns}

    def _trimmed(self, column: MappedColumn) -> str:
        return f"nullif(trim({quote(column.column_name)}, {literal(_WHITE_SPACE)}), '')"

    def _constant(self, field: str, text_sql: str, bind: Parameters) -> str:
        """Exchange the values of the file for the constants that the spec gives for them."""
        values = self.work.spec.value_mappings.get(field)
        if not values:
            return text_sql
        cases = " ".join(f"WHEN {bind.bind(value)} THEN {bind.bind(constant)}" for value, constant in values.items())
        return f"CASE {text_sql} {cases} ELSE {text_sql} END"
