"""The registry: opened once, then used in transactions that may be repeated.

Waiting, retrying and the wording of a database that does not answer belong here; how it is opened is in
`registry_database.py`, what is stored in modules of functions over a `Registry`.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from import_pipeline.errors import RegistryError
from import_pipeline.stores import registry_locks
from import_pipeline.stores.migrations import HEAD
from import_pipeline.stores.registry_database import (
    LOCK_SECONDS,
    POOL,
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
_CONFLICTS = ("40001", "40P01")
"""Serialization failure and deadlock (PostgreSQL): another transaction was first, and nothing of this one is stored."""
_CLOCK_SECONDS = 60.0
"""So long the difference of the server's clock to this machine's, once measured, is taken to be the same."""


class Registry:
    """The registry behind one SQLAlchemy URL: what the functions of its tables are given. Safe for threads and forks.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        retry_seconds: How long a database that does not answer is asked again before RegistryError.
        clock: Gives seconds since the epoch; by default the clock of the server, where several hosts share one.
        pool: How many connections this process has to PostgreSQL at most.
        lock_seconds: How long a statement waits for the lock of somebody else (SQLite).
    """

    def __init__(
        self,
        url: str | URL,
        *,
        retry_seconds: float = RETRY_SECONDS,
        clock: Callable[[], float] | None = None,
        pool: int = POOL,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self._url = checked_url(url)
        self.clock = clock or (time.time if self.is_sqlite else self._clock_of_server)
        self._pool = pool
        self._lock_seconds = lock_seconds
        self._clock: tuple[float, float] | None = None
        self._is_away = False
        self._answers_since = -math.inf
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

    def _clock_of_server(self) -> float:
        """The server's clock, by which leases of several hosts are judged; asked about once a minute.

        Between two questions it goes on by this machine's clock that nobody sets.
        """
        known = self._asked_clock(2 * _CLOCK_SECONDS)  # what a transaction has asked for is still good within it
        return known[0] + time.monotonic() - known[1]

    def _asked_clock(self, good_for: float) -> tuple[float, float]:
        known = self._clock
        if known is None or time.monotonic() - known[1] > good_for:
            ask, asked = text("SELECT extract(epoch FROM clock_timestamp())"), time.monotonic()
            known = self._clock = (float(self.read(lambda one: one.execute(ask).scalar_one())), asked)
        return known

    def has_answered_for(self, seconds: float) -> bool:
        """Whether the database was not away within the last seconds: while it was, nobody could renew a lease."""
        return time.monotonic() - self._answers_since >= seconds

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
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return self._persist(lambda: self._run(work, options), repeatable=True)

    def write(self, work: Callable[[Connection], Result], *, repeatable: bool = True) -> Result:
        """Run `work` in one transaction for writing: all of it is stored, or nothing.

        Args:
            work: Gets the connection; may be called again after a failure.
            repeatable: Whether doing it twice is the same as once. If not, it is not tried again where the answer
                to the commit was lost.

        Raises:
            RegistryError: The database did not answer within the time for retries.
        """
        if not self.is_sqlite:
            self._asked_clock(_CLOCK_SECONDS)  # not in the midst of it, which would take a second connection
        return self._persist(lambda: self._run(work, {WRITING: True}), repeatable=repeatable)

    @contextmanager
    def held(self, what: str) -> Iterator[None]:
        """Hold a lock of all processes that share the registry, while the block runs; others wait for its end.

        Args:
            what: What is locked: one name for all who lock it. A thread holds one lock at a time.

        Raises:
            RegistryError: The database did not answer within the time for retries, or has no place for locks.
        """
        give_back = self._persist(lambda: registry_locks.take(self._url, what), repeatable=True)
        try:
            yield
        finally:
            give_back()

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
                if not self.is_sqlite and not _is_conflict(error):
                    raise _CommitUnknownError(error) from error
                raise
            return result

    def _persist(self, attempt: Callable[[], Result], *, repeatable: bool) -> Result:
        try:
            return self._answered(attempt())
        except (DBAPIError, PoolTimeoutError, _CommitUnknownError) as error:
            if isinstance(error, _MISTAKES):
                raise
            if not self._passes(error, repeatable=repeatable):
                raise self._wrapped(error) from error
            self._before_next(error)
        from tenacity import Retrying, retry_if_exception, stop_before_delay, wait_exponential

        again = Retrying(
            retry=retry_if_exception(lambda error: self._passes(error, repeatable=repeatable)),
            wait=wait_exponential(0.05, 1.0),
            stop=stop_before_delay(self._retry_seconds),
            before_sleep=lambda state: self._before_next(state.outcome.exception() if state.outcome else None),
            reraise=True,
        )
        try:
            return self._answered(again(attempt))
        except _MISTAKES:
            raise
        except (DBAPIError, PoolTimeoutError, _CommitUnknownError) as error:
            raise self._wrapped(error) from error

    def _answered(self, result: Result) -> Result:
        if self._is_away:
            self._is_away, self._answers_since = False, time.monotonic()
        return result

    def _before_next(self, error: BaseException | None) -> None:
        if not _is_conflict(error):
            self._is_away = True
            self.close()  # its connections may lead to a server or file that is gone

    def _passes(self, error: BaseException, *, repeatable: bool) -> bool:
        """Whether trying again can help, and does no harm."""
        if isinstance(error, _CommitUnknownError):
            return repeatable
        if _is_conflict(error):
            return True
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
        engine = self._engine  # looked at once: another thread may close it in between
        if engine is not None and self._owner == os.getpid():
            return engine
        with self._opening:
            if self._engine is not None and self._owner != os.getpid():
                self._engine.dispose(close=False)  # the connections belong to the process that was forked
                self._engine = None
            if self._engine is None:
                self._engine, self._owner = open_engine(self._url, self._pool, self._lock_seconds), os.getpid()
            return self._engine


def _is_conflict(error: BaseException | None) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONFLICTS


class _CommitUnknownError(Exception):
    """The connection broke while a commit was under way: it may have happened."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error
