"""Sessions of our own on a record store's PostgreSQL server, for locks and for what DuckDB has no statement for.

Sessions that are done with wait for the next who needs one, so that a lock costs no new connection.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import StoreAwayError, StoreError
from import_pipeline.stores import keepalives
from import_pipeline.stores.record_stores.address import Address

if TYPE_CHECKING:
    import psycopg

_MOST_IDLE = 4
_idle: list[tuple[int, Address, "psycopg.Connection"]] = []
_taking = threading.Lock()
_REFUSALS = ("authentication failed", "does not exist", "pg_hba.conf", "no password supplied", "SSL", "certificate")
_SETTINGS = {
    "idle_session_timeout": "0",  # a lock may be held for hours
    "idle_in_transaction_session_timeout": "0",
    **keepalives.SERVER,
}


@contextmanager
def session(address: Address) -> Iterator["psycopg.Connection"]:
    """A session on the server, in autocommit, while the block runs.

    Raises:
        StoreAwayError: The server does not answer, or the session ended.
        StoreError: The server refuses.
    """
    import psycopg

    try:
        connection = _take(address)
    except psycopg.OperationalError as error:
        raise _not_connected(address, error) from error
    try:
        yield connection
        with suppress(psycopg.Error):  # a session that has ended holds no locks
            connection.execute("SELECT pg_advisory_unlock_all()")
    except psycopg.OperationalError as error:
        connection.close()
        raise StoreAwayError(
            f"The record store's server {address.name} ended a session: {_first_line(error)}."
        ) from error
    except BaseException:  # an interruption, too, ends the session, and with it its locks
        connection.close()
        raise
    _put_back(address, connection)


def _take(address: Address) -> "psycopg.Connection":
    """A session that waited and still lives, or a new one."""
    import psycopg

    while True:
        with _taking:
            mine = [one for one in _idle if one[:2] == (os.getpid(), address)]
            if mine:
                _idle.remove(mine[-1])
        if not mine:
            break
        connection = mine[-1][2]
        try:
            connection.execute("SELECT 1")
            return connection
        except psycopg.Error:
            connection.close()
    connection = psycopg.connect(**address.for_libpq(), autocommit=True)
    for name, value in _SETTINGS.items():
        with suppress(psycopg.Error):  # older servers do not know them all
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    return connection


def _put_back(address: Address, connection: "psycopg.Connection") -> None:
    """Have a session wait, in place of the one that waited longest where there are many."""
    if connection.closed:
        return
    with _taking:
        _idle.append((os.getpid(), address, connection))
        surplus = _idle.pop(0) if len(_idle) > _MOST_IDLE else None
    if surplus is not None and surplus[0] == os.getpid():  # what a parent process opened is not ours to close
        surplus[2].close()


def _not_connected(address: Address, error: Exception) -> StoreError:
    told = _first_line(error)
    if any(refusal in str(error) for refusal in _REFUSALS):
        return StoreError(
            f"The record store's server {address.name} refuses: {told}. Correct IMPORT_PIPELINE_STORE_URL."
        )
    return StoreAwayError(f"The record store's server {address.name} does not answer: {told}.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
