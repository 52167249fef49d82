"""The exact way: every row of a delimited text, whole or broken, in its place, with what is wrong about it.

Blocks of sound lines pass at the speed of Python's csv reader; only at a fault it goes record by record. How a
fault is explained stands in `csv_record`, which defects it makes in `csv_faults`.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from import_pipeline.intake.csv_record import Lookahead, read_record, record_of_sound_line
from import_pipeline.intake.dialect.dialect import Cut, Dialect
from import_pipeline.intake.encoding import Encoding, not_in

_BLOCK_LINES = 4_000
_LINES_AFTER_FAULT = 32


@dataclass(frozen=True)
class Block:
    """Some rows in file order.

    Attributes:
        rows: The cells of each row, as many as it has.
        irregular: Index of the rows that are broken or of another width, with the codes of what is wrong with them.
        lines: Line of the file (from 1) at which each row begins; empty where no row is irregular and none spans lines.
        first_line: Line at which the first row begins.
        blank_before: Index of the rows with a blank line before them.
        comments: Index of the comment lines, each of which is one cell.
    """

    rows: list[list[str]]
    irregular: dict[int, tuple[str, ...]]
    lines: list[int]
    first_line: int
    blank_before: set[int] = field(default_factory=set)
    comments: set[int] = field(default_factory=set)


class RowReader:
    """Cuts lines into rows that have the table's number of cells wherever that can be.

    Args:
        dialect: How the text is written.
        width: How many cells a row has.
        comment: What comment lines begin with.
        most_characters: How long a row may be at most.
    """

    def __init__(self, dialect: Dialect, width: int, comment: str | None = None, most_characters: int = 1 << 25):
        self.dialect = dialect
        self.width = width
        self.comment = comment
        self.most_characters = most_characters
        self.cut_off_at: int | None = None
        self.ends_line = True
        """Whether the last line read has an end."""
        self._single = Lookahead(iter(()), most_characters)
        self._blank = " \r\n" if "\t" in dialect.delimiter else None

    def blocks(self, source: Iterator[str], first_line: int = 1, *, is_sample: bool = False) -> Iterator[Block]:
        """Cut lines (with their ends) into blocks of rows; a sample's last row is left out if it is cut off."""
        ahead = Lookahead(source, self.most_characters, is_sample=is_sample)
        blank = False
        size = _BLOCK_LINES
        while lines := ahead.fill(size)[:size]:
            block, taken, blank = self._sound(lines, first_line, blank)
            size = min(_BLOCK_LINES, size * 2)
            if taken < len(lines):
                if blank:
                    block.blank_before.add(len(block.rows))
                    blank = False
                used = self._at_fault(ahead, block, taken, first_line)
                if not used:
                    self.cut_off_at = first_line + taken
                    if block.rows:
                        yield block
                    return
                taken += used
                size = _LINES_AFTER_FAULT
            self.ends_line = ahead.held[taken - 1].endswith(("\n", "\r"))
            ahead.drop(taken)
            first_line += taken
            if block.rows:
                yield block

    def is_blank(self, line: str) -> bool:
        """Whether a line is no row."""
        return not line.strip(self._blank)

    def cells_of_each(self, texts: Sequence[str]) -> list[list[str] | None]:
        """The cells of each text of one record that keeps to the dialect; None where it breaks it, or is not one."""
        cut = Cut(texts, self.dialect)
        rows: list[list[str] | None] = []
        with suppress(csv.Error):
            rows += cut.rows(cut.lines, strict=True)
        if len(rows) == len(texts):  # none gives more than one row, so none has taken another one in
            return rows
        return [None] if len(texts) == 1 else [self.cells_of_each([text])[0] for text in texts]

    def row_of(self, line: str, cells: list[str]) -> tuple[list[str], tuple[str, ...]]:
        """The row of one line by itself that was cut into another number of cells, and what is wrong with it."""
        if not self._needs_repair(line, cells):
            return cells, ()
        record = record_of_sound_line(line, cells, self.dialect, self.width)
        if record is not None and len(cells) > 1:
            return record.cells, record.irregular
        self._single.held = [line]
        record = read_record(self._single, 0, self.dialect, self.width)
        assert record is not None, "only the line at the end of a sample gives no record"
        return record.cells, record.irregular

    def _sound(self, lines: list[str], first_line: int, blank: bool) -> tuple[Block, int, bool]:
        """The rows up to the first fault that can reach beyond its line, and how many lines they take."""
        cut = Cut(lines, self.dialect)
        rows: list[list[str]] = []
        broken = False
        try:
            rows.extend(cut.rows(cut.lines, strict=True))
        except csv.Error:
            broken = True
        if not broken and len(rows) == len(lines) and set(map(len, rows)) == {self.width} and self.width > 1:
            return Block(rows, {}, [], first_line, {0} if blank else set()), len(rows), False
        return self._walked(lines, rows, first_line, blank)

    def _walked(self, lines: list[str], rows: list[list[str]], first_line: int, blank: bool) -> tuple[Block, int, bool]:
        kept: list[list[str]] = []
        irregular: dict[int, tuple[str, ...]] = {}
        starts: list[int] = []
        blanks: set[int] = set()
        comments: set[int] = set()
        at = 0
        for row in rows:
            span = 1 + sum(_line_ends(cell) for cell in row)
            line = lines[at]
            if span == 1 and self.is_blank(line):
                blank, at = True, at + 1
                continue
            if span > 1 and (len(row) != self.width or self._swallows(row)):
                break
            if span == 1 and len(row) != self.width:
                if self._is_comment(line):
                    comments.add(len(kept))
                    row = [line.rstrip("\r\n")]
                elif self._needs_repair(line, row):
                    break
                irregular[len(kept)] = ()
            if blank:
                blanks.add(len(kept))
                blank = False
            kept.append(row)
            starts.append(first_line + at)
            at += span
        return Block(kept, irregular, starts, first_line, blanks, comments), at, blank

    def _at_fault(self, ahead: Lookahead, block: Block, at: int, first_line: int) -> int:
        """Take the one record at a fault into the block; returns its number of lines, 0 at a sample's end."""
        line = ahead.held[at]
        if self._is_comment(line):
            block.comments.add(len(block.rows))
            block.irregular[len(block.rows)] = ()
            block.rows.append([line.rstrip("\r\n")])
            block.lines.append(first_line + at)
            return 1
        record = read_record(ahead, at, self.dialect, self.width)
        if record is None:
            return 0
        if record.irregular or len(record.cells) != self.width:
            block.irregular[len(block.rows)] = record.irregular
        block.rows.append(record.cells)
        block.lines.append(first_line + at)
        return max(1, record.lines)

    def _is_comment(self, line: str) -> bool:
        return self.comment is not None and line.startswith(self.comment)

    def _swallows(self, row: list[str]) -> bool:
        most = max(2, self.width - 1)
        return any(cell.count(self.dialect.delimiter) >= most for cell in row if "\n" in cell or "\r" in cell)

    def _needs_repair(self, line: str, row: list[str]) -> bool:
        """Whether a line of another width may be a row of the table after all."""
        return bool(self.dialect.quote and self.dialect.quote in line) or self._cuts_otherwise(line, row)

    def _cuts_otherwise(self, line: str, row: list[str]) -> bool:
        most = self.width - 1
        return len(row) <= most and (
            line.count(",") >= most or line.count(";") >= most or line.count("\t") >= most or line.count("|") >= most
        )


def _line_ends(cell: str) -> int:
    if "\n" not in cell and "\r" not in cell:
        return 0
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def lines_of(path: Path, text: Encoding, skip: int = 0) -> Iterator[str]:
    """The physical lines of a text with their ends, whatever these are.

    Raises:
        PayloadError: The file is not in that encoding.
    """
    with path.open(encoding=text.for_reading, newline="") as handle:
        try:
            yield from islice(handle, skip, None)
        except UnicodeError as error:
            raise not_in(text.name, path) from error
