"""Runs of Dagster that one process at a time writes, in whatever database they are kept.

Dagster reads a run, then writes it with one thing changed: of two processes that do so at once, the second would take
back what the first has changed. Here it waits for the first, and reads what is there then.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime

from dagster._core.events import DagsterEvent
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage
from sqlalchemy import Connection

_alone: ContextVar[Connection | None] = ContextVar("alone", default=None)
"""The connection of a thread that reads and writes what nobody else writes meanwhile."""


class OneWriter(SqlRunStorage):
    """To be named before the storage that it is made of."""

    @abstractmethod
    def _alone_with(self, run_id: str) -> AbstractContextManager[Connection]:
        """A transaction in which nobody else writes a run."""

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection; within `as_only_writer` that of its transaction."""
        alone = _alone.get()
        if alone is not None:
            yield alone
            return
        with super().connect() as connection:
            yield connection

    @contextmanager
    def as_only_writer(self, transaction: AbstractContextManager[Connection]) -> Iterator[None]:
        """Do all that the block asks of the storage in one transaction, in which nobody else writes."""
        with transaction as connection:
            before = _alone.set(connection)
            try:
                yield
            finally:
                _alone.reset(before)

    def handle_run_event(self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None) -> None:
        """Note what an event says of the status of its run."""
        with self.as_only_writer(self._alone_with(run_id)):
            super().handle_run_event(run_id, event, update_timestamp)

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        """Give a run tags, in the place of those with the same names."""
        with self.as_only_writer(self._alone_with(run_id)):
            super().add_run_tags(run_id, new_tags)
