"""`Table`: what every format makes of a payload, and the protocol that a format's module follows.

A table knows its columns and gives its rows in blocks, in file order; where the bulk can be left to DuckDB, it says so.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import duckdb

from import_pipeline.intake.notes import MOST_NOTES
from import_pipeline.intake.reading import Findings, Reading
from import_pipeline.intake.several_tables import FoundTable
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

Rows = list[list[str]]


@dataclass(frozen=True)
class FirstLine:
    """A line at the beginning of a file, as it is cut into cells.

    Attributes:
        line: Its place in the text, from 1.
        kind: What it is: above the header, of the header, or below it.
        row_number: Below the header: which row it is.
    """

    line: int
    kind: Literal["above", "header", "row"]
    cells: tuple[str, ...]
    row_number: int | None = None


@dataclass(frozen=True)
class Payload:
    """A file to read.

    Attributes:
        path: The file itself.
        copy: Where a copy of it that DuckDB can read may be put: inflated, or in UTF-8.
        depth: How many wrappings (gzip, zip) were taken off it.
    """

    path: Path
    copy: Path
    depth: int = 0

    def head(self, size: int = 1 << 20) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as handle:
            return handle.read(size)


@dataclass(frozen=True)
class Table:
    """The first table of a payload.

    Attributes:
        reading: How it is read; without the number of rows.
        header: The names as the file has them; None if it has none.
        width: How many cells a row has.
        blocks: Gives the rows from the first on, in blocks; a row has more than `width` cells only where spare cells
            hold text. Defects go to `findings` while it runs.
        findings: What was found out so far.
        load: Fills `source_text` by DuckDB alone; False if it can't, with no table left. None where nothing can.
        header_written: The header joined of all its rows, also of those in which it only comes again, where that is
            another one.
        first_lines: So many lines of the text that the table stands in, from the first on; none where it is no text.
        tables: The tables of the payload, if several different ones were met while its rows were read.
        settle: Where header and width are only those of its first rows: gives the table as it is, by what `load` found
            or by going through the payload. None where they are known.
    """

    reading: Reading
    header: tuple[str, ...] | None
    width: int
    blocks: Callable[[], Iterator[Rows]]
    findings: Findings
    load: Callable[[duckdb.DuckDBPyConnection], bool] | None = None
    tables: Callable[[], tuple[FoundTable, ...]] = tuple
    header_written: tuple[str, ...] | None = None
    first_lines: Callable[[int], list[FirstLine]] = lambda most: []
    settle: Callable[["Table"], "Table"] | None = None

    def settled(self) -> "Table":
        """The table with all of its columns.

        Raises:
            PayloadError: The payload cannot be read.
            LimitExceededError: It has too many columns.
        """
        return self if self.settle is None else self.settle(self)

    def rows(self) -> Generator[Rows]:
        """The rows in blocks, without the lines that are no rows of the table."""
        held: Rows = []
        first = 1
        for block in self.blocks():
            held += block
            ready = max(0, len(held) - MOST_NOTES)  # that a line is a note may turn out so much later
            if ready:
                yield self._without_no_rows(held[:ready], first)
                held, first = held[ready:], first + ready
        yield self._without_no_rows(held, first)

    def _without_no_rows(self, rows: Rows, first: int) -> Rows:
        no_rows = self.findings.no_rows
        if not no_rows:
            return rows
        return [row for number, row in enumerate(rows, start=first) if number not in no_rows]


class Format(Protocol):
    """What a module under `formats/` has to offer."""

    NAME: str
    PRIORITY: int
    """Formats are asked in this order; the one that takes any text comes last."""

    def recognises(self, head: bytes, payload: Payload) -> bool:
        """Whether the content, not the name, is of this format."""
        ...

    def open_table(self, payload: Payload, options: ReadOptions, settings: Settings) -> Table:
        """Find the table in the payload.

        Raises:
            PayloadError: There is none, or it cannot be read.
            LimitExceededError: A limit was passed.
        """
        ...
