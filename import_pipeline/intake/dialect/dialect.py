"""`Dialect`: what stands between cells, around them, and before a quote inside them; and cutting lines by it.

Cutting is done by Python's own csv reader at C speed. What that doesn't know (delimiters of several characters, an
escape that escapes only quotes and itself) is swapped for single characters that the text doesn't hold, and back.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

csv.field_size_limit(sys.maxsize)

_STAND_INS = tuple(map(chr, (*range(0xFDD0, 0xFDF0), *range(0xE000, 0xE040))))


@dataclass(frozen=True)
class Dialect:
    r"""How cells are written.

    Attributes:
        delimiter: One or several characters.
        quote: One character, or empty where nothing is quoted.
        escape: The quote itself where quotes are doubled; another character (mostly `\`) that stands before a quote.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'

    @property
    def doubles_quotes(self) -> bool:
        """Whether a quote inside a quoted cell is written twice."""
        return self.escape in ("", self.quote)

    def in_words(self) -> str:
        """The dialect for people."""
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", ", ": "comma and space"}
        delimiter = names.get(self.delimiter, repr(self.delimiter))
        quote = f"quote {self.quote}" if self.quote else "no quotes"
        escape = "" if self.doubles_quotes else f", escape {self.escape}"
        return f"delimiter {delimiter}, {quote}{escape}"


class Cut:
    """Lines made ready for cutting: delimiter and quote are single characters, and nothing is escaped by a mark.

    Attributes:
        lines: The lines, swapped where the dialect needs it.
        delimiter: What stands between cells in these lines.
        quote: What cells are quoted with; empty if nothing is.
    """

    def __init__(self, lines: Sequence[str], dialect: Dialect) -> None:
        self.lines = lines
        self.delimiter = dialect.delimiter
        self.quote = dialect.quote
        self._back: list[tuple[str, str]] = []
        if len(dialect.delimiter) > 1 or not dialect.doubles_quotes:
            self._swap(dialect)

    def _swap(self, dialect: Dialect) -> None:
        text = "".join(self.lines)
        free = (mark for mark in _STAND_INS if mark not in text)
        swaps: list[tuple[str, str]] = []
        if not dialect.doubles_quotes:
            for escaped in (dialect.escape, dialect.quote):
                mark = next(free)
                swaps.append((dialect.escape + escaped, mark))
                self._back.append((mark, escaped))
        if len(dialect.delimiter) > 1:
            self.delimiter = next(free)
            swaps.append((dialect.delimiter, self.delimiter))
            self._back.append((self.delimiter, dialect.delimiter))
        swapped = []
        for line in self.lines:
            for written, mark in swaps:
                if written in line:
                    line = line.replace(written, mark)
            swapped.append(line)
        self.lines = swapped

    def rows(self, lines: Iterable[str], *, strict: bool) -> Iterator[list[str]]:
        """The rows of (some of) `lines`; blank lines give empty rows.

        Raises:
            csv.Error: Strict, and the lines break the dialect.
        """
        if self.quote:
            rows = csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=strict)
        else:
            rows = csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, strict=strict)
        return map(self.back, rows) if self._back else rows

    def back(self, row: list[str]) -> list[str]:
        """A row with the swapped text put back."""
        for mark, written in self._back:
            row = [cell.replace(mark, written) if mark in cell else cell for cell in row]
        return row


@dataclass(frozen=True)
class Layout:
    """Where the table stands in the file.

    Attributes:
        skipped_lines: Physical lines before the header (or before the data where there is none).
        header_lines: Physical lines of the header; 0 if the file has none.
        header: The names in the header as written, joined where it has several rows; None without a header.
        width: How many columns the table has.
        cells: How many cells most rows have: more than columns where rows end with a spare delimiter, fewer where
            the last columns are left out.
        comment: What a comment line begins with; such lines are no rows.
        has_blank_lines: Whether blank lines stand between rows of the sample.
        header_rows: The rows of the header as they were cut, by which one is known that comes again.
        above: The lines above the header, with their text.
        tables_above: The lines (from 1) above the header on which tables of their own begin.
        header_written: The header joined of all its rows, those included in which it only comes again.
        has_fewer_names: Whether the rows have cells for a column more than are named, and it may be any of them.
    """

    skipped_lines: int
    header_lines: int
    header: tuple[str, ...] | None
    width: int
    cells: int
    comment: str | None = None
    has_blank_lines: bool = False
    header_rows: tuple[tuple[str, ...], ...] = ()
    above: tuple[str, ...] = ()
    tables_above: tuple[int, ...] = ()
    header_written: tuple[str, ...] | None = None
    has_fewer_names: bool = False
