"""`import-pipeline snapshot` and the asset `record_snapshots`: records for those who read them beside imports."""

import threading
from pathlib import Path

import duckdb

from import_pipeline.home import Home
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.local_bucket import LocalBucket
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


class SlowBucket(LocalBucket):
    """A folder to which bringing a file takes until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.go_on = threading.Event(), threading.Event()

    def _upload(self, path: Path, key: str) -> StoredObject:
        self.asked.set()
        assert self.go_on.wait(20)
        return super()._upload(path, key)


def test_of_two_snapshots_taken_at_once_the_older_is_not_put_over_the_newer(importing: Importing) -> None:
    importing.run(PEOPLE)
    slow = Home(importing.settings)
    slow.bucket = bucket = SlowBucket(importing.settings.local_bucket)
    older = threading.Thread(target=snapshots.take, args=(slow, "default", "contact"))
    older.start()
    assert bucket.asked.wait(20)
    importing.run("email,first_name\nann@example.com,Anna\n", duplicate_strategy="overwrite")
    newer = threading.Thread(target=snapshots.take, args=(importing.home, "default", "contact"))
    newer.start()
    newer.join(0.5)
    bucket.go_on.set()
    older.join(20)
    newer.join(20)
    assert read(importing.settings, "contacts")[0] == ("ann@example.com", "Anna")
