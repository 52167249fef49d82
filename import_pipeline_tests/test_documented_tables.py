"""CONTRIBUTING.md lists every table: of a workspace with its columns, of the registry, and of published results."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

import import_pipeline
from import_pipeline import record_types
from import_pipeline.phases import running
from import_pipeline.phases.gathering import Payload
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.stores.record_tables import record_columns
from import_pipeline.stores.tables import metadata
from import_pipeline.stores.workspace import WORKSPACE_TABLES
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing

PACKAGE = Path(import_pipeline.__file__).parent
PAGE = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
HOOK = "(row) => row"
STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "contact",
        "External ID,Email,First name,Last name,Phone,Company,Tags,Groups\n"
        "1,ada@example.com,Ada,L,+1 212 555 0100,Acme,a;b,Team\n"
        "2,bob@example.com,Bob,,,Acme,c,\n"
        "2,bob@example.com,Bob,,,Acme,c,\n"
        ",,Ada,L,+1 212 555 0100,,,\n"
        "3,x@example.com; y@example.com,,,,Nowhere,n/a,#REF!\n",
        {},
    ),
    ("contact", "External ID,Email,Phone\n4,eva@example.com,+1 212 555 0104\n5,pia@example.com,\n", {}),
    ("contact", "External ID,Email\n4,pia@example.com\n5,eva@example.com\n", {}),
    ("contact", "Email,Phone,Last name\n,+1 212 555 0104,Olsen\n", {}),
    ("company", "External ID,Name,Parent external ID\nc1,Acme,\nc2,Other,c1\nc3,Third,c2\n", {}),
    ("company", "External ID,Name,Parent external ID\nc2,Other,\n", {"action": "overwrite", "confirm_deletions": True}),
    ("company", "External ID,Name,Parent external ID\nd1,One,d2\nd2,Two,d1\n", {}),
    ("contact", "External ID,Email\n1,ada@example.com\n9,new@example.com\n", {"action": "delete"}),
    (
        "contact",
        "id,email,extra,created_at,updated_at,created_by_import,updated_by_import\n"
        "rec_x,q@example.com,,2020-01-01,2020-01-01,imp_1,imp_1\n",
        {"keep_ids": True},
    ),
    (
        "contact",
        "External ID,Email,Phone\n7,seven@example.com,+1 212 555 0100\n7,other@example.com,\n8,seven@example.com,\n",
        {"duplicate_handling": "use_first", "row_hooks": (HOOK,)},
    ),
)
"""Imports that leave, all in all, every table that an import can leave."""
CORRECTION = pyarrow.table({"operation": [1], "row_number": [1], "column_name": ["Last name"], "text": ["Lovelace"]})
"""What a person corrects in the first of them."""

PEOPLE = ("people who look into a workspace", "whoever is given `Cells`")


def listed(heading: str) -> dict[str, list[str]]:
    """The lines of the table below a heading: its first cell → the others."""
    text = re.split(r"\n##+ ", PAGE.split(f"\n### {heading}\n", 1)[1], maxsplit=1)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {first: cells for first, *cells in lines[2:]}


TABLES = {name.removesuffix(" (view)"): cells for name, cells in listed("The workspace").items()}


@pytest.fixture(scope="module")
def left_tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Table → its columns, but for those of fields and cells, of all workspaces of the story."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    found: dict[str, set[str]] = {}
    for number, (name, text, asked) in enumerate(STORY):
        path = settings.home / f"{number}.csv"
        path.write_text(text)
        spec, record_type = ImportSpec(record_type=name, **asked), record_types.get(name)
        with duckdb.connect() as connection:
            connection.execute(WORKSPACE_TABLES)
            work = Work(connection, f"imp_{number}", spec, record_type, settings)
            given = CORRECTION if number == 0 else None
            work = running.run_prevalidation(work, iter([Payload(work.import_id, spec, path, given)])).work
            for phase in list(Phase)[1:]:
                work = running.run_phase(work, phase).work
            for table, column in connection.execute(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND database_name = 'memory'"
            ).fetchall():
                found.setdefault(table, set()).add(column)
    return found


def test_every_table_that_imports_leave_in_the_workspace_is_listed_with_its_columns(
    left_tables: dict[str, set[str]],
) -> None:
    of_records = {column for name in record_types.names() for column in record_columns(record_types.get(name))}
    for table, columns in left_tables.items():
        assert table in TABLES, table
        named = {word for word in TABLES[table][0].split(", ") if not re.search(r"…|^fields$|^record$", word)}
        own = {column for column in columns if not re.match(r"c\d+$|key_\d|second_\d|\w+ ", column)}
        assert own - of_records == named - of_records, table


def test_every_table_of_the_workspace_that_is_listed_is_one_that_imports_leave(
    left_tables: dict[str, set[str]],
) -> None:
    assert set(TABLES) - set(left_tables) == set()


@pytest.mark.parametrize("table", TABLES)
def test_who_makes_a_table_and_who_reads_it_names_it(table: str) -> None:
    _, makers, readers = TABLES[table]
    for module in f"{makers}, {readers}".replace("\\", "").split(", "):
        if module in PEOPLE:
            continue
        path = PACKAGE / f"{module}.py"
        path = path if path.exists() else PACKAGE / "phases" / f"{module}.py"
        assert re.search(rf"\b({table}|{table.upper()})\b|\b{table.split('_')[0]}_\{{", path.read_text("utf-8")), module


def test_every_table_of_the_registry_is_listed() -> None:
    assert set(listed("The registry")) == set(metadata.tables)


def test_the_columns_of_published_results_are_listed(importing: Importing) -> None:
    done = importing.run("External ID,Email\n1,ada@example.com\n2,bad\n")
    folder = importing.settings.home_path / "bucket" / "results" / done["id"]
    listing = listed("The published results")
    for path in folder.iterdir():
        columns = duckdb.execute(f"SELECT column_name FROM (DESCRIBE FROM read_parquet('{path}'))").fetchall()
        name = "defects" if "defects" in path.name else "rows"
        assert [column for (column,) in columns] == listing[name][0].split(", ")
    assert len(list(folder.iterdir())) == 2
