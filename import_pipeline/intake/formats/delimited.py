"""Delimited text: CSV, TSV and their relatives in any encoding; whatever no other format recognises."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.errors import PayloadError
from import_pipeline.intake import csv_fast, csv_ragged, encoding
from import_pipeline.intake.csv_exact import RowReader, lines_of
from import_pipeline.intake.csv_faults import TableRows
from import_pipeline.intake.dialect_detection import Detected, detect, first_line_told, too_few_lines
from import_pipeline.intake.reading import Findings, Reading
from import_pipeline.intake.several_tables import FoundTable, trimmed
from import_pipeline.intake.structural_defects import FEWER_NAMES
from import_pipeline.intake.table import FirstLine, Payload, Rows, Table
from import_pipeline.intake.text_source import SAMPLE_LINES, TextSource, open_text
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

if TYPE_CHECKING:
    from import_pipeline.intake.sheet_columns import SheetColumns

NAME = "csv"
PRIORITY = 100

_LINES_LOOKED_AT = 1_000


def recognises(head: bytes, payload: Payload) -> bool:
    """Any content: what is not text is refused when it is opened."""
    return True


def open_table(
    payload: Payload, options: ReadOptions, settings: Settings, columns: "SheetColumns | None" = None
) -> Table:
    """Find encoding, dialect and layout of a text.

    Args:
        payload: The text.
        options: What was told by hand.
        settings: The limits.
        columns: The cells, where the text is made of a sheet; the payload holds the first of its lines then.

    Raises:
        PayloadError: The file is no text, or cannot be decoded.
    """
    head = payload.head(encoding.HEAD_BYTES)
    if not options.encoding and encoding.is_binary(head):
        raise PayloadError("The file is not text. Upload CSV, XLSX, XLS, ODS, JSON or Parquet.")
    source = open_text(payload, options)
    begin = first_line_told(options)
    if begin < _LINES_LOOKED_AT:
        lines, is_sample = source.first
        found = detect(lines, options, is_sample=is_sample, most_columns=settings.max_columns)
    else:
        found = _detect_below(source, options, begin)
    opened = _Delimited(payload, source, found, settings, columns=columns)
    wanted = options.table or 1
    if wanted != opened.number:
        opened = _choose(opened, wanted, options)
    return opened.table()


def _detect_below(source: TextSource, options: ReadOptions, begin: int) -> Detected:
    """Find the dialect and layout of a table that is said to begin far below the first lines."""
    lines, is_sample = source.sample(begin)
    if not lines:
        raise too_few_lines(options)
    header_row = options.header_row and 1
    found = detect(lines, options.model_copy(update={"skip_rows": None, "header_row": header_row}), is_sample=is_sample)
    return replace(found, layout=replace(found.layout, skipped_lines=begin + found.layout.skipped_lines))


def _choose(opened: "_Delimited", wanted: int, options: ReadOptions) -> "_Delimited":
    """Open another table of a file with several than the one that was found.

    Raises:
        PayloadError: The file has not as many.
    """
    tables = opened.all_tables()
    if wanted > len(tables):
        raise PayloadError(
            f"The file has no table {wanted}: it has {len(tables)}. Choose another one, or leave the choice out.",
            table=wanted,
        )
    begin = tables[wanted - 1].line
    end = tables[wanted].line if wanted < len(tables) else None
    most = SAMPLE_LINES if end is None else min(SAMPLE_LINES, end - begin)
    lines, is_sample = opened.source.sample(begin - 1, most)
    dialect = opened.found.dialect
    told = options.model_copy(
        update={
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "escape": dialect.escape,
            "header_row": 1,
            "skip_rows": None,
        }
    )
    found = detect(lines, told, is_sample=is_sample)
    layout = replace(found.layout, skipped_lines=begin - 1, comment=opened.found.layout.comment)
    return _Delimited(opened.payload, opened.source, replace(found, layout=layout), opened.settings, tables, wanted)


def _lines(reader: RowReader, lines: Iterator[str], first: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where each row begins, and its cells."""
    for block in reader.blocks(lines, first):
        for index, cells in enumerate(block.rows):
            yield block.lines[index] if block.lines else block.first_line + index, tuple(cells)


class _Delimited:
    """A text with its encoding, dialect and layout, ready to be read in either way.

    Args:
        payload: The file.
        source: Its text.
        found: Its dialect, and the layout of the table that is read.
        settings: The limits.
        tables: All tables of the file, where they are known.
        number: Which of them is read; without it as many tables stand above the one that was found as detection says.
        columns: The cells, where the text is made of a sheet.
    """

    def __init__(
        self,
        payload: Payload,
        source: TextSource,
        found: Detected,
        settings: Settings,
        tables: tuple[FoundTable, ...] = (),
        number: int | None = None,
        columns: "SheetColumns | None" = None,
    ) -> None:
        self.payload = payload
        self.source = source
        self.path = source.path
        self.copy = payload.copy
        self.text = source.text
        self.found = found
        self.settings = settings
        self.findings = Findings()
        source.tell(self.findings)
        self.number = number or 1 + len(found.layout.tables_above)
        self.columns = columns
        self._tables = tables
        self._rows: TableRows | None = None

    def table(self) -> Table:
        layout, dialect = self.found.layout, self.found.dialect
        if self.number > 1:
            line = layout.skipped_lines + 1
            self.findings.note(f"Table {self.number} was read, from line {line} on; the tables above it were not.")
        if layout.has_fewer_names:
            named = sum(map(bool, layout.header or ()))
            self.findings.tell(
                FEWER_NAMES,
                f"The header names {named} columns, and most rows have {layout.width} cells: either the last column "
                "has no name, or the cells of a column hold the delimiter and are not quoted.",
            )
        reading = Reading(
            format=NAME,
            encoding=self.source.written_in,
            delimiter=dialect.delimiter if layout.width > 1 else "",
            quote=dialect.quote,
            escape=dialect.escape,
            header_row=1 if layout.header else 0,
            skipped_lines=layout.skipped_lines,
            confidence=round(self.found.confidence * self.text.confidence, 3),
            runner_up=self.found.runner_up,
            table=self.number,
        )
        return Table(
            reading,
            layout.header,
            layout.width,
            self.blocks,
            self.findings,
            self.load,
            self.tables,
            layout.header_written,
            self.first_lines,
        )

    def first_lines(self, most: int) -> list[FirstLine]:
        """The lines above the header, or the last of them, those of the header, and some below it."""
        self._make_whole()
        layout = self.found.layout
        begin = layout.skipped_lines + layout.header_lines
        first = max(0, begin - most)
        found: list[FirstLine] = []
        above = RowReader(self.found.dialect, layout.cells)
        for line, cells in _lines(above, islice(lines_of(self.path, self.text, first), begin - first), first + 1):
            found.append(FirstLine(line, "above" if line <= layout.skipped_lines else "header", cells))
        below = RowReader(self.found.dialect, layout.cells, layout.comment, self.settings.max_cell_bytes * 2)
        rows = _lines(below, lines_of(self.path, self.text, begin), begin + 1)
        for number, (line, cells) in enumerate(islice(rows, most), start=1):
            found.append(FirstLine(line, "row", cells, number))
        return found

    def _make_whole(self) -> None:
        if self.columns is not None:
            self.columns.make_whole()

    def blocks(self) -> Iterator[Rows]:
        self._make_whole()
        layout, dialect = self.found.layout, self.found.dialect
        skip = layout.skipped_lines + layout.header_lines
        reader = RowReader(dialect, layout.cells, layout.comment, self.settings.max_cell_bytes * 2)
        begins = frozenset(table.line for table in self._tables if table.number > self.number) if self._tables else None
        self._rows = TableRows(layout, dialect, self.findings, number=self.number, begins=begins)
        return self._rows.blocks(reader.blocks(lines_of(self.path, self.text, skip), skip + 1), reader)

    def tables(self) -> tuple[FoundTable, ...]:
        """The tables of the file as far as it was read, if it has several."""
        if self._tables or not (self.findings.tables or self.found.layout.tables_above):
            return self._tables
        layout = self.found.layout
        read = self._rows.row_number if self._rows else 0
        columns = tuple(cell.strip() for cell in layout.header or ())
        own = FoundTable(self.number, layout.skipped_lines + 1, columns)
        own.rows = read - sum(1 + table.rows for table in self.findings.tables)
        return (*self._above(), own, *self.findings.tables)

    def all_tables(self) -> tuple[FoundTable, ...]:
        """The tables of the file, which is read for this from beginning to end."""
        for _ in self.blocks():
            pass
        return self.tables() or (FoundTable(1, self.found.layout.skipped_lines + 1, self.found.layout.header or ()),)

    def _above(self) -> list[FoundTable]:
        """The tables above the one that was found, each as far as the next one."""
        layout = self.found.layout
        begins = [*layout.tables_above, layout.skipped_lines + 1]
        found = []
        for number, (begin, end) in enumerate(pairwise(begins), start=1):
            reader = RowReader(self.found.dialect, layout.cells)
            lines = islice(lines_of(self.path, self.text, begin - 1), end - begin)
            rows = [row for block in reader.blocks(lines, begin) for row in block.rows if any(map(str.strip, row))]
            columns = tuple(cell.strip() for cell in trimmed(rows[0]))
            found.append(FoundTable(number, begin, columns, len(rows) - 1))
        return found

    def load(self, connection: duckdb.DuckDBPyConnection) -> bool:
        dialect, layout = self.found.dialect, self.found.layout
        if self._tables or not csv_fast.can_try(dialect, layout):
            return False
        if self.columns is not None:
            if csv_fast.take(connection, self.columns, layout, self.found.sample):
                csv_fast.find_notes(connection, layout.width, dialect.delimiter, self.findings)
                return True
            self._make_whole()
        if not self.text.is_utf8:
            encoding.transcode(self.path, self.text, self.copy)
            self.path, self.text = self.copy, encoding.Encoding("utf-8")
        sample = self.found.sample
        is_ragged = any(row and len(row) != layout.width for row in sample)
        if not is_ragged and csv_fast.read(connection, self.path, dialect, layout, sample):
            csv_fast.find_notes(connection, layout.width, dialect.delimiter, self.findings)
            return True
        found = csv_ragged.read(connection, self.path, dialect, layout, sample, self.settings.max_cell_bytes * 2)
        if found is not None:
            self.findings.take(found)
        return found is not None
