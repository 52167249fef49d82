"""Record stores that an earlier version of the program made, brought to the form in which records are kept now.

`layout(version)` in a store says which form it has. Version 1: a reference is the id of a record, no longer its name.
Version 2: each line of the history and of the outcomes of rows has the number of its mark, and the history has a line
for each creation that stands in no row's outcome.
"""

from typing import TYPE_CHECKING

from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.record_tables import STORE, history_table, record_columns, store_table
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

VERSION = 2


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
    if version < 2:
        for record_type in known:
            _note_creations(connection, record_type)
        for table in ("row_outcomes", *_history_tables(connection)):
            _number(connection, table)


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


def _note_creations(connection: "duckdb.DuckDBPyConnection", record_type: RecordType) -> None:
    """Note in the history the creation of records that were made because a row refers to them."""
    history = history_table(record_type)
    connection.execute(
        f"""
        INSERT INTO {history} BY NAME
        SELECT created_by_import AS import_id, 'created' AS operation, min(created_at) AS changed_at, id
        FROM (
            SELECT id, created_by_import, created_at FROM {history} UNION ALL
            SELECT id, created_by_import, created_at FROM {store_table(record_type.table)}
        )
        WHERE created_by_import IS NOT NULL AND (id, created_by_import) NOT IN (
            SELECT (record_id, import_id) FROM {store_table("row_outcomes")}
            WHERE outcome = 'created' AND record_type = {literal(record_type.name)}
        )
        GROUP BY id, created_by_import
        """
    )


def _history_tables(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    """All tables of before-images, each with a number on its lines; also of record types that imports brought along."""
    found = connection.execute(
        """
        SELECT table_name, bool_or(column_name = 'mark_sequence')
        FROM information_schema.columns WHERE table_catalog = ? AND table_name LIKE '%\\_history' ESCAPE '\\'
        GROUP BY table_name
        """,
        [STORE],
    ).fetchall()
    for table, is_numbered in found:
        if not is_numbered:
            connection.execute(f"ALTER TABLE {store_table(table)} ADD COLUMN mark_sequence BIGINT")
    return [table for table, _ in found]


def _number(connection: "duckdb.DuckDBPyConnection", table: str) -> None:
    """Give each line of a table the number of the mark with which it was written; 0 where there is no mark.

    What phase 7 wrote stands beside no row of the file.
    """
    marks = f"""
        SELECT import_id,
            max(sequence) FILTER (phase = 'processing') AS written,
            max(sequence) FILTER (phase = 'cleanup') AS cleaned
        FROM {store_table("applied_imports")} GROUP BY import_id"""
    created = "" if table == "row_outcomes" else "AND operation <> 'created'"
    numbered = store_table(table)
    connection.execute(
        f"""
        UPDATE {numbered} SET mark_sequence = CASE
            WHEN row_number IS NULL {created} THEN coalesce(cleaned, written) ELSE written END
        FROM ({marks}) AS marks WHERE marks.import_id = {numbered}.import_id
        """
    )
    connection.execute(f"UPDATE {numbered} SET mark_sequence = 0 WHERE mark_sequence IS NULL")
