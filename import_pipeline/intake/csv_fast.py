"""The fast way: DuckDB's own reader with the dialect told to it, strict, so that it refuses what it would bend.

What it refuses, and what begins otherwise than the sample, is left to the exact reader.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.intake.csv_agreement import begins_like, may_hold_headers
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES, Line, notes_below
from import_pipeline.intake.reading import Findings
from import_pipeline.sql import Parameters, quote, quoted_list

if TYPE_CHECKING:
    from import_pipeline.intake.sheet_columns import SheetColumns

MAX_COLUMNS = 2_000
_CHUNK_BYTES = 1 << 22
_END_BYTES = 1 << 14
_GAP = re.compile(rb"[\r\n][ \t]*(\r\n|\n|\r)\s*\S")


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
    if has_gap_near_end(path):
        return False
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
    except (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError):
        return False  # the last one is DuckDB's refusal, too: its message shows a line cut within a character
    if (
        begins_like(connection, layout.width, sample)
        and not may_hold_headers(connection, layout, sample)
        and not _has_spare_cells(connection, path, dialect, layout)
    ):
        return True
    connection.execute("DROP TABLE source_text")
    return False


def take(
    connection: duckdb.DuckDBPyConnection, columns: "SheetColumns", layout: Layout, sample: Sequence[Sequence[str]]
) -> bool:
    """Fill `source_text` with the cells of a sheet; False, with no table left, if they are not to be had so simply."""
    if not columns.fill(connection, layout.skipped_lines + layout.header_lines, layout.width):
        return False
    if begins_like(connection, layout.width, sample) and not may_hold_headers(connection, layout, sample):
        return True
    connection.execute("DROP TABLE source_text")
    return False


def find_notes(connection: duckdb.DuckDBPyConnection, width: int, delimiter: str, findings: Findings) -> None:
    """Tell which of the last rows of `source_text` are notes below the table."""
    columns = quoted_list(f"c{place + 1}" for place in range(width))
    found = connection.execute(
        f"""
        SELECT rowid + 1, {columns}
        FROM source_text
        WHERE rowid >= (SELECT max(rowid) FROM source_text) - $most
        ORDER BY rowid
        """,
        {"most": MOST_NOTES - 1},
    ).fetchall()
    lines = [Line(row_number, [cell or "" for cell in cells]) for row_number, *cells in found]
    notes = notes_below(lines, width, [line.row_number for line in lines[-1:]])
    for line in lines:
        if line.row_number in notes:
            findings.add_no_row(line.row_number, notes[line.row_number], line.text(delimiter))


def has_gap_near_end(path: Path) -> bool:
    """Whether text stands below a blank line near the end, which DuckDB does not tell of."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - _END_BYTES))
        return _GAP.search(handle.read()) is not None


def _has_spare_cells(connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, layout: Layout) -> bool:
    """Whether more lines end with an empty cell than rows end with nothing.

    DuckDB drops an empty cell behind the last column without a word, but it may be the last cell of a row that is
    shifted, because a cell before it holds the delimiter and is not quoted.
    """
    delimiter = dialect.delimiter.encode()
    skip = layout.skipped_lines + layout.header_lines
    ended = _lines_ending_with(path, skip, delimiter)
    if not ended:
        return False
    last = quote(f"c{layout.width}")
    found = connection.execute(f"SELECT count(*) - count({last}) FROM source_text").fetchone()
    ended += _lines_ending_with(path, skip, delimiter + dialect.quote.encode() * 2) if dialect.quote else 0
    return ended > (found[0] if found else 0)


def _lines_ending_with(path: Path, skip: int, text: bytes) -> int:
    """How many lines end with a text, the last one of the file too where it has no end."""
    ended = 0
    before = b""
    with path.open("rb") as handle:
        for _ in range(skip):
            handle.readline()
        while chunk := handle.read(_CHUNK_BYTES):
            ended += _count_ends(chunk, text) + _count_ends(before + chunk[: len(text)], text)
            before = chunk[-len(text) :]
    return ended + (before == text)


def _count_ends(chunk: bytes, text: bytes) -> int:
    """How many lines end with a text; looked for from behind, which is three times as fast as counting."""
    ends = (text + end for end in (b"\n", b"\r") if end in chunk)
    return sum(chunk.count(end) for end in ends if chunk.rfind(end) >= 0)
