"""The workspace's tables that reading fills: `source_text`, `source_columns` and the structural `defects`.

Rows reach DuckDB as Arrow batches here; no other module of intake writes to the workspace.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from import_pipeline.intake.column_statistics import ColumnStatistics
from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.intake.structural_defects import NO_ROW_CODES
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import WORKSPACE_TABLES
from import_pipeline.words import Phase

if TYPE_CHECKING:
    import duckdb
    import pyarrow

_COLUMNS_AT_ONCE = 200
_ROWS_AT_ONCE = 2_000

LINES_NOT_ROWS = f"""
    SELECT row_number, code AS reason FROM defects
    WHERE phase = {literal(str(Phase.PREVALIDATION))} AND code IN ({", ".join(map(literal, NO_ROW_CODES))})
"""
"""SELECT of the lines of `source_text` that are no rows of the table, and why."""
DATA_ROWS = f"""(
    SELECT rowid + 1 AS row_number, * FROM source_text
    WHERE rowid + 1 NOT IN (SELECT row_number FROM ({LINES_NOT_ROWS}))
)"""
"""The lines of `source_text` that are rows, with their numbers."""


def has_lines_not_rows(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Whether `source_text` has lines that are no rows of the table."""
    return connection.execute(f"{LINES_NOT_ROWS} LIMIT 1").fetchone() is not None


def drop_tables(connection: "duckdb.DuckDBPyConnection") -> None:
    """Make the workspace ready to be read into once more."""
    connection.execute("DROP VIEW IF EXISTS source_rows")
    connection.execute("DROP TABLE IF EXISTS source_text")
    connection.execute("DROP TABLE IF EXISTS source_columns")
    connection.execute(WORKSPACE_TABLES)
    connection.execute("DELETE FROM defects WHERE phase = $phase", {"phase": Phase.PREVALIDATION})


def create_from_blocks(connection: "duckdb.DuckDBPyConnection", width: int, blocks: Iterable[list[list[str]]]) -> None:
    """Make `source_text` of blocks of rows, each row with `width` cells; empty cells become NULL."""
    import pyarrow

    schema = pyarrow.schema([(f"c{i + 1}", pyarrow.string()) for i in range(width)])
    failures: list[Exception] = []
    create_from_batches(connection, schema, _batches(blocks, schema, failures), failures)


def create_from_batches(
    connection: "duckdb.DuckDBPyConnection",
    schema: "pyarrow.Schema",
    batches: Iterator["pyarrow.RecordBatch"],
    failures: Sequence[Exception],
) -> None:
    """Make `source_text` of batches of Arrow.

    Args:
        connection: The workspace.
        schema: The schema of the batches.
        batches: The batches.
        failures: What making them raised, as they note it themselves: out of Arrow it comes as DuckDB's error, and the
            cause is what a person needs.
    """
    import duckdb
    import pyarrow

    connection.register("exact_rows", pyarrow.RecordBatchReader.from_batches(schema, batches))
    try:
        connection.execute("CREATE TABLE source_text AS SELECT * FROM exact_rows")
    except duckdb.Error as error:
        raise failures[0] if failures else error from None
    finally:
        connection.unregister("exact_rows")


def _batches(
    blocks: Iterable[list[list[str]]], schema: "pyarrow.Schema", failures: list[Exception]
) -> Iterator["pyarrow.RecordBatch"]:
    import pyarrow

    try:
        for rows in _in_larger_blocks(blocks):
            columns = [
                # a column without empty cells goes as it is; None for the others costs a list
                pyarrow.array([cell or None for cell in column] if "" in column else column, pyarrow.string())
                for column in zip(*rows, strict=True)
            ]
            yield pyarrow.RecordBatch.from_arrays(columns, schema=schema)
    except Exception as error:  # whatever a block raises: DuckDB would tell it in words of its own
        failures.append(error)
        raise


def _in_larger_blocks(blocks: Iterable[list[list[str]]]) -> Iterator[list[list[str]]]:
    """The same rows in fewer blocks: a faulty file gives many of a single row, and each costs DuckDB a chunk."""
    held: list[list[str]] = []
    for rows in blocks:
        held += rows
        if len(held) >= _ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def longest_cell(connection: "duckdb.DuckDBPyConnection", statistics: Sequence[ColumnStatistics], most: int) -> int:
    """Size in bytes of the largest cell of `source_text`; 0, or another one's, where none is larger than `most`."""
    largest = 0
    for places in _in_parts(statistics, lambda column: column.longest is None or column.longest > most):
        sizes = ", ".join(f"max(strlen({quote(f'c{place + 1}')}))" for place in places)
        found = connection.execute(f"SELECT {sizes} FROM source_text").fetchone() or ()
        largest = max(largest, *(size or 0 for size in found))
    return largest


def columns_far_beyond_ascii(
    connection: "duckdb.DuckDBPyConnection", statistics: Sequence[ColumnStatistics]
) -> list[int]:
    """The columns of `source_text`, from 0, with cells of several characters beyond ASCII, as garbled text has them."""
    found: list[int] = []
    parts = list(_in_parts(statistics, lambda column: column.beyond_ascii))
    if len(parts) > 1 and not _has_any_far_beyond_ascii(connection, [place for part in parts for place in part]):
        return found
    for places in parts:
        columns = [quote(f"c{place + 1}") for place in places]
        tests = ", ".join(f"bool_or(strlen({column}) > length({column}) + 1)" for column in columns)
        flags = connection.execute(f"SELECT {tests} FROM source_text").fetchone() or ()
        found += [place for place, flag in zip(places, flags, strict=True) if flag]
    return found


def _in_parts(
    statistics: Sequence[ColumnStatistics], concerns: Callable[[ColumnStatistics], bool]
) -> Iterator[list[int]]:
    """The columns, from 0, that something concerns, no more at once than one statement can look at."""
    places = [place for place, column in enumerate(statistics) if concerns(column)]
    for begin in range(0, len(places), _COLUMNS_AT_ONCE):
        yield places[begin : begin + _COLUMNS_AT_ONCE]


def _has_any_far_beyond_ascii(connection: "duckdb.DuckDBPyConnection", places: Sequence[int]) -> bool:
    """The same of all columns together: looking at thousands one by one takes DuckDB seconds."""
    columns = ", ".join(quote(f"c{place + 1}") for place in places)
    return bool(
        connection.execute(
            f"""
            SELECT 1 FROM (SELECT concat({columns}) AS cells FROM source_text)
            WHERE strlen(cells) > length(cells) + 1
            LIMIT 1
            """
        ).fetchone()
    )


def count_rows(connection: "duckdb.DuckDBPyConnection") -> int:
    """How many rows `source_text` has."""
    counted = connection.execute("SELECT count(*) FROM source_text").fetchone()
    return counted[0] if counted else 0


def write_columns(connection: "duckdb.DuckDBPyConnection", names: Sequence[str]) -> None:
    """Make `source_columns` and the view `source_rows`."""
    columns = "position INTEGER, name VARCHAR, column_name VARCHAR, field VARCHAR"
    connection.execute(f"CREATE TABLE source_columns ({columns})")
    connection.execute(
        """
        INSERT INTO source_columns (position, name, column_name)
        SELECT position, name, 'c' || position
        FROM (SELECT unnest($names) AS name, generate_subscripts($names, 1) AS position)
        """,
        {"names": list(names)},
    )
    connection.execute("CREATE VIEW source_rows AS SELECT rowid + 1 AS row_number, * FROM source_text")


def append_defects(connection: "duckdb.DuckDBPyConnection", defects: Sequence[StructuralDefect]) -> None:
    """Add structural defects to `defects`."""
    if not defects:
        return
    import pyarrow

    columns = {
        "row_number": pyarrow.array([one.row_number for one in defects], pyarrow.int64()),
        "column": pyarrow.array([one.column for one in defects], pyarrow.string()),
        "code": pyarrow.array([one.code for one in defects], pyarrow.string()),
        "message": pyarrow.array([one.message for one in defects], pyarrow.string()),
        "value": pyarrow.array([one.value for one in defects], pyarrow.string()),
        "level": pyarrow.array([str(one.level) for one in defects], pyarrow.string()),
    }
    connection.register("found_defects", pyarrow.table(columns))
    try:
        connection.execute(
            f"""
            INSERT INTO defects
            SELECT row_number, {quote("column")}, NULL, $phase, code, message, value, level
            FROM found_defects
            """,
            {"phase": Phase.PREVALIDATION},
        )
    finally:
        connection.unregister("found_defects")
