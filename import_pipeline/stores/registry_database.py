"""The database of the registry: its address, an engine for it, and its tables, made at once or brought up to date.

What differs between SQLite and PostgreSQL until a database is open belongs here; Alembic is loaded where an earlier
version made the tables.
"""

import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_engine,
    create_mock_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from import_pipeline.errors import RegistryError, SettingsError
from import_pipeline.stores import keepalives
from import_pipeline.stores.migrations import HEAD
from import_pipeline.stores.tables import metadata

WRITING = "registry_writing"
"""The option of a connection that is about to write."""
LOCK_SECONDS = 30.0
"""How long a writer waits for the writers before it (SQLite)."""
_MIGRATION_LOCK = 0x1A9011
"""PostgreSQL advisory lock under which one process migrates."""
_ONE_STATE = "SERIALIZABLE"
"""Isolation of transactions for writing (PostgreSQL): as with SQLite, each is as if there were no other."""
_IN_MEMORY = (None, "", ":memory:")
_DRIVER = "postgresql+psycopg"
POOL = 10
"""How many connections a process has to PostgreSQL at most, where no setting says it."""
_versions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The table in which Alembic notes the revision, as it makes it."""


def checked_url(address: str | URL) -> URL:
    """The URL of a registry.

    Raises:
        SettingsError: It is no file of SQLite and no PostgreSQL.
    """
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend, url = "", None
    if url is None or backend not in ("sqlite", "postgresql") or (backend == "sqlite" and url.database in _IN_MEMORY):
        # The text itself is not repeated: it may hold a password.
        raise SettingsError(
            "IMPORT_PIPELINE_REGISTRY_URL must look like sqlite:////folder/registry.sqlite or "
            "postgresql://user:password@host/database.",
            backend=backend,
        )
    return url if backend == "sqlite" else url.set(drivername=_DRIVER)


def is_sqlite(url: URL) -> bool:
    """Whether the database is a file of this machine."""
    return url.get_backend_name() == "sqlite"


def address_of(url: URL) -> str:
    """The URL without password and options, for messages; a file's path as people write it."""
    if is_sqlite(url):
        return f"sqlite:///{url.database}"
    return url.set(query={}).render_as_string(hide_password=True)


def open_engine(url: URL, pool: int = POOL, lock_seconds: float = LOCK_SECONDS) -> Engine:
    """An engine for a database whose tables are those of this program, made or migrated where they were not.

    Args:
        url: A checked URL.
        pool: How many connections it has to PostgreSQL at most; never more than the server takes.
        lock_seconds: How long a statement waits for the lock of somebody else (SQLite).

    Raises:
        SettingsError: A driver is missing, or a newer program made the tables.
        RegistryError: The folder of the file cannot be made.
        DBAPIError: The database does not answer.
    """
    engine = _made(url, pool, lock_seconds)
    try:
        if not is_sqlite(url) and (taken := _taken_by(engine)) < pool:
            engine.dispose()
            engine = _made(url, taken, lock_seconds)
        _bring_up_to_date(engine)
    except BaseException:  # an interruption, too, leaves no open engine
        engine.dispose()
        raise
    return engine


def _made(url: URL, pool: int, lock_seconds: float) -> Engine:
    try:
        if not is_sqlite(url):
            # A connection that broke while it was idle is noticed by the first statement, which is then repeated: no
            # ping before each transaction.
            engine = create_engine(
                url,
                pool_size=pool,
                max_overflow=0,
                pool_timeout=LOCK_SECONDS,
                hide_parameters=True,
                isolation_level=_ONE_STATE,
                connect_args=keepalives.options_of(url),
            )
            keepalives.tell_server(engine)
            return engine
        _make_folder(url)
        engine = create_engine(
            url, hide_parameters=True, pool_size=50, max_overflow=5, connect_args={"timeout": lock_seconds}
        )
    except ImportError as error:
        raise SettingsError(
            f"The registry {address_of(url)} needs a driver that is not installed ({error}). "
            'Install it: pip install "import-pipeline[postgres]".',
            registry=address_of(url),
        ) from error
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _taken_by(engine: Engine) -> int:
    """How many connections the server takes of everybody, without those that it keeps for its administrators."""
    names = "max_connections", "superuser_reserved_connections", "reserved_connections"
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT name, setting::int FROM pg_settings WHERE name = ANY(:names)"), {"names": list(names)}
        )
        said = dict(iter(found))
    most, *kept = (said.get(name, 0) for name in names)
    return max(1, most - sum(kept))


def _make_folder(url: URL) -> None:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise RegistryError(
            f"The folder {str(folder)!r} of the registry cannot be made: {error.strerror}. "
            "Set IMPORT_PIPELINE_HOME to a folder that can be written.",
            registry=address_of(url),
        ) from error
    except OSError:
        return  # SQLite says that it cannot open the file, and is asked again for a while


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if version_of(connection) == HEAD:
            return
    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            if not is_sqlite(engine.url):
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            version = version_of(connection)
            if version is None:
                _make_tables(connection)
            elif version != HEAD:
                _migrate(connection, version)


def _make_tables(connection: Connection) -> None:
    """Make the tables of an empty database, as all revisions one after the other would: a test compares the two."""
    for statement in _making_tables(connection.engine.url.drivername):
        connection.exec_driver_sql(statement)
    connection.execute(_versions.insert().values(version_num=HEAD))


@cache
def _making_tables(driver: str) -> tuple[str, ...]:
    """The statements that make all tables, written once for all databases that a process makes."""
    statements: list[str] = []
    engine = create_mock_engine(
        f"{driver}://", lambda statement, *_, **__: statements.append(str(statement.compile(dialect=engine.dialect)))
    )
    for tables in (metadata, _versions.metadata):
        tables.create_all(engine, checkfirst=False)
    return tuple(statements)


def _migrate(connection: Connection, version: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "import_pipeline.stores:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        address = address_of(connection.engine.url)
        raise SettingsError(
            f"The registry {address} has version {version!r}, which this program does not know. "
            "A newer import-pipeline made it: install that one, or use another IMPORT_PIPELINE_HOME.",
            registry=address,
            version=version,
        ) from error


def version_of(connection: Connection) -> str | None:
    """The revision of a database's tables; None where it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says so
    # The lock that turning to WAL needs is not waited for by SQLite itself, so two first openings may meet.
    until = time.monotonic() + LOCK_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
    # A commit survives the death of the process. After a power cut the last ones may be gone, which only repeats
    # work: what was written is marked in the record store.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16000")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its place at once: one that turned from reading to writing would fail where another was faster.
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
