"""What a record store holds, table by table, told alike whatever its kind: for copying it, and for looking it over.

Kinds of stores give some types back as others; here every column has the type that it was declared with.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from import_pipeline import record_types
from import_pipeline.record_types.inline import is_inline_name
from import_pipeline.service import showing
from import_pipeline.sql import quote
from import_pipeline.stores import imports
from import_pipeline.stores.digests import DIGEST
from import_pipeline.stores.record_stores.preparing import present_columns
from import_pipeline.stores.record_tables import (
    BOOKS,
    HISTORY_COLUMNS,
    LEADING_COLUMNS,
    TRAILING_COLUMNS,
    record_columns,
    store_table,
)

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home
    from import_pipeline.record_types.record_type import RecordType

_OWN = ("layout", "turns")
"""What a store of each kind makes for itself."""
_ALWAYS = LEADING_COLUMNS | HISTORY_COLUMNS | TRAILING_COLUMNS


@dataclass(frozen=True, eq=False)
class StoredTable:
    """A table of a record store.

    Attributes:
        name: The table.
        columns: Its columns with their types.
    """

    name: str
    columns: dict[str, str]

    @property
    def has_records(self) -> bool:
        """Whether its lines are records, rather than before-images or what imports note."""
        return DIGEST in self.columns and "operation" not in self.columns

    @property
    def is_history(self) -> bool:
        """Whether its lines are before-images."""
        return DIGEST in self.columns and "operation" in self.columns

    @cached_property
    def select(self) -> str:
        """SELECT of all of its lines, each value of its type."""
        values = (f"CAST({quote(name)} AS {sql_type}) AS {quote(name)}" for name, sql_type in self.columns.items())
        return f"SELECT {', '.join(values)} FROM {store_table(self.name)}"


@dataclass(frozen=True)
class Content:
    """What stands in a table.

    Attributes:
        rows: How many lines.
        digest: A number over all values of all lines, whatever their order.
    """

    rows: int
    digest: int


def declared_types(home: "Home", organization: str) -> "list[RecordType]":
    """The record types of an organization that are no files in `models/`, as imports that are remembered say them."""
    names = {name for owner, name in imports.tables_changed(home.registry) if owner == organization}
    return [
        showing.record_type_named(home.registry, name, organization) for name in sorted(names) if is_inline_name(name)
    ]


def stored_tables(connection: "duckdb.DuckDBPyConnection", declared: "list[RecordType]") -> list[StoredTable]:
    """The tables of the attached store.

    A table whose record type nobody remembers, or a column that its record type no longer has, is of the type that the
    store tells.

    Args:
        connection: With the store attached.
        declared: The record types of the organization that are no files in `models/`.
    """
    known = dict(BOOKS)
    for record_type in [*(record_types.get(name) for name in record_types.names()), *declared]:
        known[record_type.table] = record_columns(record_type)
        known[f"{record_type.table}_history"] = HISTORY_COLUMNS | known[record_type.table]
    return [
        StoredTable(table, present | {n: t for n, t in (_ALWAYS | known.get(table, {})).items() if n in present})
        for table, present in sorted(present_columns(connection).items())
        if table not in _OWN
    ]


def content_of(connection: "duckdb.DuckDBPyConnection", table: StoredTable) -> Content:
    """What stands in a table of the attached store."""
    values = ", ".join(map(quote, table.columns))
    found = connection.execute(f"SELECT count(*), coalesce(sum(hash({values})), 0) FROM ({table.select})").fetchone()
    rows, digest = found or (0, 0)
    return Content(int(rows), int(digest))
