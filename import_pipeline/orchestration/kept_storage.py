"""Runs and schedules of Dagster in SQLite files whose connections stay open for the life of the process.

Dagster's stock SQLite storage opens an engine for every event and asks Alembic at each opening.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from dagster._core.storage.runs.schema import RunStorageSqlMetadata
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.schema import ScheduleStorageSqlMetadata
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, MetaData, create_engine, event

from import_pipeline.orchestration.new_storage import is_made, make_tables
from import_pipeline.orchestration.one_writer import OneWriter


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

    def make_once(self, tables: MetaData, marks: Iterable[Callable[[], None]]) -> None:
        """Make the tables where the file has none; `marks` note in them that nothing older is to be changed."""
        file = Path(str(self._engine.url.database))
        if not is_made(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            make_tables(self._engine, tables, marks)

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


class KeptRunStorage(OneWriter, KeptEngine, SqliteRunStorage):
    """Runs, in one SQLite file, in which one process at a time writes."""

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with KeptEngine.connect(self) as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def _alone_with(self, run_id: str) -> AbstractContextManager[Connection]:
        return self._alone()

    def get_run_storage_id(self) -> str:
        """What tells this storage from others; whoever asks first gives it."""
        with self.as_only_writer(self._alone()):
            return super().get_run_storage_id()

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Make the file where it is missing, and open it."""
        storage = cls(create_db_conn_string(base_dir, "runs"), inst_data)
        storage.make_once(RunStorageSqlMetadata, (storage.migrate, storage.optimize))
        return storage


class KeptScheduleStorage(KeptEngine, SqliteScheduleStorage):
    """Ticks of schedules and sensors, in one SQLite file."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Make the file where it is missing, and open it."""
        storage = cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        storage.make_once(ScheduleStorageSqlMetadata, (storage.migrate, storage.optimize))
        return storage
