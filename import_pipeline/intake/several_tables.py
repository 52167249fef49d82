"""Several tables in one file: where a further one begins, and which stand above the one that was found.

A table is told from ragged rows by its header: names of at least two columns, unlike those of the table before it,
with rows below them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from import_pipeline.intake.dialect.cell_kinds import TYPED, group_of, kind_of
from import_pipeline.intake.header_words import is_header_word

_LEARNED = 200
_NO_NAMES = TYPED | {"blank"}
_MOST_COLUMNS = 500
_SHOWN_COLUMNS = 6
_DIGITS = 18


@dataclass
class FoundTable:
    """A table of a file that has several.

    Attributes:
        number: Which it is, from 1, in the order of the file.
        line: The line of the file on which its header stands, from 1.
        columns: The cells of its header.
        rows: How many lines it has below its header, as far as they were read.
    """

    number: int
    line: int
    columns: tuple[str, ...]
    rows: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The table as JSON-able values."""
        return {"number": self.number, "line": self.line, "columns": list(self.columns), "rows": self.rows}

    def in_words(self) -> str:
        """The table for people."""
        names = ", ".join(self.columns[:_SHOWN_COLUMNS]) + (", …" if len(self.columns) > _SHOWN_COLUMNS else "")
        return f"table {self.number} from line {self.line} ({names}; {self.rows:,} lines)"


@dataclass
class Shape:
    """A table as far as it was read: its header and what its columns hold."""

    header: tuple[str, ...] | None
    width: int
    _rows: list[Sequence[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = frozenset(map(plain, self.header or ())) - {""}

    def learn(self, rows: Sequence[Sequence[str]]) -> None:
        """Look at rows of the table; only the first are kept."""
        if len(self._rows) < _LEARNED:
            self._rows += rows[: _LEARNED - len(self._rows)]

    def typed(self) -> list[int]:
        """The columns that hold values, no texts."""
        return typed_columns(self._rows, min(self.width, _MOST_COLUMNS)) if len(self._rows) > 1 else []

    def repeats_names(self, cells: Sequence[str]) -> bool:
        """Whether most cells of a row are names of this table's columns, in another order or with others."""
        texts = [plain(cell) for cell in cells if cell.strip()]
        known = sum(text in self.names for text in texts)
        return known > 1 and known * 2 > len(texts)


def plain(cell: str) -> str:
    """A name as it is compared: without the mark that a second file may begin with, spaces and case."""
    return cell.strip("\ufeff \t\r\n").casefold()


def trimmed(cells: Sequence[str]) -> list[str]:
    """The cells without the empty ones at the end, with which sheets fill up narrow tables."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return list(cells[:end])


def typed_columns(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The columns in which nearly all rows hold a value of some kind."""
    return [
        place
        for place in range(width)
        if sum(kind_of(row[place]) in TYPED for row in rows if place < len(row)) * 10 >= len(rows) * 9
    ]


def may_be_header(cells: Sequence[str]) -> bool:
    """Whether cells could name columns: two at least, none missing, none a value, none twice."""
    if not cells or not may_be_name(plain(cells[0])):
        return False  # most rows of data end here
    names = trimmed(cells)
    seen: set[str] = set()
    for name in map(plain, names):
        if name in seen or not may_be_name(name):
            return False
        seen.add(name)
    return len(names) > 1


def may_be_name(text: str) -> bool:
    """Whether a cell could name a column, by its plain text: it is not empty, and no value."""
    if text.isdecimal() and len(text) <= _DIGITS:
        return False  # as most rows begin, so that the shapes of all values need not be tried
    return bool(text) and kind_of(text) not in _NO_NAMES


def begins_table(shape: Shape, cells: Sequence[str], following: Sequence[Sequence[str]], *, after_blank: bool) -> bool:
    """Whether a row is the header of another table than the one it stands below.

    Args:
        shape: The table above.
        cells: The row.
        following: The rows right below it: one, or two of the same width as it.
        after_blank: Whether a blank line stands before the row.
    """
    if not following or not may_be_header(cells):
        return False
    if shape.repeats_names(cells):
        return True
    names = trimmed(cells)
    words = sum(map(is_header_word, names)) * 2 >= len(names)
    is_other_width = len(names) != shape.width
    if after_blank and not is_other_width:
        typed = [place for place in shape.typed() if place < len(names)]
        mismatch = bool(typed) and all(kind_of(names[place]) in ("words", "text") for place in typed)
        return mismatch and any(map(is_header_word, names)) and (len(typed) > 1 or words)
    if not is_other_width:
        return False
    below = [trimmed(row) for row in following]
    if any(not 1 < len(row) <= len(names) for row in below):
        return False
    gains_values = bool(typed_columns(below, len(names)))
    are_rows = len(below) > 1 and all(len(row) == len(names) for row in below)
    if after_blank:
        return are_rows or (words and (gains_values or all(map(is_header_word, names))))
    return are_rows and gains_values and any(map(is_header_word, names))


def tables_above(rows: Sequence[Sequence[str]], after_blank: Sequence[bool]) -> list[int]:
    """The rows above the table that was found which are headers of tables of their own (their indexes)."""
    found: list[int] = []
    begins = [index for index in range(len(rows)) if index == 0 or after_blank[index] or not trimmed(rows[index - 1])]
    begins += [
        index + 1 for index in begins if index + 1 < len(rows) and len(trimmed(rows[index])) == 1
    ]  # below a title
    for begin in sorted(set(begins)):
        end = next((i for i in range(begin + 1, len(rows)) if after_blank[i] or not trimmed(rows[i])), len(rows))
        if found and begin < found[-1] + 3:
            continue
        if _is_table(rows[begin], [trimmed(row) for row in rows[begin + 1 : end]]):
            found.append(begin)
    return found


def _is_table(header: Sequence[str], below: Sequence[list[str]]) -> bool:
    names = trimmed(header)
    if len(below) < 2 or not may_be_header(header):
        return False
    fitting = [row for row in below if 1 < len(row) <= len(names)]
    if len(fitting) < 2 or len(fitting) * 10 < len(below) * 9:
        return False
    named = sum(map(is_header_word, names))
    typed = [place for place in typed_columns(fitting, len(names)) if _is_of_one_group(fitting, place)]
    if len(names) == 2:  # not pairs of a name and its value
        labels = sum(is_header_word(row[0]) for row in fitting)
        return named == 2 and (bool(typed) or labels * 2 < len(fitting))
    return bool(typed) or named * 2 >= len(names) or all(len(row) == len(names) for row in below)


def _is_of_one_group(rows: Sequence[Sequence[str]], place: int) -> bool:
    return len({group_of(kind_of(row[place])) for row in rows if place < len(row) and row[place].strip()}) == 1
