"""Record stores that an earlier version of the program made, brought to the form in which records are kept now.

`layout(version)` in a store says which form it has. Version 1: a reference is the id of a record, no longer its name.
"""

from typing import TYPE_CHECKING

from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.record_tables import record_columns, store_table
from import_pipeline.stores.references import (
    is_list,
    named_by,
    names_ever_stored,
    reference_fields,
    stored_names,
    target_of,
)

if TYPE_CHECKING:
    import duckdb

VERSION = 1


def convert(connection: "duckdb.DuckDBPyConnection", known: list[RecordType], version: int) -> None:
    """Bring the tables of a store to the present form. The caller holds the transaction.

    Args:
        connection: With the store attached for writing; its tables have all columns.
        known: The record types that it has tables for.
        version: The form that it has.
    """
    if version < 1:
        for record_type in known:
            if reference_fields(record_type):
                _names_to_ids(connection, record_type, record_type.table, of_deleted=False)
                _names_to_ids(connection, record_type, f"{record_type.table}_history", of_deleted=True)


def _names_to_ids(
    connection: "duckdb.DuckDBPyConnection", record_type: RecordType, table: str, *, of_deleted: bool
) -> None:
    """Put ids in place of names; what no record is called stays. A digest that was right is made anew.

    Args:
        connection: With the store attached.
        record_type: The type of the records.
        table: Its table, or that of its before-images.
        of_deleted: Whether a name may be that of a record that was deleted.
    """
    stored, columns = store_table(table), record_columns(record_type)
    fields = reference_fields(record_type)
    joins = " ".join(
        f"LEFT JOIN ({_links(stored, field, of_deleted)}) AS link_{place} "
        f"ON link_{place}.cell = records.{quote(field.name)}"
        for place, field in enumerate(fields)
    )
    replaced = ", ".join(
        f"coalesce(link_{place}.link, records.{quote(field.name)}) AS {quote(field.name)}"
        for place, field in enumerate(fields)
    )
    named = " OR ".join(f"records.{quote(field.name)} IS NOT NULL" for field in fields)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMPORARY TABLE converted AS
        SELECT * REPLACE (CASE WHEN stood THEN {digest_sql(columns)} ELSE digest END AS digest)
        FROM (
            SELECT records.* REPLACE ({replaced}), records.rowid AS place,
                coalesce(records.digest = {digest_sql(columns, "records")}, false) AS stood
            FROM {stored} AS records {joins}
            WHERE {named}
        )
        """
    )
    changed = ", ".join(
        f"{quote(name)} = converted.{quote(name)}" for name in (*(one.name for one in fields), "digest")
    )
    connection.execute(f"UPDATE {stored} SET {changed} FROM converted WHERE {stored}.rowid = converted.place")
    connection.execute("DROP TABLE converted")


def _links(stored: str, field: Field, of_deleted: bool) -> str:
    """SELECT of each cell that a reference field has, with the id or the list of ids for it."""
    column, looked_up, target = quote(field.name), named_by(field), target_of(field)
    named = [stored_names(target, looked_up.name), names_ever_stored(target, looked_up.name)][: 2 if of_deleted else 1]
    joins, ids = "", []
    for place, names in enumerate(named):
        ids.append(f"names_{place}.id")
        joins += f"""
            LEFT JOIN (
                SELECT {identity_sql(looked_up, "text")} AS comparable, min(id) AS id FROM ({names})
                WHERE text IS NOT NULL GROUP BY ALL
            ) AS names_{place} ON names_{place}.comparable = {identity_sql(looked_up, "key")}"""
    found = f"coalesce({', '.join(ids)}, key)"
    cells = f"SELECT DISTINCT {column} AS cell FROM {stored} WHERE {column} IS NOT NULL"
    if not is_list(field):
        return f"SELECT key AS cell, {found} AS link FROM (SELECT cell AS key FROM ({cells})) {joins}"
    return f"""
        SELECT cell, list(link ORDER BY position) AS link
        FROM (
            SELECT cell, {found} AS link, min(position) AS position
            FROM (SELECT cell, unnest(cell) AS key, generate_subscripts(cell, 1) AS position FROM ({cells})) {joins}
            GROUP BY ALL
        )
        GROUP BY cell"""
