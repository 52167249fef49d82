"""The changes of records, derived from what a record store keeps: its history, the outcomes of rows, and the marks.

Only SQL over the attached store belongs here. The order is that of the marks, which are numbered under the write lock;
of the lines and marks that changes need nothing is ever cleared away.
"""

from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.record_tables import history_table, shown_columns, store_table

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

MARKS = store_table("applied_imports")


def last_mark(connection: "duckdb.DuckDBPyConnection") -> tuple[int, str] | None:
    """Number and import of the last mark that the store holds."""
    return connection.execute(f"SELECT sequence, import_id FROM {MARKS} ORDER BY sequence DESC LIMIT 1").fetchone()


def has_mark(connection: "duckdb.DuckDBPyConnection", sequence: int, import_id: str) -> bool:
    """Whether the mark of that number is that of the import."""
    found = connection.execute(
        f"SELECT 1 FROM {MARKS} WHERE sequence = $sequence AND import_id = $import_id",
        {"sequence": sequence, "import_id": import_id},
    )
    return found.fetchone() is not None


def count_changes(
    connection: "duckdb.DuckDBPyConnection", record_type: RecordType, import_ids: "Collection[str]"
) -> dict[str, int]:
    """Operation → how many records of a type imports changed."""
    own = "list_contains($imports::VARCHAR[], import_id)"
    imports = {"imports": list(import_ids)}
    first, last = connection.execute(
        f"SELECT min(sequence), max(sequence) FROM {MARKS} WHERE {own}", imports
    ).fetchall()[0]
    lines = f"SELECT operation, count(*) FROM ({_lines(record_type)}) WHERE {own} GROUP BY operation"
    return dict(connection.execute(lines, imports | {"first": first, "last": last}).fetchall())


def make_page(
    connection: "duckdb.DuckDBPyConnection",
    record_type: RecordType,
    first: int,
    last: int,
    behind: tuple[int, str] | None = None,
    limit: int | None = None,
) -> bool:
    """Make the temporary table `page`: what was done to which record, in order, each line with its number from 1.

    Args:
        connection: With the store attached.
        record_type: The type of the records.
        first: The number of the first mark whose changes are wanted.
        last: That of the last one.
        behind: Row number (0 for none) and record of the change of the first mark behind which the page begins.
        limit: How many changes at most.

    Returns:
        Whether there are more.
    """
    values: dict[str, Any] = {"first": first, "last": last}
    condition = "true"
    if behind is not None:
        condition = "(sequence > $first OR (place, record_id) > ($row::BIGINT, $record::VARCHAR))"
        values |= {"row": behind[0], "record": behind[1]}
    connection.execute(
        f"""
        CREATE OR REPLACE TEMPORARY TABLE page AS
        SELECT *, row_number() OVER (ORDER BY sequence, place, record_id) AS number
        FROM (
            SELECT * FROM (SELECT *, coalesce(row_number, 0) AS place FROM ({_lines(record_type)}))
            WHERE {condition}
            ORDER BY sequence, place, record_id {"" if limit is None else f"LIMIT {int(limit) + 1}"}
        )
        """,
        values,
    )
    if limit is None:
        return False
    [(surplus,)] = connection.execute("DELETE FROM temp.page WHERE number > $limit", {"limit": limit}).fetchall()
    return bool(surplus)


def last_of_page(connection: "duckdb.DuckDBPyConnection") -> tuple[int, str, int, str]:
    """Of the last change of the page: number and import of its mark, row number (0 for none) and record."""
    last = "SELECT sequence, import_id, place, record_id FROM temp.page ORDER BY number DESC LIMIT 1"
    return connection.execute(last).fetchall()[0]


def _lines(record_type: RecordType) -> str:
    """SELECT of what was done to records in the transactions from `$first` to `$last`: each record once in each."""
    between = "mark_sequence BETWEEN $first::BIGINT AND $last::BIGINT"
    return f"""
        SELECT mark_sequence AS sequence, row_number, id AS record_id, operation, import_id
        FROM {history_table(record_type)} WHERE {between}
        UNION ALL
        SELECT mark_sequence, row_number, record_id, outcome, import_id
        FROM {store_table("row_outcomes")}
        WHERE {between} AND outcome = 'created' AND record_type = {literal(record_type.name)}"""


def changes_of_page(record_type: RecordType) -> str:
    """SELECT of the changes of `page`, in their order, with the records before and after as structs.

    What a record was before an update or a deletion, the history has; what it was afterwards is what it was before the
    next one, or is now.
    """
    history, image = f"{history_table(record_type)} WHERE operation <> 'created'", _image(record_type)
    return f"""
        WITH next AS (
            SELECT page.number, page.record_id, min(later.mark_sequence) AS sequence
            FROM temp.page
            JOIN (
                SELECT id, mark_sequence FROM {history}
                AND mark_sequence > (SELECT min(sequence) FROM temp.page)
                AND id IN (SELECT record_id FROM temp.page)
            ) AS later ON later.id = page.record_id AND later.mark_sequence > page.sequence
            GROUP BY ALL
        ),
        images AS MATERIALIZED (
            SELECT kept.id, kept.mark_sequence AS sequence, kept.image
            FROM (SELECT id, mark_sequence, {image} AS image FROM {history}) AS kept
            JOIN (
                SELECT record_id, sequence FROM temp.page WHERE operation <> 'created'
                UNION
                SELECT record_id, sequence FROM next
            ) AS wanted ON wanted.record_id = kept.id AND wanted.sequence = kept.mark_sequence
        ),
        stored AS (
            SELECT id, {image} AS image FROM {store_table(record_type.table)}
            WHERE id IN (SELECT record_id FROM temp.page)
        )
        SELECT
            page.sequence,
            page.operation,
            page.record_id,
            page.import_id,
            page.row_number,
            marks.applied_at AS changed_at,
            earlier.image AS before,
            CASE
                WHEN page.operation = 'deleted' THEN NULL
                WHEN next.sequence IS NOT NULL THEN later.image
                ELSE stored.image
            END AS after
        FROM temp.page
        LEFT JOIN {MARKS} AS marks ON marks.sequence = page.sequence
        LEFT JOIN next ON next.number = page.number
        LEFT JOIN images AS earlier ON earlier.id = page.record_id AND earlier.sequence = page.sequence
        LEFT JOIN images AS later ON later.id = page.record_id AND later.sequence = next.sequence
        LEFT JOIN stored ON stored.id = page.record_id
        ORDER BY page.number"""


def no_changes(record_type: RecordType) -> str:
    """SELECT of the same columns, and no row."""
    types = ", ".join(f"{quote(name)} {sql_type}" for name, sql_type in shown_columns(record_type).items())
    return f"""
        SELECT NULL::BIGINT AS sequence, NULL::VARCHAR AS operation, NULL::VARCHAR AS record_id,
            NULL::VARCHAR AS import_id, NULL::BIGINT AS row_number, NULL::TIMESTAMP AS changed_at,
            NULL::STRUCT({types}) AS before, NULL::STRUCT({types}) AS after
        WHERE false"""


def _image(record_type: RecordType) -> str:
    """SQL of a record as it is shown, in one value, of the same types in every kind of store."""
    packed = ", ".join(
        f"{quote(name)} := {quote(name)}::{sql_type}" for name, sql_type in shown_columns(record_type).items()
    )
    return f"struct_pack({packed})"
