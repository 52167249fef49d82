"""The fast way: DuckDB's own reader with the dialect told to it, strict, so that it refuses what it would bend.

What it refuses, and what begins otherwise than the sample, is left to the exact reader.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from import_pipeline.intake import column_statistics
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES, Line, notes_below
from import_pipeline.intake.reading import Findings
from import_pipeline.intake.several_tables import plain, typed_columns
from import_pipeline.sql import Parameters, quote, quoted_list

MAX_COLUMNS = 2_000
_SAMPLE = 200
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
    if _has_gap_near_end(path):
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
        _begins_like(connection, layout.width, sample)
        and not _may_hold_headers(connection, layout, sample)
        and not _has_spare_cells(connection, path, dialect, layout)
    ):
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


def _has_gap_near_end(path: Path) -> bool:
    """Whether text stands below a blank line near the end, which DuckDB does not tell of."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - _END_BYTES))
        return _GAP.search(handle.read()) is not None


def _begins_like(connection: duckdb.DuckDBPyConnection, width: int, sample: Sequence[Sequence[str]]) -> bool:
    first = [row for row in sample if row][:50]
    read = connection.execute(f"SELECT * FROM source_text ORDER BY rowid LIMIT {len(first)}").fetchall()
    told = [tuple(cell or None for cell in [*row, *[""] * width][:width]) for row in first]
    return read == told


def _has_spare_cells(connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, layout: Layout) -> bool:
    """Whether more lines end with the delimiter than rows end with nothing.

    DuckDB drops an empty cell behind the last column without a word, but it may be the last cell of a row that is
    shifted, because a cell before it holds the delimiter and is not quoted.
    """
    delimiter = dialect.delimiter.encode()
    ended = 0
    before = b""
    with path.open("rb") as handle:
        for _ in range(layout.skipped_lines + layout.header_lines):
            handle.readline()
        while chunk := handle.read(_CHUNK_BYTES):
            ended += _count_ends(chunk, delimiter) + _count_ends(before + chunk[: len(delimiter)], delimiter)
            before = chunk[-len(delimiter) :]
    ended += before == delimiter
    if not ended:
        return False
    last = quote(f"c{layout.width}")
    found = connection.execute(f"SELECT count(*) - count({last}) FROM source_text").fetchone()
    return ended > (found[0] if found else 0)


def _count_ends(chunk: bytes, delimiter: bytes) -> int:
    """How many lines end with a delimiter; looked for from behind, which is three times as fast as counting."""
    ends = (delimiter + end for end in (b"\n", b"\r") if end in chunk)
    return sum(chunk.count(end) for end in ends if chunk.rfind(end) >= 0)


def _may_hold_headers(connection: duckdb.DuckDBPyConnection, layout: Layout, sample: Sequence[Sequence[str]]) -> bool:
    """Whether a row may be the header once more or that of another table: the exact reader has to look."""
    statistics = column_statistics.of_columns(connection, layout.width)
    names = sorted({text for name in layout.header or () for text in (name.lower(), plain(name)) if text})
    # trimming millions of cells costs more than reading them; a header is found by any of three of its names
    places = sorted({0, min(1, layout.width - 1), layout.width - 1}) if statistics else []
    if any(_has_any(connection, place, names, beyond_ascii=statistics[place].beyond_ascii) for place in places):
        return True
    typed = typed_columns([row for row in sample if row][:_SAMPLE], layout.width) if len(sample) > 1 else []
    if not typed:
        return False
    columns = [quote(f"c{place + 1}") for place in typed]
    # what holds no figure begins with none, which DuckDB can tell of many cells at once by the least and the greatest
    tests = [f"({column} < '0' OR {column} >= ':') AND NOT regexp_matches({column}, '[0-9@]')" for column in columns]
    return connection.execute(f"SELECT 1 FROM source_text WHERE {' AND '.join(tests)} LIMIT 1").fetchone() is not None


def _has_any(connection: duckdb.DuckDBPyConnection, place: int, names: Sequence[str], *, beyond_ascii: bool) -> bool:
    """Whether a column has a cell that is one of some names, which are in small letters, in any case.

    In a column of ASCII alone such a cell has the length of a name and begins between the first and the last of them,
    so that most cells need not be made small.
    """
    column = quote(f"c{place + 1}")
    bind = Parameters()
    tests: list[str] = []
    if not beyond_ascii:
        names = [name for name in names if name.isascii()]
    if not names:
        return False
    if not beyond_ascii:
        first, last = min(names)[0].upper(), chr(ord(max(names)[0]) + 1)
        lengths = ", ".join(bind.bind(length) for length in sorted(set(map(len, names))))
        tests += [
            f"{column} >= {bind.bind(first)}",
            f"{column} < {bind.bind(last)}",
            f"strlen({column}) IN ({lengths})",
        ]
    tests.append(f"lower({column}) IN ({', '.join(map(bind.bind, names))})")
    found = connection.execute(f"SELECT 1 FROM source_text WHERE {' AND '.join(tests)} LIMIT 1", bind)
    return found.fetchone() is not None
