"""The lines of a file on which rows stand that DuckDB read: from the index of a row to its text.

A row takes one line and one more for each line end in its cells. Where that does not add up to the lines of the file,
blank lines stand between rows, and no row can be found this way.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from import_pipeline.sql import quoted_list

_CHUNK_BYTES = 1 << 22
_END_BYTES = 1 << 14
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True)
class RowLines:
    """Where the rows of `source_text` stand in their file.

    Attributes:
        path: The file, in UTF-8.
        skip: Lines above the first row.
        longer: The rows that take more than one line (their indexes, ascending), and how many more.
        ends_line: Whether the last line has an end.
    """

    path: Path
    skip: int
    longer: list[tuple[int, int]]
    ends_line: bool

    def of(self, indexes: Iterable[int]) -> Iterator[tuple[int, int, str]]:
        """The rows of these indexes (ascending): index, line of the file (from 1) at which it begins, and its text."""
        longer = iter(self.longer)
        row, more = next(longer, (-1, 0))
        shift = base = 0
        held: list[bytes] = []
        with self.path.open("rb") as handle:
            for _ in islice(handle, self.skip):
                pass
            for index in indexes:
                while 0 <= row < index:
                    shift += more
                    row, more = next(longer, (-1, 0))
                begin = index + shift
                end = begin + 1 + (more if row == index else 0)
                while end > base + len(held) and (lines := handle.readlines(_CHUNK_BYTES)):
                    kept = held[begin - base :]
                    base += len(held) - len(kept)
                    held = kept + lines
                text = b"".join(held[begin - base : end - base]).decode()
                yield index, self.skip + begin + 1, text if begin + self.skip else text.removeprefix("\ufeff")


def lines_of_rows(
    connection: duckdb.DuckDBPyConnection, path: Path, skip: int, width: int, rows: int
) -> RowLines | None:
    """Where the rows of `source_text` stand.

    Args:
        connection: The workspace.
        path: The file, in UTF-8.
        skip: Lines above the first row.
        width: How many columns `source_text` has.
        rows: How many rows it has.

    Returns:
        None if the lines are not those of these rows alone, or end in a way that only the exact reader knows.
    """
    count = 0
    with path.open("rb") as handle:
        for _ in islice(handle, skip):
            pass
        while chunk := handle.read(_CHUNK_BYTES):
            if chunk.endswith(b"\r"):
                chunk += handle.read(1)
            if b"\r" in chunk and chunk.count(b"\r") != chunk.count(_LINE_ENDS):
                return None
            count += chunk.count(b"\n")
    ends_line, blank = _end_of(path)
    count += not ends_line
    count -= blank
    longer = _rows_on_several_lines(connection, width) if count > rows else []
    if rows + sum(more for _, more in longer) != count:
        return None
    return RowLines(path, skip, longer, ends_line)


def _end_of(path: Path) -> tuple[bool, int]:
    """Whether the last line of a file has an end, and how many blank lines stand below its last row."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - _END_BYTES))
        tail = handle.read()
    ends = tail[len(tail.rstrip(_LINE_ENDS)) :].count(b"\n")
    return ends > 0, max(0, ends - 1)


def _rows_on_several_lines(connection: duckdb.DuckDBPyConnection, width: int) -> list[tuple[int, int]]:
    columns = quoted_list(f"c{place + 1}" for place in range(width))
    return connection.execute(
        f"""
        SELECT row_index, strlen(cells) - strlen(replace(cells, chr(10), '')) AS more
        FROM (SELECT rowid AS row_index, concat({columns}) AS cells FROM source_text)
        WHERE contains(cells, chr(10))
        ORDER BY row_index
        """
    ).fetchall()
