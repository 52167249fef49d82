"""The fast way: DuckDB's own reader with the dialect told to it, strict, so that it refuses what it would bend.

What it refuses, and what begins otherwise than the sample, is left to the exact reader.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.intake.csv_agreement import begins_like, may_hold_headers
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES, Line, notes_below
from import_pipeline.intake.reading import Findings
from import_pipeline.sql import Parameters, exact_path, quote, quoted_list

if TYPE_CHECKING:
    from import_pipeline.intake.sheet_columns import SheetColumns

MAX_COLUMNS = 2_000
_CHUNK_BYTES = 1 << 18
_END_BYTES = 1 << 14
_GAP = re.compile(rb"(?>\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)\s*\S")


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
            {bind.bind(exact_path(path))},
            columns = {{{columns}}},
            auto_detect = false,
            hive_partitioning = false,
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
    """Whether the file has more delimiters than its rows need and its cells hold.

    DuckDB drops an empty cell behind the last column without a word, but it may be the last cell of a row that is
    shifted, because a cell before it holds the delimiter and is not quoted.
    """
    delimiter = dialect.delimiter.encode()
    skip = layout.skipped_lines + layout.header_lines
    ends = [delimiter, delimiter + dialect.quote.encode() * 2] if dialect.quote else [delimiter]
    if not _has_line_ending_with(path, skip, ends):
        return False
    (rows,) = connection.execute("SELECT count(*) FROM source_text").fetchone() or (0,)
    surplus = _count(path, skip, delimiter) - rows * (layout.width - 1)
    if not (surplus and dialect.quote):
        return surplus != 0
    held = " + ".join(
        f"CASE WHEN contains({column}, $sign) THEN length({column}) - length(replace({column}, $sign, '')) ELSE 0 END"
        for column in (quote(f"c{place + 1}") for place in range(layout.width))
    )
    found = connection.execute(f"SELECT sum({held}) FROM source_text", {"sign": dialect.delimiter}).fetchone()
    return surplus != (found[0] if found else 0)


def _count(path: Path, skip: int, sign: bytes) -> int:
    """How often a character stands below the skipped lines."""
    import numpy as np

    if len(sign) == 1:  # by numpy, which does not stop at each of them
        return sum(int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == sign[0])) for chunk in _chunks(path, skip))
    counted = 0
    before = b""
    for chunk in _chunks(path, skip):
        counted += (before + chunk).count(sign)
        before = chunk[1 - len(sign) :]
    return counted


def _has_line_ending_with(path: Path, skip: int, texts: Sequence[bytes]) -> bool:
    """Whether any line ends with one of some texts, the last one of the file too where it has no end."""
    kept = max(map(len, texts)) + 1
    before = b""
    for chunk in _chunks(path, skip):
        block = before + chunk
        if _ends_a_line(block, texts):
            return True
        before = block[-kept:]
    return before.endswith(tuple(texts))


def _chunks(path: Path, skip: int) -> Iterator[bytes]:
    """What stands below the skipped lines, piece by piece."""
    with path.open("rb") as handle:
        for _ in range(skip):
            handle.readline()
        while chunk := handle.read(_CHUNK_BYTES):
            yield chunk


def _ends_a_line(block: bytes, texts: Sequence[bytes]) -> bool:
    """Whether one of some texts stands before a line end; by numpy, as most texts stand in other places by far."""
    import numpy as np

    content = np.frombuffer(block, np.uint8)
    is_end = content == ord("\n")
    if b"\r" in block:
        is_end |= content == ord("\r")
    ends = np.flatnonzero(is_end)
    for text in texts:
        found = ends[ends >= len(text)]
        for place, sign in enumerate(reversed(text), start=1):
            found = found[content[found - place] == sign]
        if found.size:
            return True
    return False
