"""The registry: opened once, then used in transactions that may be repeated.

Waiting, retrying and the wording of a database that does not answer belong here; how it is opened is in
`registry_database.py`, what is stored in modules of functions over a `Registry`.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from import_pipeline.errors import RegistryError
from import_pipeline.stores.migrations import HEAD
from import_pipeline.stores.registry_database import (
    WRITING,
    address_of,
    checked_url,
    is_sqlite,
    open_engine,
    version_of,
)

Result = TypeVar("Result")

RETRY_SECONDS = 20.0
"""How long a database that does not answer is asked again."""
_PASSING_SQLITE_ERRORS = ("locked", "busy", "unable to open database file", "disk i/o error", "readonly database")
_MISTAKES = (IntegrityError, ProgrammingError, DataError)


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
        self._url = checked_url(url)
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
        return address_of(self._url)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return is_sqlite(self._url)

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

    def is_up_to_date(self) -> bool:
        """Whether the tables are those of this program; no longer, where a newer one has migrated them since.

        Raises:
            RegistryError: The database does not answer.
            SettingsError: A newer program had made the tables before this one opened them.
        """
        return self.read(version_of) == HEAD

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
            except BaseException:  # an interruption, too, leaves nothing of it
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
            return any(part in str(error.orig).lower() for part in _PASSING_SQLITE_ERRORS)
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
                self._engine, self._owner = open_engine(self._url), os.getpid()
            return self._engine


class _CommitUnknownError(Exception):
    """The connection broke while a commit was under way: it may have happened."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error
