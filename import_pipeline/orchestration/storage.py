"""Dagster's own storage in the home folder: SQLite files whose connections stay open for the life of the process.

Dagster's stock SQLite storage opens an engine for every event and a new database for every run, which costs a run of
seven small phases more than a second. Here there is one database for runs, one for events and one for schedules.
`dagster.yaml` names the classes of this module; nothing else imports it.
"""

import fcntl
import math
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from dagster import EventLogEntry, Field, StringSource
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.sqlite.consolidated_sqlite_event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event, inspect

from import_pipeline.private_files import make_private
from import_pipeline.settings import Settings

_OPTIONAL_FOLDER = {"base_dir": Field(StringSource, is_required=False, description="By default <home>/dagster.")}
EVENTS_AT_ONCE = 1_000
PARTITIONS_SECONDS = 2.0
"""So long the keys of imports that were read count as those that there are, where another process may change them."""


_NO_PARTITION = ("", "", -math.inf)


_shared: ContextVar[Connection | None] = ContextVar("shared", default=None)
"""The connection whose transaction all statements of a batch of checks share."""


@dataclass(frozen=True)
class _Partitions:
    """The keys of one definition, as they were read."""

    read_at: float
    keys: list[str]
    present: frozenset[str]


def dagster_folder(config_value: dict[str, Any]) -> Path:
    """The folder that a class of this module is configured with; by default the one of the process settings.

    Every process of Dagster asks for it before it writes there, and keeps what it writes private from then on.
    """
    make_private()
    given = config_value.get("base_dir")
    return Path(given) if given else Settings().dagster_home  # pyright: ignore[reportCallIssue]


def _open_engine(url: str) -> Engine:
    engine = create_engine(url, max_overflow=-1, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def _do_not_flush_each_commit(connection: Any, _record: Any) -> None:
        # In WAL mode a crash of the process loses nothing; only a power cut can take the last events.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class _KeptEngine:
    """One engine for the life of the object, in place of one for each connection."""

    _conn_string: str

    @cached_property
    def _engine(self) -> Engine:
        return _open_engine(self._conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
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


class KeptRunStorage(_KeptEngine, SqliteRunStorage):
    """Runs, in one SQLite file."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Make the file where it is missing, and open it."""
        if _is_made(Path(base_dir) / "runs.db"):
            return cls(create_db_conn_string(base_dir, "runs"), inst_data)
        return super().from_local(base_dir, inst_data)


class KeptScheduleStorage(_KeptEngine, SqliteScheduleStorage):
    """Ticks of schedules and sensors, in one SQLite file."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> "KeptScheduleStorage":
        """Make the file where it is missing, and open it."""
        if _is_made(Path(base_dir) / "schedules.db"):
            return cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        made = SqliteScheduleStorage.from_local(base_dir)
        return cls(made._conn_string, inst_data)


class KeptEventLogStorage(_KeptEngine, ConsolidatedSqliteEventLogStorage):
    """Events of all runs, in one SQLite file. Who watches a run asks again and again, as with PostgreSQL."""

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        shared = _shared.get()
        if shared is not None:
            yield shared
            return
        with self.connect() as connection:
            yield connection

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events of one step in one transaction; of each asset only the last one is its latest."""
        latest: dict[Any, tuple[EventLogEntry, int]] = {}
        with self.connect() as connection:
            stored = [(entry, self._insert(connection, entry)) for entry in events]
            of_assets = [(entry, number) for entry, number in stored if _is_of_asset(entry)]
            if of_assets:
                self._store_asset_event_tags(connection, *map(list, zip(*of_assets, strict=True)))
            for entry, number in of_assets:
                latest[entry.get_dagster_event().asset_key] = (entry, number)
            for entry, number in latest.values():
                self._store_asset_event(connection, entry, number)
        with self.connect() as connection:
            before = _shared.set(connection)
            try:
                for entry, number in stored:
                    if entry.is_dagster_event and entry.dagster_event_type in ASSET_CHECK_EVENTS:
                        self.store_asset_check_event(entry, number)
            finally:
                _shared.reset(before)

    def _insert(self, connection: Connection, entry: EventLogEntry) -> int:
        inserted = connection.execute(self.prepare_insert_event(entry)).inserted_primary_key
        assert inserted is not None
        return inserted[0]

    def has_table(self, table_name: str) -> bool:
        """Whether the file holds a table; asked with each event, so the answer is kept."""
        return table_name in self._tables

    _seen = _NO_PARTITION
    """The key that was found last, and when: a run of one import asks for it dozens of times."""

    @cached_property
    def _tables(self) -> frozenset[str]:
        return frozenset(inspect(self._engine).get_table_names())

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return column_name in self._asset_key_columns

    @cached_property
    def _asset_key_columns(self) -> frozenset[str]:
        return frozenset(column["name"] for column in inspect(self._engine).get_columns("asset_keys"))

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of all imports; Dagster asks for them with each figure that a run of many imports tells of one."""
        known = self._partitions.get(partitions_def_name)
        if known is None or time.monotonic() - known.read_at > PARTITIONS_SECONDS:
            keys = list(super().get_dynamic_partitions(partitions_def_name))
            known = self._partitions[partitions_def_name] = _Partitions(time.monotonic(), keys, frozenset(keys))
        return known.keys

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether there is a key; one that was not there a moment ago is looked for."""
        known = self._partitions.get(partitions_def_name)
        is_fresh = known is not None and time.monotonic() - known.read_at <= PARTITIONS_SECONDS
        if known is not None and is_fresh and partition_key in known.present:
            return True
        name, key, seen_at = self._seen
        if (name, key) == (partitions_def_name, partition_key) and time.monotonic() - seen_at <= PARTITIONS_SECONDS:
            return True
        found = super().has_dynamic_partition(partitions_def_name, partition_key)
        if found:
            self._seen = (partitions_def_name, partition_key, time.monotonic())
        return found

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        """Add keys; those that are there stay as they are."""
        super().add_dynamic_partitions(partitions_def_name, partition_keys)
        self._partitions.pop(partitions_def_name, None)

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None:
        """Delete a key."""
        super().delete_dynamic_partition(partitions_def_name, partition_key)
        self._partitions.pop(partitions_def_name, None)
        self._seen = _NO_PARTITION

    @cached_property
    def _partitions(self) -> "dict[str, _Partitions]":
        return {}

    @cached_property
    def _watcher(self) -> SqlPollingEventWatcher:
        return SqlPollingEventWatcher(self)

    def watch(self, run_id: Any, cursor: Any, callback: Any) -> None:
        """Call back for each new event of a run."""
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: Any, handler: Any) -> None:
        """Call back no more."""
        self._watcher.unwatch_run(run_id, handler)

    def dispose(self) -> None:
        """Stop the watchers and close the connections."""
        if "_watcher" in self.__dict__:
            self._watcher.close()
        super().dispose()


def _is_of_asset(entry: EventLogEntry) -> bool:
    return bool(
        entry.is_dagster_event
        and entry.dagster_event_type in ASSET_EVENTS
        and entry.get_dagster_event().asset_key is not None
    )


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Dagster makes its tables without asking whether another process is just doing so."""
    with (folder / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class HomeStorage(DagsterStorage, ConfigurableClass):
    """Runs, events and schedules below one folder, by default `<home>/dagster`."""

    def __init__(self, folder: Path, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        # Dagster hands over the materializations of a step that took many imports together where this is set.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_AT_ONCE))
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder):
            self._runs = KeptRunStorage.from_local(str(folder / "runs"))
            self._events = KeptEventLogStorage(str(folder / "events"))
            self._schedules = KeptScheduleStorage.from_local(str(folder / "schedules"))
        super().__init__()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What dagster.yaml said."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the storage that dagster.yaml describes."""
        return cls(dagster_folder(config_value), inst_data)

    def register_instance(self, instance: Any) -> None:
        """Tell the three parts which instance they belong to."""
        super().register_instance(instance)
        for part in (self._runs, self._events, self._schedules):
            if not part.has_instance:
                part.register_instance(instance)

    @property
    def event_log_storage(self) -> KeptEventLogStorage:
        """Events of all runs."""
        return self._events

    @property
    def run_storage(self) -> KeptRunStorage:
        """Runs and their tags."""
        return self._runs

    @property
    def schedule_storage(self) -> KeptScheduleStorage:
        """Ticks of schedules and sensors."""
        return self._schedules

    def dispose(self) -> None:
        """Close the connections of the three parts."""
        for part in (self._events, self._runs, self._schedules):
            part.dispose()


class HomeComputeLogs(LocalComputeLogManager):
    """What runs print, below `<home>/dagster/compute_logs`."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the folder that dagster.yaml describes."""
        return cls(str(dagster_folder(config_value) / "compute_logs"), inst_data=inst_data)


class HomeArtifacts(LocalArtifactStorage):
    """Files that Dagster itself keeps, below `<home>/dagster`."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the folder that dagster.yaml describes."""
        return cls(str(dagster_folder(config_value)), inst_data=inst_data)
