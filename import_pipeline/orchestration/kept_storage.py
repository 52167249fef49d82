"""Runs and schedules of Dagster in SQLite files whose connections stay open for the life of the process.

Dagster's stock SQLite storage opens an engine for every event and asks Alembic at each opening.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event


def _open_engine(url: str) -> Engine:
    engine = create_engine(url, max_overflow=-1, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def _do_not_flush_each_commit(connection: Any, _record: Any) -> None:
        # In WAL mode a crash of the process loses nothing; only a power cut can take the last events.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class KeptEngine:
    """One engine for the life of the object, in place of one for each connection."""

    _conn_string: str

    @cached_property
    def _engine(self) -> Engine:
        return _open_engine(self._conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection whose transaction ends with the block."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _is_made(file: Path) -> bool:
    """Whether Dagster has made its tables in a file. It asks Alembic at each opening, which costs as much as a run."""
    if not file.exists():
        return False
    with closing(sqlite3.connect(file, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0] > 0
        except sqlite3.OperationalError:
            return False


class KeptRunStorage(KeptEngine, SqliteRunStorage):
    """Runs, in one SQLite file."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Make the file where it is missing, and open it."""
        if _is_made(Path(base_dir) / "runs.db"):
            return cls(create_db_conn_string(base_dir, "runs"), inst_data)
        return super().from_local(base_dir, inst_data)


class KeptScheduleStorage(KeptEngine, SqliteScheduleStorage):
    """Ticks of schedules and sensors, in one SQLite file."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> "KeptScheduleStorage":
        """Make the file where it is missing, and open it."""
        if _is_made(Path(base_dir) / "schedules.db"):
            return cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        made = SqliteScheduleStorage.from_local(base_dir)
        return cls(made._conn_string, inst_data)
