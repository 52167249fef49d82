"""Which errors of a record store on a server pass by themselves: lost connections, and conflicts with other writers.

DuckDB's extensions tell what a server said as text, in exceptions of no kind of their own, so texts are looked at.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_PASSING = re.compile(
    "|".join(
        (
            # PostgreSQL is away, or ends the session
            "server closed the connection",
            "terminating connection",
            "connection to server",
            "could not (connect|receive|send|translate host name)",
            "no connection to the server",
            "the database system is",
            "SSL (connection|SYSCALL|error)",
            "remaining connection slots|too many clients",
            'Failed to execute query "(BEGIN|ROLLBACK|COMMIT)',
            # another writer
            "could not serialize access",
            "deadlock detected",
            "due to (lock|statement) timeout",
            "Transaction conflict",
            "Failed to commit DuckLake transaction",
            # S3 is away
            "Could not establish connection",
            "Connection error for HTTP",
            "HTTP (GET|PUT|POST|HEAD|DELETE) error.*HTTP 5\\d\\d",
            "Timeout was reached|Couldn't connect|Could not connect|SlowDown",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)


_WAITING = "due to lock timeout"


def is_passing(error: "duckdb.Error") -> bool:
    """Whether the same may work when it is tried again."""
    return _PASSING.search(str(error)) is not None


def is_waiting(error: "duckdb.Error") -> bool:
    """Whether another writer's transaction was waited for in vain."""
    return _WAITING in str(error)
