"""The fast way: DuckDB's own reader with the dialect told to it, strict, so that it refuses what it would bend.

What it refuses, and what begins otherwise than the sample, is left to the exact reader.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.sql import Parameters, quote

MAX_COLUMNS = 2_000


def can_try(dialect: Dialect, layout: Layout) -> bool:
    """Whether DuckDB knows such a dialect at all."""
    return (
        2 <= layout.width <= MAX_COLUMNS
        and 1 <= len(dialect.delimiter.encode()) <= 4
        and len(dialect.delimiter) == 1
        and all(len(mark.encode()) <= 1 for mark in (dialect.quote, dialect.escape))
        and dialect.doubles_quotes
        and layout.cells == layout.width
        and not (layout.comment or layout.has_blank_lines)
    )


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    dialect: Dialect,
    layout: Layout,
    sample: Sequence[Sequence[str]],
) -> bool:
    """Fill `source_text` from the file; False, with no table left, if it is not for this reader.

    Args:
        connection: The workspace.
        path: The file, in UTF-8.
        dialect: How its cells are written.
        layout: Where its table stands.
        sample: The first data rows as detection saw them; what DuckDB reads must begin with them.
    """
    bind = Parameters()
    columns = ", ".join(f"{quote(f'c{i + 1}')}: 'VARCHAR'" for i in range(layout.width))
    skip = layout.skipped_lines + layout.header_lines
    statement = f"""
        CREATE TABLE source_text AS
        SELECT *
        FROM read_csv(
            {bind.bind(str(path))},
            columns = {{{columns}}},
            auto_detect = false,
            header = false,
            delim = {bind.bind(dialect.delimiter)},
            quote = {bind.bind(dialect.quote)},
            escape = {bind.bind(dialect.quote)},
            skip = {bind.bind(skip)},
            strict_mode = true,
            null_padding = false
        )
    """
    try:
        connection.execute(statement, bind)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    if _begins_like(connection, layout.width, sample) and not _repeats_header(connection, layout):
        return True
    connection.execute("DROP TABLE source_text")
    return False


def _begins_like(connection: duckdb.DuckDBPyConnection, width: int, sample: Sequence[Sequence[str]]) -> bool:
    first = [row for row in sample if row][:50]
    read = connection.execute(f"SELECT * FROM source_text ORDER BY rowid LIMIT {len(first)}").fetchall()
    told = [tuple(cell or None for cell in [*row, *[""] * width][:width]) for row in first]
    return read == told


def _repeats_header(connection: duckdb.DuckDBPyConnection, layout: Layout) -> bool:
    """Whether the header comes again among the rows, as the head of another table."""
    if not layout.header:
        return False
    bind = Parameters()
    same = " AND ".join(
        f"{quote(f'c{i + 1}')} IS NOT DISTINCT FROM {bind.bind(name or None)}" for i, name in enumerate(layout.header)
    )
    return connection.execute(f"SELECT 1 FROM source_text WHERE {same} LIMIT 1", bind).fetchone() is not None
