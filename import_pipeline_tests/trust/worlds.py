"""Random stores, files and specs, and the seven phases over them in memory: fast enough for property tests.

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
from hypothesis import strategies as st

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
from import_pipeline.sql import literal, quoted_list
from import_pipeline.stores.conversion import convert
from import_pipeline.stores.records import attached_store, store_path
from import_pipeline.stores.references import shown
from import_pipeline.stores.workspace import WORKSPACE_TABLES, reset_from
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    OnPossibleDuplicate,
    OnReferenced,
    Phase,
)

UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
BOOKKEEPING = ("created_at", "updated_at", "created_by_import", "updated_by_import", "digest")

# Few values, so that rows meet records and one another; some of them are wrong.
CELLS = {
    "contact": {
        "external_id": ["", "1", "2", "3", " 2 ", "-"],
        "email": ["", "a@example.com", "A@Example.com", "b@example.com", "c@example.com", "no address", "-"],
        "email_2": ["", "a@example.com", "C@example.com", "d@example.com", "-"],
        "phone": ["", "+1 555 0100", "15550100", "555-0101", "12", "-"],
        "first_name": ["", "Ann", "Bob", "A.", "-"],
        "last_name": ["", "Lee", "Moore"],
        "full_name": ["", "Cyd Lee"],
        "date_of_birth": ["", "1990-01-02", "1990-02-30"],
        "status": ["", "lead", "Kunde", "?"],
        "newsletter": ["", "yes", "unsubscribed"],
        "tags": ["", "red", "red;Blue;RED", " ; ", "-"],
        "groups": ["", "Team", "team;All", "Other", "-"],
        "source": ["", "Fair", "web"],
        "company_external_id": ["", "c1", "c2"],
        "company_name": ["", "Acme"],
        "Shoe size": ["", "38"],
    },
    "company": {
        "external_id": ["", "1", "2", "3", "4"],
        "domain": ["", "a.example.com", "A.example.com", "b.example.com", "not a domain"],
        "name": ["", "Acme", "ACME ", "Other  Ltd", "Other Ltd"],
        "employees": ["", "5", "five"],
        "parent_external_id": ["", "1", "2", "9", "-"],
        "tags": ["", "x;y"],
    },
    "group": {
        "external_id": ["", "1", "2", "3"],
        "name": ["", "Team", "TEAM", "All", "Other"],
        "kind": ["", "list", "-"],
    },
    "source": {
        "external_id": ["", "1", "2"],
        "name": ["", "Fair", "fair", "Web"],
        "kind": ["", "event"],
    },
}
CLEAR_TOKEN = "-"
_WRONG = {"no address", "12", "not a domain", "five"}
_RELATED = {
    "email_2", "first_name", "last_name", "newsletter", "tags", "groups", "source", "company_external_id",
    "company_name", "parent_external_id", "kind", "employees",
}  # fmt: skip
_LONG_AGO = datetime(2020, 1, 1)
MANDATORY = {
    "contact": ("external_id", "email", "phone"),
    "company": ("external_id", "domain", "name"),
    "group": ("external_id", "name"),
    "source": ("external_id", "name"),
}


@dataclass(frozen=True)
class File:
    """A file of one record type: its columns and rows of texts; ids are written `#n`, the nth stored record."""

    record_type: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@st.composite
def files(draw: st.DrawFn, record_type: str, most: int = 6, dense: bool = False) -> File:
    """A file of a few rows, in which rows may fail, repeat one another and name ids; a dense one meets others often."""
    cells = CELLS[record_type]
    columns = draw(st.lists(st.sampled_from(list(cells)), unique=True, min_size=1, max_size=3 if dense else 6))
    if not set(columns) & set(MANDATORY[record_type]):
        columns.append(draw(st.sampled_from(MANDATORY[record_type])))
    if dense:
        columns = ["external_id", *(column for column in columns if column != "external_id")]
    values = [st.sampled_from(cells[column]) for column in columns]
    if dense:
        values[0] = st.sampled_from(["1", "2", "3"])
    if draw(st.integers(0, 4)) == 0:
        columns.append("id")
        values.append(st.sampled_from(["", "", "#0", "#1", "#2", "rec_unknown"]))
    cells_of_row = st.tuples(*values)
    if dense:
        rows = draw(st.lists(cells_of_row, min_size=2, max_size=3, unique_by=lambda row: row[0]))
    else:
        rows = draw(st.lists(cells_of_row, min_size=1, max_size=most))
    return File(record_type, tuple(columns), tuple(rows))


@st.composite
def specs(draw: st.DrawFn, file: File) -> ImportSpec:
    """What could be asked of a file: all actions, strategies and handlings, tags, groups, references."""
    contact = file.record_type == "contact"
    given: dict[str, Any] = {
        "record_type": file.record_type,
        "action": draw(st.sampled_from(list(Action))),
        "duplicate_strategy": draw(st.sampled_from(list(DuplicateStrategy))),
        "duplicate_handling": draw(st.sampled_from(list(DuplicateHandling))),
        "invalid_data": draw(st.sampled_from([InvalidData.REMOVE_ROWS, InvalidData.NULL_CELLS])),
        "tag_delimiter": draw(st.sampled_from([None, ";"])),
        "keep_unmapped": draw(st.booleans()),
        "confirm_deletions": True,
        "create_missing": draw(st.sampled_from([(), ("group", "source"), ("company", "group", "source")])),
        "tags": draw(st.sampled_from([(), ("fair",)])) if contact else (),
        "groups": draw(st.sampled_from([(), ("Team",)])) if contact else (),
        "group_tags": draw(st.sampled_from([{}, {"Team": ("pal",)}])) if contact else {},
        "default_source": draw(st.sampled_from([None, "Web"])) if contact else None,
        "column_mapping": {name: name for name in file.columns if name != "Shoe size"},
        "clear_token": draw(st.sampled_from([None, CLEAR_TOKEN])),
        "on_referenced": draw(st.sampled_from(list(OnReferenced))),
        "on_possible_duplicate": draw(st.sampled_from(list(OnPossibleDuplicate))),
    }
    identifiers = [name for name in MANDATORY[file.record_type] if name in file.columns]
    if len(identifiers) > 1 and draw(st.integers(0, 3)) == 0:
        given["match_by"] = draw(st.sampled_from([(name,) for name in identifiers] + [tuple(reversed(identifiers))]))
    if given["action"] is Action.DELETE and not {"id", "external_id"} & set(file.columns):
        given["action"] = Action.MERGE
    if contact and given["groups"] and draw(st.integers(0, 3)) == 0:
        given["import_by_group"] = True
    if "status" in file.columns and draw(st.booleans()):
        given["value_mappings"] = {"status": {"Kunde": "customer"}}
    return ImportSpec(**given)


@st.composite
def imports(draw: st.DrawFn, record_type: str | None = None, dense: bool = False) -> tuple[File, ImportSpec]:
    """A file with what is asked of it."""
    some = st.sampled_from(["contact", "contact", "contact", "company", "company", "group", "source"])
    file = draw(files(record_type or draw(some), dense=dense))
    return file, draw(specs(file))


@st.composite
def successive_imports(draw: st.DrawFn) -> tuple[tuple[File, ImportSpec], tuple[File, ImportSpec]]:
    """Two imports of one record type that often mean the same records."""
    record_type = draw(st.sampled_from(["contact", "company"]))
    return draw(imports(record_type, dense=True)), draw(imports(record_type, dense=True))


@st.composite
def good_files(draw: st.DrawFn, record_type: str) -> File:
    """A file whose rows are right each by itself, full of identifiers: rows meet records and one another."""
    cells = CELLS[record_type]
    wanted = [name for name in cells if name in MANDATORY[record_type] or name in _RELATED]
    columns = draw(st.lists(st.sampled_from(wanted), unique=True, min_size=2, max_size=4))
    columns += [name for name in MANDATORY[record_type] if name not in columns and draw(st.integers(0, 2))]
    if not set(columns) & set(MANDATORY[record_type]):
        columns.append(MANDATORY[record_type][-1])
    no_clearing = {*MANDATORY[record_type], "email_2", "company_external_id", "parent_external_id"}
    values = [
        st.sampled_from(
            [one for one in cells[name] if one not in _WRONG and not (one == CLEAR_TOKEN and name in no_clearing)]
        )
        for name in columns
    ]
    rows = draw(st.lists(st.tuples(*values), min_size=2, max_size=4))
    return File(record_type, tuple(columns), tuple(rows))


@st.composite
def good_imports(draw: st.DrawFn, record_type: str) -> tuple[File, ImportSpec]:
    """A file of good rows with what is asked of it, most often that its records be created and updated."""
    file = draw(good_files(record_type))
    spec = draw(specs(file))
    if draw(st.integers(0, 3)):
        spec = spec.replaced(action=Action.MERGE, import_by_group=False)
    if spec.duplicate_strategy is DuplicateStrategy.SKIP:
        spec = spec.replaced(duplicate_strategy=DuplicateStrategy.MERGE)
    if draw(st.integers(0, 3)):
        spec = spec.replaced(create_missing=frozenset({"company", "group", "source"}))
    if draw(st.booleans()):
        spec = spec.replaced(duplicate_handling=DuplicateHandling.USE_FIRST)
    return file, spec


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[File, ImportSpec] | int]:
    """What happens to a store one after the other: imports, most of one record type, and undos of earlier ones."""
    usual = draw(st.sampled_from(["contact", "contact", "company", "group"]))
    kinds = st.sampled_from([usual, usual, usual, "contact", "company", "group", "source"])
    step = st.one_of(*[kinds.flatmap(good_imports)] * 4, imports(), st.integers(0, 1))
    return [draw(good_imports(usual)), *draw(st.lists(step, min_size=2, max_size=5))]


@st.composite
def records(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """What a store may hold before an import: some contacts, companies, groups and sources, by table."""
    some = st.sampled_from
    return {
        "contacts": draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "external_id": some(["1", "2", "3"]),
                        "email": some(["a@example.com", "B@example.com", "c@example.com"]),
                        "email_2": some(["c@example.com", "d@example.com"]),
                        "phone": some(["+1 555 0100", "555-0101"]),
                        "first_name": some(["Ann", "Bob"]),
                        "status": some(["lead", "customer"]),
                        "newsletter": some(["yes", "unsubscribed"]),
                        "tags": some([[], ["red"], ["blue", "red"]]),
                        "groups": some([["Team"], ["All", "team"]]),
                        "company_external_id": some(["c1", "c2"]),
                        "extra": some(['{"Shoe size":"40"}', '{"Hat":"7"}']),
                    },
                ),
                max_size=4,
            )
        ),
        "companies": draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "external_id": some(["1", "2", "c1", "9"]),
                        "domain": some(["a.example.com", "c.example.com"]),
                        "name": some(["Acme", "other ltd", "Third"]),
                        "employees": some([5, 6]),
                        "parent_external_id": some(["1", "9"]),
                    },
                ),
                max_size=3,
            )
        ),
        "groups": draw(st.lists(st.fixed_dictionaries({"name": some(["Team", "All"])}), max_size=1)),
        "sources": draw(st.lists(st.fixed_dictionaries({"name": some(["Fair", "WEB"])}), max_size=1)),
    }


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
        self.connection.execute("SET threads = 1; ATTACH ':memory:' AS store")
        with TemporaryDirectory() as home:
            self.settings = Settings(home=Path(home))
            with duckdb.connect() as other, attached_store(other, self.settings, "default", write=True):
                pass
            self.connection.execute(f"ATTACH {literal(str(store_path(self.settings, 'default')))} AS made")
            self.connection.execute("COPY FROM DATABASE made TO store; DETACH made")
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
