"""Looking into a record store in a test, writing to it by hand, and holding it, whatever its kind.

No test opens a store in another way. What imports store is looked at by `importing.py`, as interfaces show it.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import duckdb

from import_pipeline import record_types
from import_pipeline.settings import Settings
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_tables import STORE
from import_pipeline.stores.records import attached_store

HOLD = """
import select, sys
from import_pipeline.settings import Settings
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.records import attached_store

with new_instance() as connection, attached_store(connection, Settings(), sys.argv[1], write=True):
    print("held", flush=True)
    select.select([sys.stdin], [], [], float(sys.argv[2]))
"""


@contextlib.contextmanager
def opened_store(
    settings: Settings, organization: str = "default", *, write: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that stands in the record store of an organization: its tables are called by their names."""
    with new_instance() as connection, attached_store(connection, settings, organization, write=write):
        connection.execute(f"USE {STORE}")
        try:
            yield connection
        finally:
            connection.execute("USE memory")


def rows_of(settings: Settings, select: str, *values: object, organization: str = "default") -> list[tuple]:
    """The rows of a SELECT in the record store, as they are kept.

    Args:
        settings: The settings of the home.
        select: The SELECT.
        values: What its question marks stand for.
        organization: Whose store.
    """
    with opened_store(settings, organization) as connection:
        return connection.execute(select, list(values)).fetchall()


def by_hand(settings: Settings, statement: str, organization: str = "default") -> None:
    """Change the record store without an import."""
    with opened_store(settings, organization, write=True) as connection:
        connection.execute(statement)


def all_tables(settings: Settings, without: tuple[str, ...], organization: str = "default") -> dict[str, list[tuple]]:
    """All rows of all tables that imports write, in an order of their own.

    Args:
        settings: The settings of the home.
        without: Columns that are left out: names, or their ends.
        organization: Whose store.
    """
    names = [record_types.get(name).table for name in record_types.names()]
    names += [f"{name}_history" for name in names] + ["row_outcomes", "applied_imports"]
    found = {}
    with opened_store(settings, organization) as connection:
        for table in names:
            columns = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if not name.endswith(without))
            found[table] = connection.execute(f"SELECT {kept} FROM {table} ORDER BY ALL").fetchall()
    return found


@contextlib.contextmanager
def held_elsewhere(seconds: float = 60, organization: str = "default") -> Iterator[None]:
    """Have another process hold a record store for writing while the block runs, or for so many seconds.

    That process knows the store by the environment, as the fixture `settings` leaves it.
    """
    command = [sys.executable, "-c", HOLD, organization, str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield
        finally:
            process.communicate("")
