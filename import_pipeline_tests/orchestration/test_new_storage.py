"""Dagster's tables in a new home: the same that Dagster itself makes, however their making ended."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from dagster._core.storage.event_log.sqlite.consolidated_sqlite_event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage

from import_pipeline.orchestration.storage import HomeStorage

FILES = {"runs": "runs", "events": "event_log", "schedules": "schedules"}


def _file(folder: Path, part: str) -> Path:
    return folder / part / f"{FILES[part]}.db"


def _held(file: Path) -> tuple[dict[str, tuple[str, ...]], list[str], str]:
    """What is in a file: the statements of its tables and indexes, its marks, and how it is written."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT name, type, tbl_name, sql FROM sqlite_master").fetchall()
        marks = [name for (name,) in connection.execute("SELECT name FROM secondary_indexes ORDER BY name")]
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    return {name: (kind, of, " ".join((sql or "").split())) for name, kind, of, sql in made}, marks, mode


def _revisions(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [revision for (revision,) in connection.execute("SELECT version_num FROM alembic_version")]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that Dagster's stock storage makes."""
    folder = tmp_path_factory.mktemp("stock")
    SqliteRunStorage.from_local(str(folder / "runs"))
    ConsolidatedSqliteEventLogStorage(str(folder / "events"))
    SqliteScheduleStorage.from_local(str(folder / "schedules"))
    return folder


@pytest.mark.parametrize("part", FILES)
def test_a_new_home_has_the_tables_marks_and_revision_that_dagster_itself_makes(stock: Path, tmp_path: Path, part: str):
    HomeStorage(tmp_path).dispose()
    assert _held(_file(tmp_path, part)) == _held(_file(stock, part))
    assert _revisions(_file(tmp_path, part)) == _revisions(_file(stock, "runs")) != []


@pytest.mark.parametrize("part", FILES)
@pytest.mark.parametrize("killed", ["before its tables", "before its marks", "before its revision"])
def test_what_a_process_that_was_killed_left_half_made_is_made_whole(
    stock: Path, tmp_path: Path, part: str, killed: str
):
    HomeStorage(tmp_path).dispose()
    file = _file(tmp_path, part)
    if killed == "before its tables":
        file.write_bytes(b"")
    else:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DROP TABLE alembic_version")
            if killed == "before its marks":
                connection.execute("DELETE FROM secondary_indexes")
    HomeStorage(tmp_path).dispose()
    assert _held(file) == _held(_file(stock, part))
    assert _revisions(file) == _revisions(_file(stock, "runs"))


def test_a_home_of_an_earlier_version_keeps_the_revision_that_it_has(tmp_path: Path):
    ConsolidatedSqliteEventLogStorage(str(tmp_path / "events"))
    before = _revisions(_file(tmp_path, "events"))
    HomeStorage(tmp_path).dispose()
    assert _revisions(_file(tmp_path, "events")) == before
