"""Looking a record store over: whether each record is what its last import left, and whether no write is torn.

A record that was changed by hand, or by a disk, no longer has the digest that was left beside it.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from import_pipeline.errors import NotFoundError
from import_pipeline.service.store_contents import StoredTable, declared_types, stored_tables
from import_pipeline.sql import literal
from import_pipeline.stores.digests import DIGEST, digest_sql
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_tables import store_table
from import_pipeline.stores.records import attached_store, organizations, store_exists
from import_pipeline.words import Outcome

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

_WRITTEN = (Outcome.CREATED, Outcome.UPDATED, Outcome.DELETED)


@dataclass(frozen=True)
class CheckedTable:
    """The records of a table.

    Attributes:
        table: The table.
        records: How many there are.
        unknown: How many have no digest that this version of DuckDB could compare.
        different: The ids of those that are not what their last import left, in order.
    """

    table: str
    records: int
    unknown: int
    different: list[str]


@dataclass(frozen=True)
class CheckedStore:
    """The record store of an organization.

    Attributes:
        organization: Whose.
        tables: Its tables of records, those without any left out.
        without_mark: Imports of which the store has rows or before-images, and not the mark that comes with them.
    """

    organization: str
    tables: list[CheckedTable] = field(default_factory=list)
    without_mark: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing differs."""
        return not self.without_mark and not any(table.different for table in self.tables)


def check_stores(home: "Home", organization: str | None) -> list[CheckedStore]:
    """Look over the store of one organization, or of all that have one.

    Raises:
        NotFoundError: The organization has no store.
        StoreError: A store is in use or does not open.
    """
    if organization is not None and not store_exists(home.settings, organization):
        raise NotFoundError("record store", organization, "It is made by the first import of the organization.")
    chosen = organizations(home.settings) if organization is None else [organization]
    return [_check(home, one) for one in chosen]


def _check(home: "Home", organization: str) -> CheckedStore:
    with new_instance() as connection, attached_store(connection, home.settings, organization):
        tables = stored_tables(connection, declared_types(home, organization))
        checked = [_check_table(connection, table) for table in tables if table.has_records]
        found = [table for table in checked if table.records]
        return CheckedStore(organization, found, _without_mark(connection, tables))


def _check_table(connection: "duckdb.DuckDBPyConnection", table: StoredTable) -> CheckedTable:
    right = digest_sql(table.columns, "records")
    judged = f"""
        SELECT records.id,
            records.{DIGEST} IS NOT NULL AND marks.engine IS NOT DISTINCT FROM version() AS is_known,
            is_known AND records.{DIGEST} <> {right} AS differs
        FROM ({table.select}) AS records
        LEFT JOIN (
            SELECT import_id, max(engine) AS engine FROM {store_table("applied_imports")} GROUP BY import_id
        ) AS marks ON marks.import_id = records.updated_by_import
        """
    counted = connection.execute(
        f"""
        SELECT count(*), count(*) FILTER (NOT is_known), list(id ORDER BY id) FILTER (differs)
        FROM ({judged})
        """
    ).fetchone()
    records, unknown, different = counted or (0, 0, None)
    return CheckedTable(table.name, records, unknown, list(different or []))


def _without_mark(connection: "duckdb.DuckDBPyConnection", tables: list[StoredTable]) -> list[str]:
    wrote = [f"SELECT import_id FROM {store_table(table.name)}" for table in tables if table.is_history]
    outcomes = ", ".join(literal(str(outcome)) for outcome in _WRITTEN)
    wrote.append(f"SELECT import_id FROM {store_table('row_outcomes')} WHERE outcome IN ({outcomes})")
    found = connection.execute(
        f"""
        SELECT DISTINCT import_id FROM ({" UNION ALL ".join(wrote)})
        WHERE import_id NOT IN (SELECT import_id FROM {store_table("applied_imports")})
        ORDER BY import_id
        """
    ).fetchall()
    return [import_id for (import_id,) in found]
