"""Making a record store ready: the tables and columns that the record types have and the store lacks.

A process looks at a store once, and again where a record type comes that it did not know of.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from import_pipeline import record_types
from import_pipeline.errors import StoreError
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import quote
from import_pipeline.stores.conversion import VERSION, convert
from import_pipeline.stores.record_stores import fence
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.interface import RecordStore
from import_pipeline.stores.record_tables import BOOKS, HISTORY_COLUMNS, STORE, record_columns, store_table

if TYPE_CHECKING:
    import duckdb

# Incarnation of each store, and the tables in it, that this process has brought up to date.
_prepared: dict[Hashable, tuple[object, set[str]]] = {}


def is_prepared(store: RecordStore, declared: RecordType | None) -> bool:
    """Whether this process has brought the store up to date, with the tables of a declared record type."""
    incarnation, tables = _prepared.get(store.identity, (None, set[str]()))
    present = store.incarnation()
    return present is not None and incarnation == present and (declared is None or _layout(declared) in tables)


def make_ready(store: RecordStore, declared: RecordType | None = None) -> None:
    """Prepare a store whose lock the caller does not hold, unless this process did so before.

    Raises:
        StoreBusyError: The store was not free within `store_wait_seconds`.
        StoreError: A field is stored with another type, or the store does not open.
    """
    if not is_prepared(store, declared):
        with store.held(exclusive=True):
            prepare(store, declared)


def prepare(store: RecordStore, declared: RecordType | None = None) -> None:
    """Make the tables and columns that the record types have and the store lacks. The caller holds the lock alone.

    Args:
        store: The store.
        declared: A record type whose tables are needed; one that is no file in `models/` gets them only so.

    Raises:
        StoreError: A field is stored with another type, or the store does not open.
    """
    if is_prepared(store, declared):
        return

    known = [record_types.get(name) for name in record_types.names()]
    known += [declared] if declared is not None and declared.is_inline else []
    store.make_place()
    with new_instance() as connection, store.attached(connection, write=True):
        present = present_columns(connection)
        wanted = BOOKS | ({fence.TURNS: fence.COLUMNS} if store.is_on_server else {})
        holds: dict[str, RecordType | None] = dict.fromkeys(wanted)
        for record_type in known:
            columns, history = record_columns(record_type), f"{record_type.table}_history"
            wanted |= {record_type.table: columns, history: HISTORY_COLUMNS | columns}
            holds |= {record_type.table: record_type, history: record_type}
        if declared is not None:
            problem = other_type(declared, present.get(declared.table, {}))
            if problem is not None:
                raise StoreError(problem)
        connection.execute("BEGIN")
        for table, columns in wanted.items():
            add_missing(connection, table, columns, present.get(table))
        if store.is_on_server and fence.TURNS not in present:
            fence.raise_fence(connection)
        _bring_to_present_form(connection, known, is_new="applied_imports" not in present)
        connection.execute("COMMIT")
        store.furnish(connection, holds)
    incarnation = store.incarnation()
    before = _prepared.get(store.identity, (None, set[str]()))
    layouts = {_layout(record_type) for record_type in known}
    _prepared[store.identity] = (incarnation, layouts | (before[1] if before[0] == incarnation else set()))


def other_type(record_type: RecordType, present: dict[str, str]) -> str | None:
    """What is said of a field that is stored with another type or spelling: what is stored cannot be made to fit.

    Args:
        record_type: The record type.
        present: The columns of its table with their types.
    """
    names = {name.lower(): name for name in present}  # columns whose names differ in case only are one column
    for field in record_type.fields:
        name = names.get(field.name.lower(), field.name)
        if name != field.name:
            return (
                f"The field {field.name!r} of {record_type.name} is stored as {name!r}, and keys that differ in case "
                f"only are one column. Write its key as {name!r}, or give the schema another name."
            )
        stored = present.get(name, field.type.sql_type)
        if stored.replace(" ", "") != field.type.sql_type.replace(" ", ""):
            return (
                f"The field {field.name!r} of {record_type.name} is stored as {stored} and now declared as "
                f"{field.type.sql_type}. Give the field another key, or the schema another name."
            )
    return None


def present_columns(connection: "duckdb.DuckDBPyConnection") -> dict[str, dict[str, str]]:
    """The tables of the attached store, each with its columns and their types."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_catalog = ?", [STORE]
    ).fetchall()
    present: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        present.setdefault(table, {})[column] = data_type
    return present


def _layout(record_type: RecordType) -> str:
    return repr((record_type.table, record_columns(record_type)))


def _bring_to_present_form(connection: "duckdb.DuckDBPyConnection", known: list[RecordType], *, is_new: bool) -> None:
    layout = store_table("layout")
    (version,) = connection.execute(f"SELECT coalesce(max(version), 0) FROM {layout}").fetchone() or (0,)
    if version == VERSION:
        return
    if not is_new:
        convert(connection, known, version)
    connection.execute(f"DELETE FROM {layout}")
    connection.execute(f"INSERT INTO {layout} VALUES ({VERSION})")


def add_missing(
    connection: "duckdb.DuckDBPyConnection", table: str, columns: dict[str, str], present: dict[str, str] | None
) -> None:
    """Make a table of the attached store, or those of its columns that it lacks.

    Args:
        connection: With the store attached for writing.
        table: The table.
        columns: The columns that it is to have, with their types.
        present: Those that it has; None where there is no such table.
    """
    if present is None:
        listing = ", ".join(f"{quote(name)} {sql_type}" for name, sql_type in columns.items())
        connection.execute(f"CREATE TABLE {store_table(table)} ({listing})")
        return
    for name, sql_type in columns.items():
        if name not in present:
            connection.execute(f"ALTER TABLE {store_table(table)} ADD COLUMN {quote(name)} {sql_type}")
