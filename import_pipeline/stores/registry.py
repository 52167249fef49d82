"""The registry: opened once and brought up to date, then used in transactions that may be repeated.

Everything that differs between SQLite and PostgreSQL, waiting, retrying and the wording of a database that does
not answer belong here; what is stored does not.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from import_pipeline.errors import RegistryError, SettingsError
from import_pipeline.stores.migrations import HEAD

Result = TypeVar("Result")

LOCK_SECONDS = 30
"""How long a writer waits for the writers before it (SQLite)."""
RETRY_SECONDS = 20.0
"""How long a database that does not answer is asked again."""
MIGRATION_LOCK = 0x1A9011
"""PostgreSQL advisory lock under which one process migrates."""

PASSING_SQLITE_ERRORS = ("locked", "busy", "unable to open database file", "disk i/o error", "readonly database")
_MISTAKES = (IntegrityError, ProgrammingError, DataError)
IN_MEMORY = (None, "", ":memory:")
WRITING = "registry_writing"


class Registry:
    """The registry behind one SQLAlchemy URL: what the functions of its tables are given. Safe for threads and forks.

    Args:
        url: `sqlite:///…` or `postgresql+psycopg://…`.
        retry_seconds: How long a database that does not answer is asked again before RegistryError.
        clock: Gives seconds since the epoch.
    """

    def __init__(
        self, url: str | URL, *, retry_seconds: float = RETRY_SECONDS, clock: Callable[[], float] = time.time
    ) -> None:
        self._url = _checked(url)
        self.clock = clock
        self._retry_seconds = retry_seconds
        self._engine: Engine | None = None
        self._owner = os.getpid()
        self._opening = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> int:
        """The present moment in whole seconds since the epoch."""
        return int(self.clock())

    def now_in(self, connection: Connection) -> int:
        """The present moment in a transaction: by the server's clock where several hosts share one, for leases."""
        if self.is_sqlite or self.clock is not time.time:
            return self.now()
        return int(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    @property
    def address(self) -> str:
        """The URL without password and options, for messages; a file's path as people write it."""
        if self.is_sqlite:
            return f"sqlite:///{self._url.database}"
        return self._url.set(query={}).render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self._url.get_backend_name() == "sqlite"

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that sees one state of the database.

        Raises:
            RegistryError: The database did not answer within the time for retries.
        """
        return self._persist(lambda: self._run(work, {}), repeatable=True)

    def write(self, work: Callable[[Connection], Result], *, repeatable: bool = True) -> Result:
        """Run `work` in one transaction for writing: all of it is stored, or nothing.

        Args:
            work: Gets the connection; may be called again after a failure.
            repeatable: Whether doing it twice is the same as once. If not, it is not tried again where the answer
                to the commit was lost.

        Raises:
            RegistryError: The database did not answer within the time for retries.
        """
        return self._persist(lambda: self._run(work, {WRITING: True}), repeatable=repeatable)

    def close(self) -> None:
        """Close all connections; the next use opens the database again."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose(close=self._owner == os.getpid())
                self._engine = None

    def _run(self, work: Callable[[Connection], Result], options: dict[str, Any]) -> Result:
        with self._opened().connect() as connection:
            connection = connection.execution_options(**options)
            transaction = connection.begin()
            try:
                result = work(connection)
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                if not self.is_sqlite:
                    raise _CommitUnknownError(error) from error
                raise
            return result

    def _persist(self, attempt: Callable[[], Result], *, repeatable: bool) -> Result:
        try:
            return attempt()
        except (DBAPIError, PoolTimeoutError, _CommitUnknownError) as error:
            if isinstance(error, _MISTAKES):
                raise
            if not self._passes(error, repeatable=repeatable):
                raise self._wrapped(error) from error
            self.close()  # its connections may lead to a server or file that is gone
        from tenacity import Retrying, retry_if_exception, stop_before_delay, wait_exponential

        again = Retrying(
            retry=retry_if_exception(lambda error: self._passes(error, repeatable=repeatable)),
            wait=wait_exponential(0.05, 1.0),
            stop=stop_before_delay(self._retry_seconds),
            before_sleep=lambda _: self.close(),
            reraise=True,
        )
        try:
            return again(attempt)
        except _MISTAKES:
            raise
        except (DBAPIError, PoolTimeoutError, _CommitUnknownError) as error:
            raise self._wrapped(error) from error

    def _passes(self, error: BaseException, *, repeatable: bool) -> bool:
        """Whether trying again can help, and does no harm."""
        if isinstance(error, _CommitUnknownError):
            return repeatable
        if isinstance(error, _MISTAKES) or not isinstance(error, (DBAPIError, PoolTimeoutError)):
            return False
        return self._is_passing(error)

    def _is_passing(self, error: Exception) -> bool:
        if isinstance(error, DBAPIError) and self.is_sqlite:
            return any(part in str(error.orig).lower() for part in PASSING_SQLITE_ERRORS)
        return not isinstance(error, PoolTimeoutError)

    def _wrapped(self, error: Exception) -> RegistryError:
        error = error.error if isinstance(error, _CommitUnknownError) else error
        cause = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        remedy = (
            "Check that its folder exists, can be written and has room, and that no other program keeps it locked"
            if self.is_sqlite
            else "Check that the server runs and that IMPORT_PIPELINE_REGISTRY_URL names it rightly"
        )
        return RegistryError(
            f"The registry {self.address} does not answer: {cause}. {remedy}, then try again.",
            registry=self.address,
            cause=cause,
        )

    def _opened(self) -> Engine:
        if self._engine is not None and self._owner == os.getpid():
            return self._engine
        with self._opening:
            if self._engine is not None and self._owner != os.getpid():
                self._engine.dispose(close=False)  # the connections belong to the process that was forked
                self._engine = None
            if self._engine is None:
                engine = self._made()
                try:
                    self._bring_up_to_date(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine, self._owner = engine, os.getpid()
            return self._engine

    def _made(self) -> Engine:
        try:
            if not self.is_sqlite:
                return create_engine(self._url, pool_pre_ping=True, hide_parameters=True)
            self._make_folder()
            engine = create_engine(
                self._url, hide_parameters=True, pool_size=50, max_overflow=5, connect_args={"timeout": LOCK_SECONDS}
            )
        except ImportError as error:
            raise SettingsError(
                f"The registry {self.address} needs a driver that is not installed ({error}). "
                'Install it, for PostgreSQL by: pip install "psycopg[binary]".',
                registry=self.address,
            ) from error
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _make_folder(self) -> None:
        folder = Path(self._url.database or "").parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except PermissionError as error:
            raise RegistryError(
                f"The folder {str(folder)!r} of the registry cannot be made: {error.strerror}. "
                "Set IMPORT_PIPELINE_HOME to a folder that can be written.",
                registry=self.address,
            ) from error
        except OSError:
            return  # SQLite says that it cannot open the file, and is asked again for a while

    def _bring_up_to_date(self, engine: Engine) -> None:
        with engine.connect() as connection:
            if _version(connection) == HEAD:
                return
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        with engine.connect() as connection:
            connection = connection.execution_options(**{WRITING: True})
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                version = _version(connection)
                if version == HEAD:
                    return
                config = Config()
                config.set_main_option("script_location", "import_pipeline.stores:migrations")
                config.set_main_option("path_separator", "os")
                config.attributes["connection"] = connection
                try:
                    command.upgrade(config, "head")
                except CommandError as error:
                    raise SettingsError(
                        f"The registry {self.address} has version {version!r}, which this program does not know. "
                        "A newer import-pipeline made it: install that one, or use another IMPORT_PIPELINE_HOME.",
                        registry=self.address,
                        version=version,
                    ) from error


class _CommitUnknownError(Exception):
    """The connection broke while a commit was under way: it may have happened."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error


def _checked(address: str | URL) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend, url = "", None
    if url is None or backend not in ("sqlite", "postgresql") or (backend == "sqlite" and url.database in IN_MEMORY):
        # The text itself is not repeated: it may hold a password.
        raise SettingsError(
            "IMPORT_PIPELINE_REGISTRY_URL must look like sqlite:////folder/registry.sqlite or "
            "postgresql+psycopg://user:password@host/database.",
            backend=backend,
        )
    return url


def _version(connection: Connection) -> str | None:
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
