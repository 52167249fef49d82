"""Events of all runs of Dagster, written in batches, with the keys of imports kept at hand.

`KeptEvents` is what both storages share: the one in a SQLite file, here, and the one in PostgreSQL.
"""

import math
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dagster import AssetCheckEvaluation, EventLogEntry
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    DynamicPartitionsTable,
    SqlEventLogStorageMetadata,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sqlite.consolidated_sqlite_event_log import ConsolidatedSqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.dialects import sqlite

from import_pipeline.orchestration.kept_storage import KeptEngine

PARTITIONS_SECONDS = 2.0
"""So long the keys of imports that were read count as those that there are, where another process may change them."""


_CHECKS = AssetCheckExecutionsTable.c
_SUCCEEDED, _FAILED = AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED
_INSERT_EVENTS = SqlEventLogStorageTable.insert().returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)
_NO_PARTITION = ("", "", -math.inf)


_shared: ContextVar[Connection | None] = ContextVar("shared", default=None)
"""The connection whose transaction all statements of a batch of checks share."""


@dataclass(frozen=True)
class _Partitions:
    """The keys of one definition, as they were read."""

    read_at: float
    keys: list[str]
    present: frozenset[str]


class KeptEvents(SqlEventLogStorage):
    """Events of all runs, in the database of the storage that it is mixed into: that gives connections and dialect."""

    @abstractmethod
    def connect(self) -> AbstractContextManager[Connection]:
        """A connection whose transaction ends with the block."""

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        shared = _shared.get()
        if shared is not None:
            yield shared
            return
        with self._own_connection() as connection:
            yield connection

    def _own_connection(self) -> AbstractContextManager[Connection]:
        """What a statement gets that shares none: by default one whose transaction ends with the block."""
        return self.connect()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events of one step in one transaction; of each asset only the last one is its latest."""
        latest: dict[Any, tuple[EventLogEntry, int]] = {}
        rows = [self._event_to_row(entry) for entry in events]
        with self.connect() as connection:
            numbers = self._insert_events(connection, rows)
            stored = list(zip(events, numbers, strict=True))
            of_assets = [(entry, number) for entry, number in stored if _is_of_asset(entry)]
            if of_assets:
                self._store_asset_event_tags(connection, *map(list, zip(*of_assets, strict=True)))
            for entry, number in of_assets:
                latest[entry.get_dagster_event().asset_key] = (entry, number)
            for entry, number in latest.values():
                self._store_asset_event(connection, entry, number)
        checks = [
            (entry, number, row["event"])
            for (entry, number), row in zip(stored, rows, strict=True)
            if entry.is_dagster_event and entry.dagster_event_type in ASSET_CHECK_EVENTS
        ]
        with self.connect() as connection:
            before = _shared.set(connection)
            try:
                self._store_checks(connection, checks)
            finally:
                _shared.reset(before)

    def _insert_events(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
        """Insert events; gives their numbers."""
        return connection.execute(_INSERT_EVENTS, rows).scalars().all()

    def _store_checks(self, connection: Connection, events: Sequence[tuple[EventLogEntry, int, str]]) -> None:
        """Store events of checks, given with their numbers and texts.

        Dagster looks for the row that planned each of them; here these are read once for each check. Whatever was not
        planned, as in a run of many imports, is inserted at once; of a check of one partition the last result counts.
        """
        planned: dict[tuple[str, str, str], set[str | None]] = {}
        unplanned: dict[tuple[Any, ...], dict[str, Any]] = {}
        for entry, number, text in events:
            told = entry.get_dagster_event().event_specific_data
            if not isinstance(told, AssetCheckEvaluation) or told.target_materialization_data or not entry.run_id:
                self.store_asset_check_event(entry, number)
                continue
            check = told.asset_key.to_string(), told.check_name, entry.run_id
            if check not in planned:
                of_check = (_CHECKS.asset_key == check[0]) & (_CHECKS.check_name == check[1])
                found = connection.execute(select(_CHECKS.partition).where(of_check, _CHECKS.run_id == check[2]))
                planned[check] = set(found.scalars())
            if told.partition in planned[check]:
                self.store_asset_check_event(entry, number)
                continue
            unplanned[(*check, told.partition)] = {
                "asset_key": check[0],
                "check_name": told.check_name,
                "run_id": entry.run_id,
                "partition": told.partition,
                "execution_status": (_SUCCEEDED if told.passed else _FAILED).value,
                "evaluation_event": text,
                "evaluation_event_timestamp": self._event_insert_timestamp(entry),
                "evaluation_event_storage_id": number,
            }
        if unplanned:
            connection.execute(AssetCheckExecutionsTable.insert(), list(unplanned.values()))

    def has_table(self, table_name: str) -> bool:
        """Whether the file holds a table; asked with each event, so the answer is kept."""
        return table_name in self._tables

    _seen = _NO_PARTITION
    """The key that was found last, and when: a run of one import asks for it dozens of times."""

    @cached_property
    def _tables(self) -> frozenset[str]:
        with self.connect() as connection:
            return frozenset(inspect(connection).get_table_names())

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return column_name in self._asset_key_columns

    @cached_property
    def _asset_key_columns(self) -> frozenset[str]:
        with self.connect() as connection:
            return frozenset(column["name"] for column in inspect(connection).get_columns("asset_keys"))

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


class KeptEventLogStorage(KeptEngine, KeptEvents, ConsolidatedSqliteEventLogStorage):
    """Events of all runs, in one SQLite file. Who watches a run asks again and again, as with PostgreSQL."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self.make_once(SqlEventLogStorageMetadata, (self.reindex_events, self.reindex_assets))

    def _init_db(self) -> None:
        """Left to `make_once`."""

    def _insert_events(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
        """See `KeptEvents`. Asked for their numbers, SQLite takes a statement for each row.

        Whoever inserts is the only writer until the transaction ends, so that the numbers follow one another.
        """
        if not rows:
            return []
        connection.execute(SqlEventLogStorageTable.insert(), list(rows))
        last = connection.execute(select(func.last_insert_rowid())).scalar_one()
        return range(last - len(rows) + 1, last + 1)

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        """See `KeptEvents`. Dagster looks what there is before it inserts, and fails where another process was faster.

        That happens: each daemon of a home makes the imports known that it sees waiting.
        """
        new = [{"partitions_def_name": partitions_def_name, "partition": key} for key in partition_keys]
        if new:
            with self.connect() as connection:
                connection.execute(sqlite.insert(DynamicPartitionsTable).on_conflict_do_nothing(), new)
        self._partitions.pop(partitions_def_name, None)

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
