"""`Work`: what every phase is given, and the few questions about the workspace that several phases ask.

The statements of one phase belong in its own module.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from import_pipeline.phases.batch import Member, Members, by_range, in_ranges
from import_pipeline.phases.progress import Progress
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import has_lines, has_table
from import_pipeline.words import ID_FIELD, Action, DuplicateHandling

if TYPE_CHECKING:
    import duckdb
    import pyarrow

KEPT_IDS = "kept_ids"
"""The table of ids that rows bring along and that their new records take over, where the spec asks for it."""
ALIVE = "row_number NOT IN (SELECT row_number FROM left_out)"
"""Condition on a row number: the row has no defect that keeps it from going on."""


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file that is mapped to a field."""

    field: str
    column: str | None
    """The column's name in the file; None where only a hook filled the field."""
    column_name: str
    """Its name in `source_text`: c1, c2, … (in the table of hooked rows: the field)."""


@dataclass(frozen=True)
class Work:
    """A batch at work: its workspace (from phase 3 on with the store attached as `store`) and what was asked."""

    connection: "duckdb.DuckDBPyConnection"
    import_id: str
    spec: ImportSpec
    record_type: RecordType
    settings: Settings
    progress: Progress = field(default_factory=Progress)
    members: Members = field(default_factory=Members)
    """The imports that are at work; of several each has a part of the rows."""
    corrections: "pyarrow.Table | None" = None
    """What a person corrected in a review, see `corrections.py`."""
    set_aside: Mapping[str, str] | None = None
    """The columns that are no field's, by name, where the file is one of stored records (`records_file.py`)."""
    _columns: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def execute(self, statement: str, parameters: dict[str, Any] | None = None) -> "duckdb.DuckDBPyConnection":
        """Run one statement with bound values."""
        return self.connection.execute(statement, parameters or None)

    def create(self, table: str, select: str, parameters: dict[str, Any] | None = None) -> int:
        """Make a table anew from a SELECT; gives the number of its rows."""
        return self.number(f"CREATE OR REPLACE TABLE {table} AS\n{select}", parameters)

    def second_connection(self) -> "duckdb.DuckDBPyConnection":
        """A further connection in the same workspace, for reading while this one writes. The caller closes it."""
        further = self.connection.cursor()
        (workspace,) = self.connection.execute("SELECT current_database()").fetchone() or ("",)
        further.execute(f"USE {quote(workspace)}")
        return further

    def dictionaries(self, select: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a small SELECT as dictionaries."""
        cursor = self.execute(select, parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def number(self, select: str, parameters: dict[str, Any] | None = None) -> int:
        """The one whole number that a SELECT gives."""
        row = self.execute(select, parameters).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def has_lines(self, table: str, where: str = "true") -> bool:
        """Whether a table has a line, of which a condition in SQL holds."""
        return has_lines(self.connection, table, where)

    def counts(self, select: str, parameters: dict[str, Any] | None = None) -> dict[str, int]:
        """Pairs of text and number that a SELECT gives."""
        return {str(key): int(count) for key, count in self.execute(select, parameters).fetchall()}

    def total_rows(self) -> int:
        """Rows of the file."""
        return self.number("SELECT count(*) FROM source_text")

    def total_rows_each(self) -> dict[str, int]:
        """Rows of the file of each import of the batch."""
        if self.several is None:
            return {self.import_id: self.total_rows()}
        return {member.import_id: member.rows for member in self.several}

    def mapped(self) -> dict[str, MappedColumn]:
        """The mapped columns by field, in the order of the file."""
        found = self.execute(
            "SELECT field, name, column_name FROM source_columns WHERE field IS NOT NULL ORDER BY position"
        ).fetchall()
        return {field: MappedColumn(field, name, column_name) for field, name, column_name in found}

    def columns_of(self, table: str) -> list[str]:
        """The columns of a table or view of the workspace. They stay what they are while a phase runs."""
        if table not in self._columns:
            found = self.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()
            self._columns[table] = [name for (name,) in found]
        return self._columns[table]

    def row_fields(self) -> set[str]:
        """The fields that `rows` holds: mapped ones and those derived from them."""
        return set(self.columns_of("rows")) - {"row_number"}

    def identifiers(self) -> list[str]:
        """The fields of `rows` by which a record is found, the one that counts most first.

        A deletion goes by ids alone, unless the spec says by what.
        """
        present = self.row_fields()
        names = [ID_FIELD, *(self.spec.match_by or self.record_type.identifiers)]
        if self.spec.action is Action.DELETE and not self.spec.match_by:
            names = [name for name in names if name in (ID_FIELD, "external_id")]
        names = list(dict.fromkeys(names))
        return [name for name in names if name in present]

    @property
    def uses_first(self) -> bool:
        """Whether the first of several rows of one record is used; to delete a record twice is to delete it."""
        return self.spec.action is Action.DELETE or self.spec.duplicate_handling is DuplicateHandling.USE_FIRST

    def import_of(self, row: str) -> str:
        """SQL of the import that a row belongs to, by its number, a qualified column."""
        if self.several is None:
            return literal(self.import_id)
        return by_range(self.several, row, (literal(member.import_id) for member in self.several))

    def row_in_file(self, row: str) -> str:
        """SQL of the number that a row has in its file, by its number in the workspace, a qualified column."""
        if self.several is None:
            return row
        return f"({row} - {by_range(self.several, row, (str(member.before) for member in self.several))})"

    def is_in_batch(self, row: str) -> str:
        """SQL condition that the import of a row has not left the batch."""
        return "true" if self.several is None else in_ranges(self.several, row)

    def record_prefix(self, row: str) -> str:
        """SQL of how the ids of the records begin that the import of a row creates."""
        if self.several is None:
            return literal(self._prefix_of(self.import_id))
        return by_range(self.several, row, (literal(self._prefix_of(member.import_id)) for member in self.several))

    def is_own(self, prefix: str, row: str) -> str:
        """SQL condition that what has this prefix is of the import of a row, to be added to another one."""
        return "" if self.several is None else f" AND {prefix} = {self.record_prefix(row)}"

    def new_record_id(self, row: str) -> str:
        """SQL of the id of the record that a row creates: the same whenever the phase runs again."""
        own = f"{self.record_prefix(row)} || {self.row_in_file(row)}"
        if not self.spec.keep_ids:
            return own
        kept = f"(SELECT {KEPT_IDS}.id FROM {KEPT_IDS} WHERE {KEPT_IDS}.row_number = {row})"
        return f"coalesce({kept}, {own})"

    def _prefix_of(self, import_id: str) -> str:
        return record_prefix(self.spec.organization, self.record_type.name, import_id)

    @property
    def several(self) -> tuple[Member, ...] | None:
        """The imports of a batch of several, in their order; None where there is one."""
        return self.members.several

    def import_ids(self) -> list[str]:
        """The imports of the batch, in their order."""
        return [self.import_id] if self.several is None else [member.import_id for member in self.several]

    def leave(self, import_ids: Collection[str]) -> None:
        """Let imports leave a batch of several: what was found of their rows is forgotten."""
        left = [member for member in self.several or () if member.import_id in import_ids]
        if not left:
            return
        self.progress.left([member.import_id for member in left])
        members = self.members
        members.several = tuple(member for member in self.several or () if member.import_id not in import_ids)
        members.first_left = min(left[0].before + 1, members.first_left or left[0].before + 1)
        for table in ("typed_rows", "defects", "left_out", "plan"):
            if has_table(self.connection, table):
                self.execute(f"DELETE FROM {table} WHERE NOT {self.is_in_batch('row_number')}")


def record_prefix(organization: str, record_type: str, import_id: str) -> str:
    """How the ids of the records begin that an import creates; the number of the row follows."""
    import hashlib

    text = f"{organization}/{record_type}/{import_id}"
    return f"rec_{hashlib.sha256(text.encode()).hexdigest()[:16]}_"
