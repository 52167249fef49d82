"""The fence of record stores on servers: a write whose lock was lost on the way is refused.

A lock there is a session's, and a session may end while its holder still works; then another one writes. So a writer
notes the store's turn when it has the lock, and each of its transactions moves the turn on by one from just there: of
two who took the same turn, one finds it moved, or a conflict.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import StoreAwayError
from import_pipeline.stores.record_tables import store_table

if TYPE_CHECKING:
    import duckdb

TURNS = "turns"
COLUMNS = {"turn": "BIGINT"}
_NOTED = "store_turn"


@contextmanager
def standing(connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Have the fence stand for the transactions of a connection, whose lock was just got, while the block runs."""
    connection.execute(f"SET VARIABLE {_NOTED} = (SELECT max(turn) FROM {store_table(TURNS)})")
    try:
        yield
    finally:
        with suppress(Exception):  # a connection that broke does not write any more
            connection.execute(f"RESET VARIABLE {_NOTED}")


def pass_fence(connection: "duckdb.DuckDBPyConnection") -> int | None:
    """Move the turn on within a transaction that writes; a store without turns has no fence.

    Returns:
        The next turn, which `turn_over` is to be told once the transaction is committed.

    Raises:
        StoreAwayError: It is another one's turn.
    """
    (turn,) = connection.execute(f"SELECT getvariable('{_NOTED}')").fetchone() or (None,)
    if turn is None:
        return None
    moved = connection.execute(
        f"UPDATE {store_table(TURNS)} SET turn = turn + 1 WHERE turn = $turn", {"turn": turn}
    ).fetchone()
    if not moved or moved[0] != 1:
        raise StoreAwayError(
            "The lock of the record store was lost before this was written, and another import wrote meanwhile. "
            "Nothing of it was written, and it is tried again."
        )
    return int(turn) + 1


def turn_over(connection: "duckdb.DuckDBPyConnection", turn: int) -> None:
    """Note the next turn, after a transaction was committed."""
    connection.execute(f"SET VARIABLE {_NOTED} = {turn}")


def raise_fence(connection: "duckdb.DuckDBPyConnection") -> None:
    """Give a new table of turns its one line."""
    connection.execute(f"INSERT INTO {store_table(TURNS)} VALUES (0)")
