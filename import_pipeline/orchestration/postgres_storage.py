"""Dagster's own storage in PostgreSQL, for several hosts: its connections stay open for the life of the process.

Dagster's stock storage connects anew for every statement, which costs a run of seven small phases more than a second,
and takes one driver alone, which SQLAlchemy 2.1 no longer means by `postgresql://`. `dagster.celery.yaml` and
`dagster.kubernetes.yaml` name the class; nothing else imports this module.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

import sqlalchemy.pool
from dagster import Field, IntSource, StringSource
from dagster._core.storage.runs.schema import RunsTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.utils import create_pg_connection, create_pg_engine
from sqlalchemy import Connection, Engine, make_url, select, text
from sqlalchemy.exc import ArgumentError

from import_pipeline.errors import SettingsError
from import_pipeline.orchestration.event_log import KeptEvents
from import_pipeline.orchestration.one_writer import OneWriter
from import_pipeline.orchestration.storage import EVENTS_AT_ONCE
from import_pipeline.orchestration.storage_parts import StorageOfParts
from import_pipeline.stores import keepalives

CONNECTIONS = 4
"""How many connections a process holds open: its threads are few, and further ones are closed after use."""
_CREATION_LOCK = 0x1A9012
"""PostgreSQL advisory lock under which one process makes what Dagster keeps once."""
_DRIVER = "postgresql+psycopg2"
_SETTING = "IMPORT_PIPELINE_DAGSTER_STORAGE_URL"


class KeptPostgresRuns(OneWriter, PostgresRunStorage):
    """Runs, each written by one process at a time."""

    @contextmanager
    def _alone_with(self, run_id: str) -> Iterator[Connection]:
        with _transaction(self._engine) as connection:
            connection.execute(select(RunsTable.c.run_id).where(RunsTable.c.run_id == run_id).with_for_update())
            yield connection

    def get_run_storage_id(self) -> str:
        """What tells this storage from others; whoever asks first gives it."""
        with _first_come(self._engine):
            return super().get_run_storage_id()


class KeptPostgresEvents(KeptEvents, PostgresEventLogStorage):
    """Events of all runs, of whatever kinds, written in batches; the stock storage takes batches of few kinds only."""

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection whose transaction ends with the block."""
        with _transaction(self._engine) as connection:
            yield connection

    def _own_connection(self) -> AbstractContextManager[Connection]:
        return create_pg_connection(self._engine)  # the stock storage begins transactions where it wants them


class PostgresStorage(StorageOfParts):
    """Runs, events and schedules in one PostgreSQL database.

    Args:
        url: `postgresql://user:password@host/database`, whatever driver it names.
        connections: How many connections a process holds open.
        inst_data: What dagster.yaml said.
    """

    def __init__(
        self, url: str, connections: int = CONNECTIONS, inst_data: ConfigurableClassData | None = None
    ) -> None:
        # Dagster hands over the materializations of a step that took many imports together where this is set.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_AT_ONCE))
        address = address_of(url)
        self._engine = _kept_engine(address, connections)
        with _first_come(self._engine):
            runs, events = KeptPostgresRuns(address), KeptPostgresEvents(address)
            schedules = PostgresScheduleStorage(address)
        for part in (runs, events, schedules):
            part._engine = self._engine
        super().__init__(runs, events, schedules, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return {
            "postgres_url": Field(StringSource, description="postgresql://user:password@host/database"),
            "connections": Field(IntSource, is_required=False, default_value=CONNECTIONS),
        }

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the storage that dagster.yaml describes."""
        return cls(config_value["postgres_url"], config_value["connections"], inst_data)

    def dispose(self) -> None:
        """Close all connections."""
        super().dispose()
        self._engine.dispose()


def address_of(url: str) -> str:
    """The URL with the driver that Dagster's statements are written for.

    Raises:
        SettingsError: It is no URL of PostgreSQL.
    """
    try:
        parsed = make_url(url)
        is_postgres = parsed.get_backend_name() == "postgresql"
    except (ArgumentError, ValueError):
        is_postgres = False
    if not is_postgres:  # the text itself is not repeated: it may hold a password
        raise SettingsError(f"{_SETTING} must look like postgresql://user:password@host/database.")
    return make_url(url).set(drivername=_DRIVER).render_as_string(hide_password=False)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with create_pg_connection(engine) as opened:
        connection = opened.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            yield connection


@contextmanager
def _first_come(engine: Engine) -> Iterator[None]:
    """Let one process at a time make what is missing: Dagster's own retries know only some of what goes wrong there."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _CREATION_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _CREATION_LOCK})


def _kept_engine(address: str, connections: int) -> Engine:
    engine = create_pg_engine(
        address,
        isolation_level="AUTOCOMMIT",
        poolclass=sqlalchemy.pool.QueuePool,
        pool_size=connections,
        max_overflow=-1,
        pool_pre_ping=True,  # Dagster repeats no statement: a connection that broke while it was idle is not used
        connect_args=keepalives.options_of(make_url(address)),
    )
    keepalives.tell_server(engine)
    return engine
