"""From cut rows to rows of the table: padded or shortened to its width, with the defects, up to where it ends.

A table ends where its header comes again, where rows of another width begin with a header of their own, and before
footnotes; what is behind that is reported, not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from import_pipeline.intake.csv_exact import Block
from import_pipeline.intake.dialect.cell_kinds import TYPED, kind_of
from import_pipeline.intake.reading import Findings, StructuralDefect
from import_pipeline.words import DefectLevel

_RUN = 3
_MOST_HELD = 200

_BENT = {
    "stray_quote": "A quote stands where none can be; it was kept as text.",
    "unclosed_quote": "A quoted cell is never closed; the row was taken to end with its line.",
    "missing_delimiter": "Between a quoted cell and the next one the delimiter is missing; they were taken apart.",
    "other_delimiter": "The row is written with another delimiter than the file; it was read with that one.",
}


@dataclass(frozen=True)
class _Held:
    """A row of another width that waits for what follows it."""

    cells: list[str]
    bent: tuple[str, ...]
    line: int
    after_blank: bool

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if cell.strip())


class TableRows:
    """The rows of the first table, each with `width` cells, or more where spare cells hold text.

    Args:
        width: How many columns the table has.
        header: The header's cells; None where there is none.
        delimiter: What to put between spare cells in a defect.
        findings: Where the defects go.
        cells: How many cells most rows have, if not as many as there are columns.
    """

    def __init__(
        self, width: int, header: Sequence[str] | None, delimiter: str, findings: Findings, *, cells: int | None = None
    ) -> None:
        self.width = width
        self.cells = width if cells is None else cells
        self.header = list(header) if header and width > 1 else None
        self.delimiter = delimiter
        self.findings = findings
        self.row_number = 0
        self._held: list[_Held] = []
        self._typed: list[bool] | None = None

    def blocks(self, source: Iterator[Block]) -> Iterator[list[list[str]]]:
        """The rows in blocks, in file order."""
        for block in source:
            if not (block.odd or self._held or block.blank_before or self.cells != self.width) and (
                self.header is None or self.header not in block.rows
            ):
                self._learn(block.rows)
                self.row_number += len(block.rows)
                yield block.rows
                continue
            rows: list[list[str]] = []
            end = self._take(block, rows)
            if rows:
                self._learn(rows)
                yield rows
            if end is not None:
                self._report_rest(end, block, source)
                return
        rows = self._released(at_end=True)
        if rows:
            yield rows

    def _take(self, block: Block, rows: list[list[str]]) -> int | None:
        """Take a block row by row; the index of the row that begins another table, if one does."""
        for index, cells in enumerate(block.rows):
            if len(cells) == self.width and (cells == self.header or self._is_new_header(block, index)):
                rows += self._released()
                return index
            if len(cells) not in (self.width, self.cells):
                line = block.lines[index] if block.lines else block.first_line + index
                self._held.append(_Held(cells, block.odd.get(index, ()), line, index in block.blank_before))
                if self._is_new_table():
                    self._held, begin = self._held[:-_RUN], self._held[-_RUN:]
                    rows += self._released()
                    self._held = begin
                    return index - _RUN + 1
                if len(self._held) > _MOST_HELD:
                    rows += self._released()
                continue
            if self._held:
                rows += self._released()
            rows.append(self._fit(cells, block.odd.get(index, ())))
        return None

    def _learn(self, rows: list[list[str]]) -> None:
        if self._typed is None and rows:
            first = rows[:200]
            self._typed = [
                sum(kind_of(row[place]) in TYPED for row in first if place < len(row)) * 10 >= len(first) * 9
                for place in range(min(self.width, 500))
            ]

    def _is_new_header(self, block: Block, index: int) -> bool:
        """Whether a row of the table's width behind a blank line is the header of another table."""
        if index not in block.blank_before or self._typed is None or sum(self._typed) < 2:
            return False
        cells = block.rows[index]
        return all(kind_of(cells[place]) in ("words", "text") for place, typed in enumerate(self._typed) if typed)

    def _is_new_table(self) -> bool:
        """Whether the last rows held are the header and first rows of another table."""
        run = self._held[-_RUN:]
        if len(run) < _RUN or len({len(one.cells) for one in run}) > 1:
            return False
        if len(run[0].cells) < 2 and self.width < 3:
            return False
        if any(one.bent for one in run):
            return False
        first, rest = run[0].cells, [one.cells for one in run[1:]]
        if self.header and sum(cell in self.header for cell in first) * 2 > len(first):
            return True  # names of the first table come again
        kinds = [kind_of(cell) for cell in first]
        if any(kind in TYPED or kind == "empty" for kind in kinds) or len(set(first)) < len(first):
            return False
        changes = any(all(kind_of(row[place]) in TYPED for row in rest) for place in range(len(first)))
        return changes or run[0].after_blank

    def _released(self, *, at_end: bool = False) -> list[list[str]]:
        """The held rows, fitted; at the end of the file, footnotes among them are reported and left out."""
        held, self._held = self._held, []
        if at_end:
            keep = len(held)
            while keep and self._is_footnote(held[keep - 1]):
                keep -= 1
            block_starts = [i for i in range(keep, len(held)) if held[i].after_blank or self._is_prose(held[i])]
            keep = block_starts[0] if block_starts else len(held)
            for one in held[keep:]:
                text = self.delimiter.join(one.cells).strip(self.delimiter)
                self.findings.add(
                    StructuralDefect(
                        None,
                        "footnote",
                        f"Line {one.line} is a note below the table, no row.",
                        value=text[:1000],
                        level=DefectLevel.INFO,
                    )
                )
            held = held[:keep]
        return [self._fit(one.cells, one.bent) for one in held]

    def _is_footnote(self, one: _Held) -> bool:
        return self.width > 2 and one.filled <= 1 and len(one.cells) < self.width

    def _is_prose(self, one: _Held) -> bool:
        """Whether the one cell with text is a sentence, or no value of a column of values."""
        text = next((cell for cell in one.cells if cell.strip()), "").strip()
        if self._typed and self._typed[0] and one.cells[0].strip() and kind_of(text) in ("words", "text"):
            return True
        return len(one.cells) <= 2 and len(text) >= 12 and " " in text and kind_of(text) in ("words", "text")

    def _fit(self, cells: list[str], bent: tuple[str, ...]) -> list[str]:
        """The row with as many cells as the table, and a defect for all that is wrong with it."""
        self.row_number += 1
        for code in bent:
            self._defect(code, _BENT[code])
        if len(cells) == self.width:
            return cells
        if len(cells) < self.width:
            if len(cells) != self.cells:
                self._defect(
                    "missing_cells",
                    f"The row has {len(cells)} cells where the table has {self.width} columns; "
                    "the missing ones were taken as empty.",
                )
            return cells + [""] * (self.width - len(cells))
        spare = cells[self.width :]
        if not any(cell.strip() for cell in spare):
            if len(cells) != self.cells:
                self._defect("too_many_cells", f"The row has {len(cells)} cells, the table {self.width} columns.")
            return cells[: self.width]
        self._defect(
            "too_many_cells",
            f"The row has {len(cells)} cells where the table has {self.width} columns. "
            "Quote the cells that hold the delimiter.",
            self.delimiter.join(spare)[:1000],
            DefectLevel.ERROR,
        )
        return cells

    def _defect(
        self, code: str, message: str, value: str | None = None, level: DefectLevel = DefectLevel.WARNING
    ) -> None:
        self.findings.add(StructuralDefect(self.row_number, code, message, value, level))

    def _report_rest(self, index: int, block: Block, source: Iterator[Block]) -> None:
        """Report the other tables behind the first, by lines."""
        line = self._held[0].line if self._held else block.lines[index] if block.lines else block.first_line + index
        self._held = []
        rows = len(block.rows) - index + sum(len(other.rows) for other in source)
        self.findings.add(
            StructuralDefect(
                None,
                "another_table",
                f"From line {line} on the file holds another table of {rows} lines, which was not read. "
                "Put each table in a file of its own.",
                level=DefectLevel.WARNING,
            )
        )
