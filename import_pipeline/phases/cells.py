"""The cells of the mapped columns as SQL: their trimmed text, with constants put in, and their typed values.

Trimming costs more than anything else that is done to a clean cell, so one cheap pass finds the columns that need it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from import_pipeline.intake.tables import DATA_ROWS, has_lines_not_rows
from import_pipeline.phases.work import MappedColumn, Work
from import_pipeline.record_types.casting import cast_failures, typed_expressions
from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.record_types.person_names import first_name_sql, last_name_sql
from import_pipeline.run_config.value_mapping import constant_pairs
from import_pipeline.sql import Parameters, literal, quote

_WHITE_SPACE = " \t\r\n\v\f\u00a0\ufeff"


@dataclass(frozen=True)
class Cells:
    """The mapped cells of one import.

    Attributes:
        work: The import at work.
        columns: The mapped columns by field.
        untidy: The fields whose column has a cell that is empty or has white space around it.
        table: Where the cells are: `source_text`, its lines that are rows, or what hooks made of them.
        row_number: SQL of the number of a row of that table.
        is_hooked: Whether hooks made the table, with constants put in already.
        options_by_field: How the columns of the fields are written, where that was found out.
    """

    work: Work
    columns: dict[str, MappedColumn]
    untidy: frozenset[str]
    table: str = "source_text"
    row_number: str = "rowid + 1"
    is_hooked: bool = False
    options_by_field: Mapping[str, CastOptions] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Work) -> "Cells":
        """The cells of the columns that are mapped in this workspace, in the lines that are rows."""
        columns = work.mapped()
        if has_lines_not_rows(work.connection):
            return cls(work, columns, _untidy(work, columns, DATA_ROWS), DATA_ROWS, "row_number")
        return cls(work, columns, _untidy(work, columns, "source_text"))

    @classmethod
    def of_table(cls, work: Work, columns: dict[str, MappedColumn], table: str) -> "Cells":
        """The cells of a table that hooks made: with a column `row_number`, and constants put in already."""
        return cls(work, columns, _untidy(work, columns, table), table, "row_number", is_hooked=True)

    def text(self, field: str, bind: Parameters) -> str:
        """SQL of the text of a field over the table: trimmed, null where empty, its constant where it has one."""
        column = quote(self.columns[field].column_name)
        text = f"nullif(trim({column}, {literal(_WHITE_SPACE)}), '')" if field in self.untidy else column
        pairs = constant_pairs(self.work.spec.value_mappings, field)
        if not pairs or self.is_hooked:
            return text
        cases = " ".join(f"WHEN {bind.bind(value)} THEN {bind.bind(constant)}" for value, constant in pairs)
        return f"nullif(CASE coalesce({text}, '') {cases} ELSE {text} END, '')"

    def typed(self, bind: Parameters) -> dict[str, str]:
        """Field → SQL of its typed value over the table; whole names are split where their parts are not given."""
        texts = {field: self.text(field, bind) for field in self.columns}
        expressions = typed_expressions(self.work.record_type, texts, self._options_of, bind)
        if self.work.record_type.is_inline:
            absent_fields = [field for field in self.work.record_type.fields if field.name not in expressions]
            return expressions | {field.name: f"NULL::{field.type.sql_type}" for field in absent_fields}
        known = {field.name for field in self.work.record_type.fields}
        if "full_name" in texts and {"first_name", "last_name"} <= known:
            parts = ("first_name", "last_name")
            absent = " AND ".join(f"{texts[part]} IS NULL" for part in parts if part in texts) or "true"
            for part, split in zip(parts, (first_name_sql, last_name_sql), strict=True):
                given = expressions.get(part, "NULL")
                expressions[part] = f"CASE WHEN {absent} THEN {split(texts['full_name'])} ELSE {given} END"
        default = self.work.spec.default_source
        if default is not None and "source" in known:
            expressions["source"] = f"coalesce({expressions.get('source', 'NULL')}, {bind.bind(default)})"
        return expressions

    def fallible(self) -> list[str]:
        """The fields whose type does not take every text."""
        return list(
            cast_failures(self.work.record_type, dict.fromkeys(self.columns, ""), dict.fromkeys(self.columns, ""))
        )

    def failure(self, field: str, bind: Parameters) -> tuple[str, str]:
        """SQL over the table that is true where a text is no value of its field's type, and SQL of that text."""
        text = {field: self.text(field, bind)}
        typed = typed_expressions(self.work.record_type, text, self._options_of, bind)
        return cast_failures(self.work.record_type, text, typed)[field], text[field]

    @property
    def options(self) -> CastOptions:
        """How numbers, dates and tags are written in this file, as far as the spec says it."""
        reading = self.work.spec.reading
        return CastOptions(
            decimal=reading.decimal, date_format=reading.date_format, tag_delimiter=self.work.spec.tag_delimiter
        )

    def _options_of(self, field: str) -> CastOptions:
        return self.options_by_field.get(field, self.options)


def _untidy(work: Work, columns: dict[str, MappedColumn], table: str) -> frozenset[str]:
    tests = ", ".join(f"bool_or({_is_untidy(quote(column.column_name))})" for column in columns.values())
    found = work.execute(f"SELECT {tests} FROM {table}").fetchone() or ()
    return frozenset(field for field, untidy in zip(columns, found, strict=True) if untidy)


def _is_untidy(column: str) -> str:
    """SQL, cheap and never too narrow, of whether trimming would change a cell or find it empty."""
    ends = " OR ".join(f"suffix({column}, {literal(sign)})" for sign in _WHITE_SPACE)
    wide = " OR ".join(f"prefix({column}, {literal(sign)})" for sign in _WHITE_SPACE if sign > " ")
    return f"{column} <= ' ' OR {wide} OR {ends}"
