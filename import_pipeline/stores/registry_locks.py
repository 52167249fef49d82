"""Locks that all processes of one registry have in common, each held by one of them at a time and ended with it.

A registry on SQLite is of one machine: its locks are files beside it. On PostgreSQL they are advisory locks, each of a
session of its own, for it may be held while a file is brought, longer than a transaction should last.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from import_pipeline.errors import RegistryError
from import_pipeline.stores import keepalives
from import_pipeline.stores.registry_database import address_of, is_sqlite

FOLDER_SUFFIX = "-locks"
"""What the folder of the files has behind the registry's name."""
_FILES = 256
"""Names share so many files, so that each of many imports leaves none; nobody holds two locks at a time."""
_SETTINGS = ("lock_timeout", "statement_timeout", "idle_session_timeout")


def take(url: URL, what: str) -> Callable[[], None]:
    """Wait for a lock until whoever has it is done with it, or has ended.

    Args:
        url: Of the registry, checked.
        what: What is locked: one name for all who lock it. A thread holds one lock at a time.

    Returns:
        What gives the lock back.

    Raises:
        RegistryError: The file of the lock cannot be made.
        DBAPIError: The server does not answer.
    """
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()
    if not is_sqlite(url):
        return _take_session(url, int.from_bytes(digest[:8], "big", signed=True))
    folder = Path(f"{url.database}{FOLDER_SUFFIX}")
    try:
        return _take_file(folder / f"{int.from_bytes(digest[:8], 'big') % _FILES:03d}")
    except OSError as error:
        raise RegistryError(
            f"The locks of the registry {address_of(url)} in {str(folder)!r} cannot be used: "
            f"{error.strerror or error}. See that this user may write there and that the disk has room.",
            registry=address_of(url),
        ) from error


def _take_file(path: Path) -> Callable[[], None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:  # an interruption while it waits, too, leaves no open file
        os.close(handle)
        raise

    def give_back() -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)  # said, for a process that was forked meanwhile has the file open, too
        os.close(handle)

    return give_back


def _take_session(url: URL, key: int) -> Callable[[], None]:
    connection = _sessions(url).connect()
    try:
        for setting in _SETTINGS:
            with suppress(DBAPIError):  # older servers do not know them all
                connection.execute(text("SELECT set_config(:setting, '0', false)"), {"setting": setting})
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
    except BaseException:  # an interruption while it waits, too, ends the session
        connection.invalidate()
        connection.close()
        raise
    return connection.close


@lru_cache(maxsize=8)
def _sessions(url: URL) -> Engine:
    """What makes a session for each lock and closes it behind it: nothing waits in it that a fork could share."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args=keepalives.options_of(url),
    )
    keepalives.tell_server(engine)
    return engine
