"""`Dialect`: what stands between cells, around them, and before a quote inside them; and parsing lines by it.

Parsing here is Python's own csv reader at C speed. Delimiters of several characters are swapped for one
character that the text doesn't hold, and swapped back inside cells.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

csv.field_size_limit(sys.maxsize)

_STAND_INS = "\x1f\x1e\ue000\ue001\uf8ff"


@dataclass(frozen=True)
class Dialect:
    r"""How cells are written.

    Attributes:
        delimiter: One or several characters.
        quote: One character, or empty where nothing is quoted.
        escape: The quote itself where quotes are doubled, another character (mostly `\`) that stands before a quote.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'

    @property
    def doubles_quotes(self) -> bool:
        """Whether a quote inside a quoted cell is written twice."""
        return self.escape in ("", self.quote)

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """The rows of lines (with their ends); blank lines give empty rows.

        Args:
            lines: Physical lines; for a delimiter of several characters they are swapped one by one.
            strict: Refuse what the dialect doesn't allow.

        Raises:
            csv.Error: Strict, and the lines break the dialect.
        """
        if len(self.delimiter) == 1:
            return self._single(lines, self.delimiter, strict)
        return self._several(list(lines), strict)

    def _single(self, lines: Iterable[str], delimiter: str, strict: bool) -> Iterator[list[str]]:
        if not self.quote:
            return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=strict)
        if self.doubles_quotes:
            return csv.reader(lines, delimiter=delimiter, quotechar=self.quote, doublequote=True, strict=strict)
        return csv.reader(
            lines,
            delimiter=delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=True,
            strict=strict,
        )

    def _several(self, lines: list[str], strict: bool) -> Iterator[list[str]]:
        stand_in = next((mark for mark in _STAND_INS if not any(mark in line for line in lines)), None)
        if stand_in is None:
            raise csv.Error("every stand-in for the delimiter occurs in the text")
        swapped = (line.replace(self.delimiter, stand_in) for line in lines)
        for row in self._single(swapped, stand_in, strict):
            yield [cell.replace(stand_in, self.delimiter) if stand_in in cell else cell for cell in row]

    def in_words(self) -> str:
        """The dialect for people."""
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", ", ": "comma and space"}
        delimiter = names.get(self.delimiter, repr(self.delimiter))
        quote = f"quote {self.quote}" if self.quote else "no quotes"
        escape = "" if self.doubles_quotes else f", escape {self.escape}"
        return f"delimiter {delimiter}, {quote}{escape}"


@dataclass(frozen=True)
class Layout:
    """Where the table stands in the file.

    Attributes:
        skipped_lines: Physical lines before the header (or before the data where there is none).
        header_lines: Physical lines of the header; 0 if the file has none.
        header: The names in the header as written, joined where it has several rows; None without a header.
        width: How many cells a row has.
    """

    skipped_lines: int
    header_lines: int
    header: tuple[str, ...] | None
    width: int
