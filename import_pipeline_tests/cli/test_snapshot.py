"""`import-pipeline snapshot` and the asset `record_snapshots`: records for those who read them beside imports."""

import duckdb

from import_pipeline.service import snapshots
from import_pipeline.settings import Settings
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.importing import Importing

PEOPLE = "email,first_name,groups\nann@example.com,Ann,Walkers\nbob@example.com,Bob,\n"


def read(settings: Settings, table: str, organization: str = "default") -> list[tuple]:
    path = settings.local_bucket / "snapshots" / organization / f"{table}.parquet"
    return duckdb.sql(f"SELECT email, first_name FROM '{path}' ORDER BY email").fetchall()


def test_a_snapshot_holds_the_records_as_they_are_now(importing: Importing, terminal: Terminal) -> None:
    importing.run(PEOPLE)
    importing.run("email,first_name\nann@example.com,Anna\n", duplicate_strategy="overwrite", organization="acme")
    told = terminal.run("snapshot").stdout
    assert "snapshots/acme/contacts.parquet" in told
    assert "snapshots/default/contacts.parquet  2 rows" in told
    assert read(importing.settings, "contacts") == [("ann@example.com", "Ann"), ("bob@example.com", "Bob")]
    importing.run("email,first_name\nann@example.com,Anna\n", duplicate_strategy="overwrite")
    terminal.run("snapshot", "contact", "--organization", "default")
    assert read(importing.settings, "contacts")[0] == ("ann@example.com", "Anna")
    assert read(importing.settings, "contacts", "acme") == [("ann@example.com", "Anna")]


def test_a_snapshot_that_somebody_holds_open_keeps_no_import_waiting(importing: Importing) -> None:
    importing.run(PEOPLE)
    snapshots.take(importing.home, "default", "contact")
    path = importing.settings.local_bucket / "snapshots/default/contacts.parquet"
    with path.open("rb"), duckdb.connect() as notebook:
        held = notebook.execute(f"SELECT * FROM '{path}'")
        assert importing.run("email\ncyd@example.com\n")["created_count"] == 1
        assert len(held.fetchall()) == 2


def test_only_tables_that_changed_are_named_since_a_moment(importing: Importing) -> None:
    importing.run(PEOPLE)
    importing.run("email\nann@example.com\n", organization="other", dry_run=True)
    assert snapshots.tables_with_records(importing.home) == [("default", "contact"), ("default", "group")]
    assert snapshots.tables_with_records(importing.home, importing.home.registry.now() + 60) == []
