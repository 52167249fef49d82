"""Reading what was published of an import: its rows, its defects, and what is wrong with its failing rows. Read only.

`queries`, `reviewing` and `downloads` read here for all interfaces. Nothing is read from a workspace, so that it is the
same on every host and whoever else reads or works.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, NotFoundError, ResultsMissingError
from import_pipeline.phases.differences import rows_with_changes
from import_pipeline.phases.formulas import harmless
from import_pipeline.phases.results import DEFECTS, DEFECTS_ORDER, ROWS_ORDER
from import_pipeline.service import publishing
from import_pipeline.service.result_files import again_where_replaced, file_of, unless_replaced
from import_pipeline.sql import literal, parquet, quote
from import_pipeline.stores import published
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.published import Published
from import_pipeline.stores.workspace import instance_config, lock_down
from import_pipeline.words import Outcome, Status

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

HEADER = "row_number,record_id,outcome,reason,field,before,after\n"
_TEXTS = ("record_id", "reason", "field", "before", "after")
NO_DEFECTS = """
    SELECT NULL::BIGINT AS row_number, NULL::VARCHAR AS "column", NULL::VARCHAR AS field, NULL::VARCHAR AS phase,
        NULL::VARCHAR AS code, NULL::VARCHAR AS level, NULL::VARCHAR AS message, NULL::VARCHAR AS value
    WHERE false"""
NO_ROWS = """
    SELECT NULL::BIGINT AS row_number, NULL::VARCHAR AS record_id, NULL::VARCHAR AS outcome, NULL::VARCHAR AS reason,
        NULL::VARCHAR[] AS cells, NULL::STRUCT(place INTEGER, text VARCHAR)[] AS uncorrected
    WHERE false"""


@dataclass(frozen=True)
class Results:
    """The published results of an import, open: the views `rows` and `defects` of a connection.

    Attributes:
        connection: It may touch nothing but these files, and those that are to be written.
        about: What the registry says of them.
    """

    connection: "duckdb.DuckDBPyConnection"
    about: Published

    def dictionaries(self, select: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a small SELECT as dictionaries."""
        cursor = self.connection.execute(select, parameters or None)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def write(self, select: str, to: Path, form: str) -> int:
        """Write a SELECT into a file; gives the number of its rows."""
        # Beside the file itself nothing may be written; one that is there already is written over.
        copied = self.connection.execute(
            f"COPY ({select}) TO {literal(str(to))} ({form}, USE_TMP_FILE false)"
        ).fetchone()
        return int(copied[0]) if copied else 0


def find(home: "Home", record: ImportRecord) -> tuple[Published, dict[str, Path]] | None:
    """What was published of an import when it last stopped, with its files on this host: `rows`, `defects`.

    A file that there is not holds nothing.

    Returns:
        None where the import did not stop yet, or stopped before its file was read.

    Raises:
        ResultsMissingError: They, or one of their objects, are no longer there.
    """
    about = published.find(home.registry, record.id)
    has_stopped = record.status.is_final or record.status is Status.NEEDS_REVIEW
    if about is None and has_stopped:
        # It ended before results were published, or the process died that was to publish them.
        publishing.publish_stopped(home, record)
        about = published.find(home.registry, record.id)
        if about is None and record.total_rows is not None:
            raise ResultsMissingError(record.id)
    if about is None:
        return None
    wanted = {"rows": (about.has_rows, about.rows_key), "defects": (about.has_defects, about.defects_key)}
    try:
        return about, {view: file_of(home, key) for view, (is_there, key) in wanted.items() if is_there}
    except NotFoundError as error:
        newer = published.find(home.registry, record.id)
        if newer is not None and newer.version != about.version:  # it stopped anew this moment
            return find(home, record)
        raise ResultsMissingError(record.id, str(error.culprits["key"])) from error


@contextmanager
def opened(home: "Home", record: ImportRecord, writable: Sequence[Path] = ()) -> Iterator[Results | None]:
    """Open the results of an import as they were when it last stopped.

    Args:
        home: The home.
        record: The import.
        writable: Files that are to be written from them.

    Yields:
        None where it did not stop yet, or stopped before its file was read.

    Raises:
        ResultsMissingError: They, or one of their objects, are no longer there.
        ResultsReplacedError: The import stopped anew meanwhile: whoever reads begins again (`again_where_replaced`).
    """
    import duckdb

    found = find(home, record)
    if found is None:
        yield None
        return
    about, files = found
    config = instance_config(home.settings, f"reading-{secrets.token_hex(8)}")
    with unless_replaced(home, about), duckdb.connect(config=config) as connection:
        lock_down(connection, [*files.values(), *writable])
        for view, none in (("rows", NO_ROWS), ("defects", NO_DEFECTS)):
            path = files.get(view)
            select = none if path is None else f"SELECT * FROM {parquet(path)}"
            connection.execute(f"CREATE TEMPORARY VIEW {view} AS {select}")
        yield Results(connection, about)


@again_where_replaced
def defects(home: "Home", record: ImportRecord, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """Defects of an import, those of the whole file first, then by row.

    Args:
        home: The home.
        record: The import.
        limit: How many at most.
        after: How many to pass over.
    """
    about = published.find(home.registry, record.id)
    if about is not None and not about.has_defects:
        return []
    with opened(home, record) as results:
        if results is None:
            return []
        page = f"SELECT {DEFECTS} FROM defects ORDER BY {DEFECTS_ORDER} LIMIT $limit OFFSET $after"
        return results.dictionaries(page, {"limit": limit, "after": after})


@again_where_replaced
def write_defects_csv(home: "Home", record: ImportRecord, to: Path) -> int:
    """Write all defects of an import as CSV; cells that look like formulas are made harmless.

    Returns:
        The number of defects written.
    """
    with opened(home, record, [to]) as results:
        if results is None:
            to.write_text(DEFECTS.replace('"', "").replace(" ", "") + "\n", encoding="utf-8")
            return 0
        cells = ", ".join(
            f"{harmless(quote(name))} AS {quote(name)}" for name in ("column", "field", "message", "value")
        )
        select = f"SELECT * REPLACE ({cells}) FROM (SELECT {DEFECTS} FROM defects ORDER BY {DEFECTS_ORDER})"
        return results.write(select, to, "FORMAT csv, HEADER true")


@again_where_replaced
def rows(
    home: "Home", record: ImportRecord, limit: int = 100, after: int = 0, outcome: str | None = None
) -> list[dict[str, Any]]:
    """The rows of an import with their outcome, record and changed fields: predicted for a dry run, else what was done.

    Args:
        home: The home.
        record: The import.
        limit: How many at most.
        after: How many to pass over.
        outcome: Only rows with this outcome.

    Returns:
        Dictionaries of row_number (None for a record that an overwrite deletes), record_id, outcome, reason and
        changes: dictionaries of field, before, after as text. Nothing where the import stopped before it was planned.

    Raises:
        MisuseError: There is no such outcome.
    """
    wanted = outcome_named(outcome)
    with opened(home, record) as results:
        return [] if results is None else results.dictionaries(_rows(results, wanted, limit, after))


@again_where_replaced
def write_rows_csv(home: "Home", record: ImportRecord, to: Path, outcome: str | None = None) -> int:
    """Write the rows of an import as CSV, a line for each changed field, or one for a row without changes.

    Returns:
        The number of lines written.
    """
    wanted = outcome_named(outcome)
    with opened(home, record, [to]) as results:
        if results is None:
            to.write_text(HEADER, encoding="utf-8")
            return 0
        return results.write(_lines(_rows(results, wanted)), to, "FORMAT csv, HEADER true")


def _rows(results: Results, outcome: Outcome | None, limit: int | None = None, after: int = 0) -> str:
    """SELECT of row_number, record_id, outcome, reason and changes."""
    wanted = f"outcome = {literal(str(outcome))}" if outcome is not None else "outcome IS NOT NULL"
    page = f"SELECT * FROM rows WHERE {wanted}"
    if limit is not None:
        page = page_of_rows(results, wanted, limit, after)
    return f"{rows_with_changes(results.connection, page)} ORDER BY {ROWS_ORDER}"


def page_of_rows(results: Results, wanted: str, limit: int, after: int = 0) -> str:
    """SELECT of some of the rows that meet a SQL condition, whole as they were published."""
    # Which lines are on the page is found out by narrow columns; the records are read of these alone.
    lines = results.connection.execute(
        f"SELECT row_number, record_id FROM rows WHERE {wanted} ORDER BY {ROWS_ORDER} LIMIT $limit OFFSET $after",
        {"limit": limit, "after": after},
    ).fetchall()
    numbers = [number for number, _ in lines if number is not None]
    records = ", ".join(literal(record_id) for number, record_id in lines if number is None)
    within = f"row_number BETWEEN {min(numbers)} AND {max(numbers)}" if numbers else "false"
    page = f"SELECT * FROM rows WHERE {wanted}"
    return f"""
        {page} AND {within}
        UNION ALL BY NAME {page} AND row_number IS NULL AND record_id IN ({records or "NULL"})"""


def _lines(select: str) -> str:
    """SELECT of one line for each changed field, or one for a row without any; formulas are made harmless."""
    cells = ", ".join(f"{harmless(quote(name))} AS {quote(name)}" for name in _TEXTS)
    return f"""
        SELECT row_number, * EXCLUDE (row_number, position) REPLACE ({cells})
        FROM (
            SELECT row_number, record_id, outcome, reason, change.field, change."before", change."after", position
            FROM (
                SELECT row_number, record_id, outcome, reason,
                    unnest(CASE WHEN len(changes) = 0 THEN [NULL] ELSE changes END) AS change,
                    generate_subscripts(CASE WHEN len(changes) = 0 THEN [NULL] ELSE changes END, 1) AS position
                FROM ({select})
            )
        )
        ORDER BY {ROWS_ORDER}, position
    """


def outcome_named(name: str | None) -> Outcome | None:
    """The outcome of that name.

    Raises:
        MisuseError: There is none.
    """
    if name is None:
        return None
    if name not in list(Outcome):
        raise MisuseError(f"There is no outcome {name!r}. Use one of: {', '.join(Outcome)}.")
    return Outcome(name)
