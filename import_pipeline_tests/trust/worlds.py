"""The seven phases over random files in memory: fast enough for property tests.

A world keeps one record store; `predict` plans an import as a dry run does, `carry_out` does what was planned.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck

from import_pipeline import record_types
from import_pipeline.intake import Reading
from import_pipeline.phases import (
    p1_prevalidation,
    p2_preparsing,
    p3_transforming,
    p4_parsing,
    p5_validation,
    p6_processing,
    p7_cleanup,
)
from import_pipeline.phases.differences import planned_rows, rows_with_changes
from import_pipeline.phases.results import ROWS_ORDER
from import_pipeline.phases.undo import Undone, apply_undo
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.sql import quoted_list
from import_pipeline.stores.conversion import convert
from import_pipeline.stores.record_tables import STORE
from import_pipeline.stores.records import attached_store
from import_pipeline.stores.references import shown
from import_pipeline.stores.workspace import WORKSPACE_TABLES, reset_from
from import_pipeline.words import (
    Phase,
)
from import_pipeline_tests.trust.random_imports import File

UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
_LONG_AGO = datetime(2020, 1, 1)
BOOKKEEPING = ("created_at", "updated_at", "created_by_import", "updated_by_import", "digest")


@dataclass
class Line:
    """What is said of one row: its outcome, its record and the fields that change."""

    row_number: int | None
    record_id: str | None
    outcome: str
    changes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


class World:
    """One record store in memory, emptied for every example."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1; ATTACH ':memory:' AS made")
        with TemporaryDirectory() as home:
            self.settings = Settings(home=Path(home))
            with attached_store(self.connection, self.settings, "default", write=True):
                self.connection.execute(f"COPY FROM DATABASE {STORE} TO made")
        self.connection.execute(f"ATTACH ':memory:' AS {STORE}; COPY FROM DATABASE made TO {STORE}; DETACH made")
        self.connection.execute(WORKSPACE_TABLES)
        self.imports = 0
        self.types: dict[str, str] = {}

    def empty(self) -> None:
        """Forget everything that is stored."""
        tables = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' AND estimated_size > 0"
        ).fetchall()
        for (table,) in tables:
            self.connection.execute(f'DELETE FROM store.main."{table}"')
        self.imports = 0

    def fill(self, stored: dict[str, list[dict[str, Any]]]) -> None:
        """Put records into an empty store, as somebody else left them."""
        self.empty()
        for table, rows in stored.items():
            for number, row in enumerate(rows, start=1):
                known = {
                    "id": f"rec_{table}_{number}",
                    "created_at": _LONG_AGO,
                    "updated_at": _LONG_AGO,
                    "created_by_import": "imp_0",
                    "updated_by_import": "imp_0",
                } | row
                self.connection.execute(
                    f'INSERT INTO store.main."{table}" ({quoted_list(known)}) VALUES ({", ".join("?" for _ in known)})',
                    list(known.values()),
                )
        convert(self.connection, [record_types.get(name) for name in record_types.names()], 0)  # names become ids

    def predict(self, file: File, spec: ImportSpec) -> Work:
        """Phases 1 to 5, as a dry run does them."""
        self.imports += 1
        self.types[self.latest] = file.record_type
        work = Work(self.connection, self.latest, spec, record_types.get(file.record_type), self.settings)
        self._lay_out(file)
        reset_from(self.connection, Phase.PREVALIDATION)
        work = p1_prevalidation.map_columns(work, Reading("csv", columns=file.columns))
        p1_prevalidation.validate(work)
        p2_preparsing.run(work)
        p3_transforming.run(work)
        p4_parsing.run(work)
        p5_validation.run(work)
        return work

    def carry_out(self, work: Work) -> None:
        """Phases 6 and 7."""
        p6_processing.run(work)
        p7_cleanup.run(work)

    def run(self, file: File, spec: ImportSpec) -> Work:
        """All phases."""
        work = self.predict(file, spec)
        self.carry_out(work)
        return work

    def undo(self, import_id: str, undid: str | None = None) -> dict[str, tuple[str, str | None]]:
        """Undo an import, which may be an undo of `undid`; gives outcome and reason by record id."""
        self.imports += 1
        spec = ImportSpec(record_type=self.types[import_id])
        self.types[self.latest] = spec.record_type
        work = Work(self.connection, self.latest, spec, record_types.get(spec.record_type), self.settings)
        apply_undo(work, Undone(import_id, undid))
        self.connection.execute("DROP TABLE touched")
        outcomes = work.execute("SELECT record_id, action, reason FROM plan").fetchall()
        return {record_id: (action, reason) for record_id, action, reason in outcomes}

    @property
    def latest(self) -> str:
        """The id of the latest import."""
        return f"imp_{self.imports}"

    def lines(self, work: Work) -> list[Line]:
        """What the differences say of every row."""
        return [
            Line(
                line["row_number"],
                line["record_id"],
                line["outcome"],
                {change["field"]: (change["before"], change["after"]) for change in line["changes"]},
            )
            for line in work.dictionaries(
                f"{rows_with_changes(work.connection, planned_rows(work))} ORDER BY {ROWS_ORDER}"
            )
        ]

    def stored(self, table: str, without: Iterable[str] = BOOKKEEPING) -> dict[str, dict[str, Any]]:
        """The records of a table by id, values as people see them, as text, empty ones left out."""
        (record_type,) = [
            record_types.get(name) for name in record_types.names() if record_types.table_of(name) == table
        ]
        return self._found(shown(record_type, f'SELECT * FROM store.main."{table}"'), without)

    def _found(self, select: str, without: Iterable[str]) -> dict[str, dict[str, Any]]:
        cursor = self.connection.execute(f"SELECT * FROM ({select}) ORDER BY id")
        names = [column[0] for column in cursor.description]
        dropped = {"id", *without}
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        assert len({row["id"] for row in found}) == len(found), "two records share an id"
        return {
            row["id"]: {name: _text(value) for name, value in row.items() if value is not None and name not in dropped}
            for row in found
        }

    def everything(self, without: Iterable[str] = ()) -> dict[str, dict[str, dict[str, Any]]]:
        """All records of all record types as they are kept, bookkeeping included unless it is left out."""
        names = ("contact", "company", "group", "source")
        selects = {name: f'SELECT * FROM store.main."{record_types.table_of(name)}"' for name in names}
        return {name: self._found(select, without) for name, select in selects.items()}

    def _lay_out(self, file: File) -> None:
        """Put a file into the workspace as intake does."""
        ids = sorted(self.stored(record_types.table_of(file.record_type)))
        names = [f"c{place}" for place in range(1, len(file.columns) + 1)]
        self.connection.execute(
            f"CREATE OR REPLACE TABLE source_text ({', '.join(f'{name} VARCHAR' for name in names)})"
        )
        places = ", ".join("?" for _ in names)
        for row in file.rows:
            self.connection.execute(f"INSERT INTO source_text VALUES ({places})", _with_ids(row, ids))
        self.connection.execute(
            "CREATE OR REPLACE TABLE source_columns"
            " (position INTEGER, name VARCHAR, column_name VARCHAR, field VARCHAR)"
        )
        for position, (name, column) in enumerate(zip(file.columns, names, strict=True), start=1):
            self.connection.execute("INSERT INTO source_columns VALUES (?, ?, ?, NULL)", [position, name, column])


def _with_ids(row: Sequence[str], ids: Sequence[str]) -> list[str | None]:
    return [
        (ids[int(cell[1:])] if int(cell[1:]) < len(ids) else "rec_unknown") if cell.startswith("#") else cell or None
        for cell in row
    ]


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, list) else str(value)
