"""The exact way: every row of a delimited text, whole or broken, in its place, with what is wrong about it.

Blocks of lines without a fault pass at the speed of Python's csv reader; only around a fault it goes row by row.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.reading import Findings, StructuralDefect
from import_pipeline.words import DefectLevel

_BLOCK_LINES = 4_000
_MOST_LINES_OF_A_ROW = 2_000


class ExactReader:
    """Rows of one table of a text, each with exactly `width` cells."""

    def __init__(self, dialect: Dialect, layout: Layout, findings: Findings) -> None:
        self.dialect = dialect
        self.width = layout.width
        self.skip = layout.skipped_lines + layout.header_lines
        self.findings = findings
        self.row_number = 0

    def blocks(self, path: Path, encoding: str = "utf-8-sig") -> Iterator[list[list[str]]]:
        """The rows in blocks, in file order; defects go to the findings."""
        with path.open(encoding=encoding, newline="") as handle:
            lines = iter(handle)
            for _ in islice(lines, self.skip):
                pass
            yield from self.blocks_of(lines)

    def blocks_of(self, lines: Iterator[str]) -> Iterator[list[list[str]]]:
        """The rows of lines (with their ends) in blocks."""
        pending: list[str] = []
        while True:
            pending += islice(lines, _BLOCK_LINES)
            if not pending:
                return
            rows = self._clean(pending)
            if rows is None:
                rows, pending = self._careful(pending, lines)
            else:
                pending = []
            if rows:
                yield rows
                self.row_number += len(rows)

    def _clean(self, lines: list[str]) -> list[list[str]] | None:
        """All rows of a block, or None if anything is odd about it."""
        try:
            rows = [row for row in self.dialect.reader(lines, strict=True) if row]
        except csv.Error:
            return None
        if len(rows) > len(lines) or (rows and set(map(len, rows)) != {self.width}):
            return None
        if len(rows) < len(lines) and any("\n" in cell or "\r" in cell for row in rows for cell in row):
            return None
        if self.width == 1:
            return [row for row in rows if row[0].strip()]
        return rows

    def _careful(self, lines: list[str], more: Iterator[str]) -> tuple[list[list[str]], list[str]]:
        """The rows of a block one by one; what is left of the last, unfinished row comes back."""
        rows: list[list[str]] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip("\r\n \t" if self.dialect.delimiter not in " \t" else "\r\n"):
                at += 1
                continue
            row, used = self._row(lines, at, more)
            rows.append(self._fit(row, self.row_number + len(rows) + 1))
            at += used
        return rows, []

    def _row(self, lines: list[str], at: int, more: Iterator[str]) -> tuple[list[str], int]:
        """One row and how many lines it takes."""
        used = 0

        def source() -> Iterator[str]:
            nonlocal used
            while used < _MOST_LINES_OF_A_ROW:
                if at + used >= len(lines):
                    following = next(more, None)
                    if following is None:
                        return
                    lines.append(following)
                used += 1
                yield lines[at + used - 1]

        try:
            row = next(self.dialect.reader(source(), strict=True), None)
            if row is not None and (used == 1 or len(row) == self.width):
                return row, used
        except csv.Error:
            pass
        try:
            row = next(Dialect.reader(self.dialect, iter([lines[at]])), [])
        except csv.Error:
            row = lines[at].rstrip("\r\n").split(self.dialect.delimiter)
        return row, 1

    def _fit(self, row: list[str], number: int) -> list[str]:
        """The row with exactly as many cells as the table, and a defect if it had not."""
        if len(row) == self.width:
            return row
        if len(row) < self.width:
            self.findings.add(
                StructuralDefect(
                    number,
                    "missing_cells",
                    f"The row has {len(row)} cells where the table has {self.width} columns; "
                    "the missing ones were taken as empty.",
                    level=DefectLevel.WARNING,
                )
            )
            return row + [""] * (self.width - len(row))
        spare = row[self.width :]
        empty = not any(cell.strip() for cell in spare)
        self.findings.add(
            StructuralDefect(
                number,
                "too_many_cells",
                f"The row has {len(row)} cells where the table has {self.width} columns"
                + ("; the spare ones are empty." if empty else "; quote cells that hold the delimiter."),
                value=self.dialect.delimiter.join(spare)[:1000],
                level=DefectLevel.WARNING if empty else DefectLevel.ERROR,
            )
        )
        return row[: self.width]
