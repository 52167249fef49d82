"""The rows of another width among those that DuckDB read, judged by their lines as the exact reader does.

Nearly all of them are only too short or too long, and far from others: those are taken without what it needs to know a
header, a further table or a note by.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from operator import itemgetter

from import_pipeline.intake.csv_exact import RowReader
from import_pipeline.intake.csv_faults import TableRows
from import_pipeline.intake.csv_lines import RowLines
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES
from import_pipeline.intake.reading import Findings
from import_pipeline.intake.several_tables import may_be_header
from import_pipeline.intake.split_cells import joined

_BELOW = 2
"""Rows below an irregular one that say whether it is the header of a further table."""
_AT_ONCE = 2_000

_CutRow = tuple[int, int, list[str], list[str], list[str] | None, tuple[str, ...], bool]
"""Index, line of the file, cells as they were cut, the row that they are, that row with its split cells put together
where it has some, what is wrong with it, and whether it may be a header."""


class IrregularRows:
    """Some rows of `source_text` that are to be judged by their lines.

    Args:
        dialect: How cells are written.
        layout: Where the table stands.
        lines: Where the rows stand.
        irregular: The cells of each row of another width, one below the other, by its index (ascending).
        rows: How many rows the table has.
        most_characters: How long a row may be at most.
    """

    def __init__(
        self,
        dialect: Dialect,
        layout: Layout,
        lines: RowLines,
        irregular: dict[int, str],
        rows: int,
        most_characters: int,
    ) -> None:
        self.dialect = dialect
        self.layout = layout
        self.lines = lines
        self.irregular = irregular
        self.last = max(0, rows - MOST_NOTES)
        """The first of the rows that may be notes below the table."""
        self.rows = rows
        self.findings = Findings()
        self._reader = RowReader(dialect, layout.cells, None, most_characters)
        self._judged = TableRows(layout, dialect, self.findings)

    def judge(self) -> dict[int, list[str]] | None:
        """Find what is wrong with them.

        Returns:
            The rows that have other cells than DuckDB gave them; None if the text is one for the exact reader.
        """
        judged = self._judged
        corrected: dict[int, list[str]] = {}
        width = self.layout.width
        indexes = [index for index in self.irregular if index < self.last]
        apart = indexes[-MOST_NOTES] if len(indexes) > MOST_NOTES else 0
        """As far as this rows are not among those that the end of the table is judged by."""
        below = -1
        for cut in self._looked_at(indexes):
            if cut is None:
                return None
            for index, begin, cells, row, whole, codes, may_name in cut:
                judged.pass_over(index - judged.row_number)
                if may_name:
                    below = index + _BELOW
                if below < index < apart:
                    taken = judged.take_apart(row, whole, codes)
                    if row is cells and not whole:
                        continue
                else:
                    taken = judged.take(row, begin, codes)
                    if index < self.last and self.findings.no_rows:
                        return None
                if index in self.irregular and taken is not cells and taken[:width] != _padded(cells, width):
                    corrected[index] = taken[:width]
        judged.finish(self.lines.ends_line)
        return None if self.findings.tables else corrected

    def _looked_at(self, indexes: Sequence[int]) -> Iterator[list[_CutRow] | None]:
        """The rows to look at, in file order: the irregular ones and the last of the table; None if one is not as read.

        Below those that may be names of columns the rows that say so are looked at, too.
        """
        below: set[int] = set()
        for at in range(0, len(indexes), _AT_ONCE):
            chunk = indexes[at : at + _AT_ONCE]
            seen = {*chunk, *below}
            cut = self._cut(sorted(seen))
            names = [index for index, *_, may_name in cut or () if may_name]
            below = {index + place for index in names for place in range(1, _BELOW + 1)} - seen
            within = sorted(index for index in below if index < chunk[-1])
            more = self._cut(within) if within else []
            yield None if cut is None or more is None else list(merge(cut, more, key=itemgetter(0))) if more else cut
            below = {index for index in below if chunk[-1] < index < self.last}
        yield self._cut([*sorted(below), *range(self.last, self.rows)])

    def _cut(self, indexes: Sequence[int]) -> list[_CutRow] | None:
        """The rows of these indexes (ascending); None if Python cuts one otherwise than DuckDB did."""
        found = list(self.lines.of(indexes))
        width, delimiter = self.layout.cells, self.dialect.delimiter
        rows: list[_CutRow] = []
        cut = self._reader.cells_of_each([line for _, _, line in found])
        for (index, begin, line), cells in zip(found, cut, strict=True):
            text = self.irregular.get(index)
            if cells is None or not self._is_as_read(cells, text, line):
                return None
            if text is None:
                rows.append((index, begin, cells, cells, None, (), False))
                continue
            row, codes = self._reader.row_of(line, cells)
            whole = joined(row, width, delimiter) if len(row) > width else None
            may_name = may_be_header(whole or row) or self._judged.is_header(whole or row)
            rows.append((index, begin, cells, row, whole, codes, may_name))
        return rows

    def _is_as_read(self, cells: list[str], text: str | None, line: str) -> bool:
        """Whether Python cuts a row as DuckDB did, and it is irregular on one line at most."""
        if text is None:
            return len(cells) == self.layout.width
        return "\n".join(cells) == text and text.count("\n") == len(cells) - 1 and not line.isspace()


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
