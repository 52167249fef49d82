"""One record at a fault: whether it goes on over several lines, or is one broken line, and which defects that makes.

Everything that weighs one explanation of a fault against another stands here; cutting sound lines does not.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from import_pipeline.intake.csv_repair import Effort, reads_in_one_way, repair
from import_pipeline.intake.dialect.dialect import Cut, Dialect

_CHEAP = 1.45
_FEW_LINES = 12
_BUDGET = 5_000_000  # lines looked at ahead in one file; after that a record is searched for over a few lines only
_USUAL_LENGTH = 200  # a longer line counts as several
_LINES_BEYOND_BUDGET = 50
_OTHER_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Record:
    """The cells of one row, how many lines they take, and what is irregular about them (codes of defects)."""

    cells: list[str]
    lines: int
    irregular: tuple[str, ...] = ()


class Lookahead:
    """Lines that can be looked at before they are taken.

    Args:
        source: The lines of the file.
        most_characters: How long a record may be at most.
        is_sample: Whether the lines are only the first of a file: a record may then be cut off.
    """

    def __init__(self, source: Iterator[str], most_characters: int, *, is_sample: bool = False) -> None:
        self.source = source
        self.is_sample = is_sample
        self.most_characters = most_characters
        self.held: list[str] = []
        self.budget = _BUDGET
        self.effort = Effort()

    def fill(self, count: int) -> list[str]:
        """Hold at least so many lines, if there are as many."""
        if len(self.held) < count:
            self.held += islice(self.source, count - len(self.held))
        return self.held

    def drop(self, count: int) -> None:
        """Take lines away."""
        del self.held[:count]

    def of_one_record(self, at: int) -> Iterator[str]:
        """Lines from a place on, as far as one record can reach."""
        size = 0
        begin = at
        while size <= self.most_characters and (self.budget > 0 or at - begin < _LINES_BEYOND_BUDGET):
            if at >= len(self.held):
                following = next(self.source, None)
                if following is None:
                    return
                self.held.append(following)
            line = self.held[at]
            size += len(line)
            self.budget -= 1 + len(line) // _USUAL_LENGTH
            at += 1
            yield line


def read_record(ahead: Lookahead, at: int, dialect: Dialect, width: int) -> Record | None:
    """Read the record that begins at a held line, whatever it takes; None if a sample ends within it."""
    clean, is_open = _clean(ahead, at, dialect)
    if is_open and ahead.is_sample and not _are_rows(ahead.held[at:], dialect, width, ahead.effort):
        return None
    taken_out = _out_of_quotes(clean, dialect, width)
    if taken_out is not None:
        return taken_out
    if clean and clean.lines > 1 and not _are_rows(ahead.held[at : at + clean.lines], dialect, width, ahead.effort):
        single = None if len(clean.cells) == width else _single(ahead.held[at], dialect, width, ahead.effort)
        if single is None or single[1] > _CHEAP or len(single[0].cells) != width:
            return clean
        return single[0]
    if clean and clean.lines == 1:
        if len(clean.cells) == width:
            return clean
        sound = record_of_sound_line(ahead.held[at], clean.cells, dialect, width)
        if sound is not None:
            return sound
    record, cost = _single(ahead.held[at], dialect, width, ahead.effort)
    if len(record.cells) == width and cost <= _CHEAP:
        return record
    other = (None if clean else _over_few_lines(ahead, at, dialect, width)) or _by_other_delimiter(
        ahead.held[at], width, dialect
    )
    if other:
        return other
    return clean if clean and clean.lines == 1 and cost > _CHEAP else record


def record_of_sound_line(line: str, cells: list[str], dialect: Dialect, width: int) -> Record | None:
    """The record of one line that keeps to the dialect but has another width; None where it needs a closer look."""
    if dialect.doubles_quotes and reads_in_one_way(line, dialect.delimiter, dialect.quote):
        return _by_other_delimiter(line, width, dialect) or Record(cells, 1)
    return None


def _clean(ahead: Lookahead, at: int, dialect: Dialect) -> tuple[Record | None, bool]:
    """The record if the dialect is kept to, over as many lines as it takes; else whether its quote is still open."""
    if dialect.doubles_quotes and len(dialect.delimiter) == 1:
        taken = 0

        def counted() -> Iterator[str]:
            nonlocal taken
            for line in ahead.of_one_record(at):
                taken += 1
                yield line

        try:
            row = next(Cut([], dialect).rows(counted(), strict=True), None)
        except csv.Error as error:
            return None, "unexpected end" in str(error)
        return (Record(row, taken) if row is not None else None), False
    for reach in (1, 4, 40, 400, 4_000):
        lines = list(islice(ahead.of_one_record(at), reach))
        cut = Cut(lines, dialect)
        reader = csv.reader(cut.lines, delimiter=cut.delimiter, quotechar=cut.quote or None, strict=True)
        try:
            return Record(cut.back(next(reader, [])), reader.line_num), False
        except csv.Error as error:
            is_open = "unexpected end" in str(error)
            if not is_open or len(lines) < reach:
                return None, is_open
    return None, False


def _single(line: str, dialect: Dialect, width: int, effort: Effort) -> tuple[Record, float]:
    """One line by itself, repaired, with what that cost."""
    cut = Cut([line.rstrip("\r\n")], dialect)
    repaired = repair(cut.lines[0], cut.delimiter, cut.quote, width, effort)
    if repaired is None:
        return Record(cut.back(cut.lines[0].split(cut.delimiter)), 1, ("stray_quote",)), 9.0
    return Record(cut.back(repaired.cells), 1, repaired.irregular), repaired.cost


def _are_rows(lines: list[str], dialect: Dialect, width: int, effort: Effort) -> bool:
    """Whether lines that a quote holds together look like rows of the table that a stray quote swallowed."""
    if width < 3:
        return False
    inner = lines[1:-1] or lines[1:]
    if sum(line.count(dialect.delimiter) >= width - 1 for line in inner[:50]) * 10 < len(inner[:50]) * 9:
        return False
    for line in (lines[0], *inner[:5]):
        record, cost = _single(line, dialect, width, effort)
        if len(record.cells) != width or cost > _CHEAP:
            return False
    return True


def _out_of_quotes(clean: Record | None, dialect: Dialect, width: int) -> Record | None:
    """The row in a line that is quoted as a whole; prose with commas, which has a space behind each, is none."""
    if clean is None or len(clean.cells) != 1 or width < 3 or clean.cells[0].count(dialect.delimiter) < width - 1:
        return None
    cut = Cut(clean.cells[0].splitlines(keepends=True), dialect)
    try:
        rows = list(cut.rows(cut.lines, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) != width or any(cell.startswith(" ") for cell in rows[0][1:]):
        return None
    return Record(rows[0], clean.lines, ("quoted_line",))


def _over_few_lines(ahead: Lookahead, at: int, dialect: Dialect, width: int) -> Record | None:
    """A broken record over the next few lines, if that gives a whole row where one line doesn't."""
    if not dialect.quote or dialect.quote not in ahead.held[at]:
        return None
    lines = list(islice(ahead.of_one_record(at), _FEW_LINES))
    for count in range(2, len(lines) + 1):
        if lines[count - 1].count(dialect.delimiter) >= max(2, width - 1):
            break
        cut = Cut(["".join(lines[:count]).rstrip("\r\n")], dialect)
        repaired = repair(cut.lines[0], cut.delimiter, cut.quote, width, ahead.effort)
        if repaired and len(repaired.cells) == width and repaired.cost <= _CHEAP:
            return Record(cut.back(repaired.cells), count, repaired.irregular)
    return None


def _by_other_delimiter(line: str, width: int, dialect: Dialect) -> Record | None:
    """The line cut by another delimiter, if that gives exactly a row of the table."""
    if width < 3:
        return None
    for delimiter in _OTHER_DELIMITERS:
        if delimiter == dialect.delimiter or line.count(delimiter) < width - 1:
            continue
        try:
            row = next(Cut([], Dialect(delimiter)).rows([line], strict=True), [])
        except csv.Error:
            continue
        if len(row) == width:
            return Record(row, 1, ("other_delimiter",))
    return None
