"""The cells of the mapped columns as SQL: their cleaned text, with constants put in, and their typed values.

What is taken off a cell is said in `cell_cleaning.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from import_pipeline.intake.tables import DATA_ROWS, has_lines_not_rows
from import_pipeline.phases.cell_cleaning import clean, note_turned_round, untidy_fields
from import_pipeline.phases.explicit import CLEARED, EXPORTED_ID, clears, split_column
from import_pipeline.phases.signs import ANY_SIGN, Signs
from import_pipeline.phases.work import MappedColumn, Work
from import_pipeline.record_types.casting import cast_failures, typed_expressions
from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.record_types.opposites import means_opposite, turned_round_sql
from import_pipeline.record_types.record_type import Whole
from import_pipeline.run_config.value_mapping import constant_pairs
from import_pipeline.sql import Parameters, literal, quote, trimmed
from import_pipeline.words import ID_FIELD


@dataclass(frozen=True)
class Cells:
    """The mapped cells of one import.

    Attributes:
        work: The import at work.
        columns: The mapped columns by field.
        untidy: The fields whose column has a cell that is empty or has white space around it.
        table: Where the cells are: `source_text`, its lines that are rows, these cleaned, or what hooks made of them.
        row_number: SQL of the number of a row of that table.
        is_hooked: Whether hooks made the table, with constants put in already.
        signs: What may be among the cells.
        options_by_field: How the columns of the fields are written, where that was found out.
    """

    work: Work
    columns: dict[str, MappedColumn]
    untidy: frozenset[str]
    table: str = "source_text"
    row_number: str = "rowid + 1"
    is_hooked: bool = False
    signs: Signs = ANY_SIGN
    options_by_field: Mapping[str, CastOptions] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Work, signs: Signs = ANY_SIGN) -> "Cells":
        """The cells of the columns that are mapped in this workspace, in the lines that are rows.

        Args:
            work: The import at work.
            signs: What may be among them, where that was looked for.
        """
        columns = work.mapped()
        in_rows = (DATA_ROWS, "row_number") if has_lines_not_rows(work.connection) else ("source_text", "rowid + 1")
        cleaned = clean(work, columns, *in_rows, signs)
        return cls(work, columns, cleaned.untidy, cleaned.table, cleaned.row_number, signs=signs)

    @classmethod
    def of_table(cls, work: Work, columns: dict[str, MappedColumn], table: str) -> "Cells":
        """The cells of a table that hooks made: with a column `row_number`, and constants put in already."""
        return cls(work, columns, untidy_fields(work, columns, table), table, "row_number", is_hooked=True)

    def text(self, field: str, bind: Parameters) -> str:
        """SQL of the text of a field over the table: trimmed, null where empty, its constant where it has one.

        A cell that says the clear_token is empty.
        """
        text = self.trimmed(field)
        pairs = constant_pairs(self.work.spec.value_mappings, field)
        value = text
        refused = self._refused(field)
        if refused is not None:
            value = turned_round_sql(text, refused, bind)
        elif pairs and not self.is_hooked:
            cases = " ".join(f"WHEN {bind.bind(value)} THEN {bind.bind(constant)}" for value, constant in pairs)
            value = f"nullif(CASE coalesce({text}, '') {cases} ELSE {text} END, '')"
        token = self._clear_token(bind)
        return value if token is None else f"CASE WHEN {text} = {token} THEN NULL ELSE {value} END"

    def _refused(self, field: str) -> str | None:
        """What the field says of whoever the column says yes for, if the column says the opposite of the field.

        Value mappings for the field say themselves what the cells mean.
        """
        column = self.columns[field].column
        if field == ID_FIELD or column is None or self.is_hooked or self.work.spec.value_mappings.get(field):
            return None
        return self.work.record_type.field(field).refused if means_opposite(column) else None

    def note_turned_round(self) -> None:
        """Note the cells of columns that say the opposite of their field."""
        for name in self.columns:
            if self._refused(name) is not None:
                note_turned_round(self.work, name, self.table, self.row_number, self.trimmed(name))

    def cleared(self, bind: Parameters) -> str:
        """SQL of the list of the fields of a row whose cell says the clear_token.

        What hooks made of such a cell counts where it is not empty.
        """
        token = self._clear_token(bind)
        found = []
        for name in self.columns:
            says_so = f"{self.trimmed(name)} = {token}"
            if self.is_hooked:
                before = f"list_contains({quote(CLEARED)}, {literal(name)})"
                says_so = f"coalesce({says_so}, {before})"
            found.append(f"CASE WHEN {says_so} THEN {literal(name)} END")
        return f"list_filter([{', '.join(found)}], lambda name: name IS NOT NULL)"

    def trimmed(self, field: str) -> str:
        """SQL of the text of a field's cell over the table, without white space around it; null where empty."""
        column = quote(self.columns[field].column_name)
        return f"nullif({trimmed(column)}, '')" if field in self.untidy else column

    def _clear_token(self, bind: Parameters) -> str | None:
        token = self.work.spec.clear_token
        return None if token is None else bind.bind(token.strip())

    def typed(self, bind: Parameters) -> dict[str, str]:
        """Field → SQL of its typed value over the table; whole names are split where their parts are not given."""
        texts = {field: self.text(field, bind) for field in self.columns}
        expressions = typed_expressions(self.work.record_type, texts, self._options_of, bind)
        if self.work.spec.clear_token is not None:  # an empty cell may mean no, a cleared one never does
            token = self._clear_token(bind)
            expressions = {
                field: f"CASE WHEN {self.trimmed(field)} = {token} THEN NULL ELSE {value} END"
                for field, value in expressions.items()
            }
        if self.work.record_type.is_inline:
            absent_fields = [field for field in self.work.record_type.fields if field.name not in expressions]
            return expressions | {field.name: f"NULL::{field.type.sql_type}" for field in absent_fields}
        for whole in self.split_wholes():
            absent = self._parts_absent(whole, bind)
            for part, split in zip(whole.parts, whole.split, strict=True):
                given = expressions.get(part, "NULL")
                expressions[part] = f"CASE WHEN {absent} THEN {split(texts[whole.field])} ELSE {given} END"
        return expressions

    def facts(self, bind: Parameters) -> dict[str, str]:
        """Column of facts (see `explicit.py`) → SQL over the table, for the facts that rows of this import can have."""
        facts = {
            split_column(whole.field): f"({self.text(whole.field, bind)} IS NOT NULL AND "
            f"{self._parts_absent(whole, bind)})"
            for whole in self.split_wholes()
        }
        if self.work.set_aside is not None and ID_FIELD in self.columns:
            facts[EXPORTED_ID] = self.text(ID_FIELD, bind)
        return facts | ({CLEARED: self.cleared(bind)} if clears(self.work) else {})

    def split_wholes(self) -> list[Whole]:
        """The wholes that are split where a row gives none of their parts; a record's own fields stay as they are."""
        if self.work.set_aside is not None:
            return []
        return [whole for whole in self.work.record_type.wholes if whole.field in self.columns]

    def _parts_absent(self, whole: Whole, bind: Parameters) -> str:
        """SQL of whether a row gives no part of a whole; a part that it clears is given."""
        cells = [part for part in whole.parts if part in self.columns]
        return " AND ".join(f"{self.trimmed(part)} IS NULL" for part in cells) or "true"

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
