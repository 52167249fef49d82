"""The stored records that rows change or delete, whole, as they are before: the view `before(row_number, record)`.

Its table `fetched` lacks the columns in which nothing is stored at all: records have many fields, most stores use few
of them, and each column that is carried along costs time and memory for every record.
"""

from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.records import store_table

_WORTH_ROWS = 10_000
"""For fewer rows it takes longer to ask what is empty than to carry it along."""


def fetch_before(work: Work, rows: str) -> None:
    """Make `before` of the stored records of some rows.

    Args:
        work: The import at work.
        rows: SELECT of row_number and record_id, each record once.
    """
    table = store_table(work.record_type.table)
    described = work.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
    types: dict[str, str] = dict(described.fetchall())
    empty = _empty_columns(work, list(types)) if work.number(f"SELECT count(*) FROM ({rows})") >= _WORTH_ROWS else set()
    held = ", ".join(f"stored.{quote(name)}" for name in types if name not in empty)
    keep_before(
        work,
        f"""
        SELECT given.row_number, {held}
        FROM {table} AS stored
        JOIN ({rows}) AS given ON given.record_id = stored.id
        """,
        ["row_number", *(quote(n) if n not in empty else f"NULL::{kind} AS {quote(n)}" for n, kind in types.items())],
    )


def keep_before(work: Work, select: str, columns: list[str], parameters: Parameters | None = None) -> None:
    """Make `before` of what a SELECT gives.

    Args:
        work: The import at work.
        select: SELECT of row_number and columns of the record table.
        columns: SQL of all columns of `before` over that.
        parameters: The bound values of the SELECT.
    """
    work.create("fetched", select, parameters)
    work.execute(f"CREATE OR REPLACE VIEW before AS SELECT {', '.join(columns)} FROM fetched")


def _empty_columns(work: Work, columns: list[str]) -> set[str]:
    """The columns in which no record has a value. DuckDB knows by its statistics; a server would read it all."""
    if open_store(work.settings, work.spec.organization).is_on_server:
        return set()
    table = store_table(work.record_type.table)
    one_each = (f"(SELECT {literal(n)} FROM {table} WHERE {quote(n)} IS NOT NULL LIMIT 1)" for n in columns)
    return set(columns) - {name for (name,) in work.execute(" UNION ALL ".join(one_each)).fetchall()}
