"""The lines of a file on which rows stand that DuckDB read: from the index of a row to its text.

A row takes one line and one more for each line end in its cells. Where that does not add up to the lines of the file,
blank lines stand between rows, and no row can be found this way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap

import duckdb

from import_pipeline.intake.line_offsets import LineOffsets
from import_pipeline.sql import quoted_list

_END_BYTES = 1 << 14
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True)
class RowLines:
    """Where the rows of `source_text` stand in their file.

    Attributes:
        content: The file.
        lines: Its lines.
        skip: Lines above the first row.
        longer: The rows that take more than one line (their indexes, ascending), and how many more.
        ends_line: Whether the last line has an end.
    """

    content: mmap
    lines: LineOffsets
    skip: int
    longer: list[tuple[int, int]]
    ends_line: bool

    def of(self, indexes: Sequence[int]) -> Iterator[tuple[int, int, str]]:
        """The rows of these indexes (ascending): index, line of the file (from 1) at which it begins, and its text."""
        import numpy

        rows = numpy.array(indexes, numpy.int64)
        longer, more = numpy.array(self.longer or [(-1, 0)], numpy.int64).T
        before = numpy.searchsorted(longer, rows)
        first = rows + self.skip + numpy.append(0, numpy.cumsum(more))[before]
        behind = first + 1 + numpy.where(numpy.append(longer, -1)[before] == rows, numpy.append(more, 0)[before], 0)
        ends = self.lines.begins(numpy.column_stack([first, behind]).ravel()).reshape(-1, 2)
        for index, line, (begin, end) in zip(indexes, first.tolist(), ends.tolist(), strict=True):
            text = self.content[begin:end].decode()
            yield index, line + 1, text if begin else text.removeprefix("\ufeff")


def lines_of_rows(
    content: mmap, skip: int, rows: int, wanted: Iterable[int], longer: Callable[[], list[tuple[int, int]]]
) -> RowLines | None:
    """Where the rows of `source_text` stand.

    Args:
        content: The file, in UTF-8.
        skip: Lines above the first row.
        rows: How many rows `source_text` has.
        wanted: Most of the rows that will be asked for (their indexes, ascending).
        longer: Gives the rows that take more than one line, as `rows_on_several_lines` does; asked if there are some.

    Returns:
        None if the lines are not those of these rows alone, or end in a way that only the exact reader knows.
    """
    import numpy

    first = numpy.fromiter(wanted, numpy.int64) + skip
    lines = LineOffsets(content, numpy.union1d(first, first + 1))
    if lines.has_bare_returns:
        return None
    ends_line, blank = _end_of(content)
    count = lines.line_ends - skip + (not ends_line) - blank
    tall = longer() if count > rows else []
    if rows + sum(more for _, more in tall) != count:
        return None
    return RowLines(content, lines, skip, tall, ends_line)


def _end_of(content: mmap) -> tuple[bool, int]:
    """Whether the last line of a file has an end, and how many blank lines stand below its last row."""
    tail = content[-_END_BYTES:]
    ends = tail[len(tail.rstrip(_LINE_ENDS)) :].count(b"\n")
    return ends > 0, max(0, ends - 1)


def rows_on_several_lines(connection: duckdb.DuckDBPyConnection, width: int) -> list[tuple[int, int]]:
    """The rows of `source_text` that take more than one line (their indexes, ascending), and how many more."""
    columns = quoted_list(f"c{place + 1}" for place in range(width))
    return connection.execute(
        f"""
        SELECT row_index, strlen(cells) - strlen(replace(cells, chr(10), '')) AS more
        FROM (SELECT rowid AS row_index, concat({columns}) AS cells FROM source_text)
        WHERE contains(cells, chr(10))
        ORDER BY row_index
        """
    ).fetchall()
