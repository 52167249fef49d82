"""Delimited text: CSV, TSV and their relatives in any encoding; whatever no other format recognises."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from import_pipeline.errors import PayloadError
from import_pipeline.intake import csv_fast, encoding
from import_pipeline.intake.csv_exact import RowReader, lines_of
from import_pipeline.intake.csv_faults import TableRows
from import_pipeline.intake.dialect.detect import Detected, detect
from import_pipeline.intake.footnotes import remove_notes, without_notes
from import_pipeline.intake.reading import Findings, Reading
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "csv"
PRIORITY = 100

_SAMPLE_LINES = 1_500
_SAMPLE_CHARACTERS = 400_000


def recognises(head: bytes, payload: Payload) -> bool:
    """Any content: what is not text is refused when it is opened."""
    return True


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Find encoding, dialect and layout of a text.

    Raises:
        PayloadError: The file is no text, or cannot be decoded.
    """
    head = payload.head(encoding.HEAD_BYTES)
    if not options.encoding and encoding.is_binary(head):
        raise PayloadError("The file is not text. Upload CSV, XLSX, XLS, ODS, JSON or Parquet.")
    text = encoding.named(options.encoding) if options.encoding else encoding.of_file(payload.path, head)
    lines, is_sample = _sample(payload.path, text)
    found = detect(lines, options, is_sample=is_sample)
    return _Delimited(payload, text, found, settings).table()


def _sample(path: Path, text: encoding.Encoding) -> tuple[list[str], bool]:
    """The first lines of a text, and whether it goes on behind them."""
    lines: list[str] = []
    size = 0
    for line in lines_of(path, text):
        lines.append(line)
        size += len(line)
        if len(lines) >= _SAMPLE_LINES or (size > _SAMPLE_CHARACTERS and len(lines) > 20):
            return lines, True
    return lines, False


class _Delimited:
    """A text with its encoding, dialect and layout, ready to be read in either way."""

    def __init__(self, payload: Payload, text: encoding.Encoding, found: Detected, settings: Settings) -> None:
        self.path = payload.path
        self.copy = payload.copy
        self.text = text
        self.found = found
        self.most_characters = settings.max_cell_bytes * 2
        self.findings = Findings()

    def table(self) -> Table:
        layout, dialect = self.found.layout, self.found.dialect
        reading = Reading(
            format=NAME,
            encoding=self.text.name,
            delimiter=dialect.delimiter if layout.width > 1 else "",
            quote=dialect.quote,
            escape=dialect.escape,
            header_row=1 if layout.header else 0,
            skipped_lines=layout.skipped_lines,
            confidence=round(self.found.confidence * self.text.confidence, 3),
            runner_up=self.found.runner_up,
        )
        return Table(reading, layout.header, layout.width, self.blocks, self.findings, self.load)

    def blocks(self) -> Iterator[Rows]:
        layout, dialect = self.found.layout, self.found.dialect
        skip = layout.skipped_lines + layout.header_lines
        reader = RowReader(dialect, layout.cells, layout.comment, self.most_characters)
        table = TableRows(layout.width, layout.header, dialect.delimiter, self.findings, cells=layout.cells)
        rows = table.blocks(reader.blocks(lines_of(self.path, self.text, skip), skip + 1))
        yield from without_notes(rows, self.findings)
        if reader.comments:
            self.findings.note(f"{reader.comments} comment lines were passed over.")

    def load(self, connection: duckdb.DuckDBPyConnection) -> bool:
        dialect, layout = self.found.dialect, self.found.layout
        if not csv_fast.can_try(dialect, layout):
            return False
        if not self.text.is_utf8:
            encoding.transcode(self.path, self.text, self.copy)
            self.path, self.text = self.copy, encoding.Encoding("utf-8")
        if not csv_fast.read(connection, self.path, dialect, layout, self.found.sample):
            return False
        remove_notes(connection, layout.width, self.findings)
        return True
