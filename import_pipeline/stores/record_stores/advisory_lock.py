"""The lock of a record store on a PostgreSQL server: an advisory lock of a session, which ends with it.

The server queues who waits, readers and writers alike, in the order of asking. Losing the session in the middle of a
write is no harm: `fence.py` refuses that write.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from import_pipeline.errors import StoreBusyError
from import_pipeline.stores import lock_waits
from import_pipeline.stores.record_stores.address import Address
from import_pipeline.stores.record_stores.sessions import session


@contextmanager
def advisory_lock(
    address: Address, what: str, organization: str, *, exclusive: bool, wait_seconds: float
) -> Iterator[None]:
    """Hold a lock while the block runs.

    Args:
        address: The server.
        what: What is locked, one name for all who use it.
        organization: Whose store it is, for the message.
        exclusive: True for the one writer, False for one of many readers.
        wait_seconds: How long to wait for those who asked before.

    Raises:
        StoreBusyError: It was not free; the holder is named where the server knows it.
        StoreAwayError: The server does not answer.
    """
    from psycopg.errors import LockNotAvailable

    key = int.from_bytes(hashlib.sha256(f"import-pipeline/{what}".encode()).digest()[:8], "big", signed=True)
    function = "pg_advisory_lock" if exclusive else "pg_advisory_lock_shared"
    with session(address) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds(wait_seconds)}ms"])
        asked = time.monotonic()
        try:
            connection.execute(f"SELECT {function}(%s)".encode(), [key])
            lock_waits.note(time.monotonic() - asked)
        except LockNotAvailable as error:
            lock_waits.note(time.monotonic() - asked, timed_out=True)
            found = connection.execute(_HOLDER, {"high": key >> 32 & 0xFFFFFFFF, "low": key & 0xFFFFFFFF}).fetchone()
            raise StoreBusyError(organization, wait_seconds, str(found[0]) if found else None) from error
        yield


def milliseconds(wait_seconds: float) -> int:
    """A wait as the server's `lock_timeout` has it, for which 0 would be no end."""
    return max(1, round(wait_seconds * 1000))


_HOLDER = """
SELECT coalesce(nullif(holder.application_name, ''), 'another program') || ' (session ' || holder.pid || ')'
FROM pg_locks AS locks
JOIN pg_stat_activity AS holder ON holder.pid = locks.pid
WHERE locks.locktype = 'advisory'
    AND locks.granted
    AND locks.objsubid = 1
    AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND locks.classid::bigint = %(high)s
    AND locks.objid::bigint = %(low)s
ORDER BY holder.pid
LIMIT 1
"""
