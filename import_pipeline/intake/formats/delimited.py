"""Delimited text: CSV, TSV and their relatives in any encoding; whatever no other format recognises."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import csv_fast, encoding
from import_pipeline.intake.csv_exact import RowReader, lines_of
from import_pipeline.intake.csv_faults import TableRows
from import_pipeline.intake.dialect.detect import Detected, detect
from import_pipeline.intake.reading import Findings, Reading
from import_pipeline.intake.table import Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "csv"
PRIORITY = 100

_SAMPLE_LINES = 1_500
_SAMPLE_CHARACTERS = 400_000


def recognises(head: bytes, path: Path) -> bool:
    """Any content: what is not text is refused when it is opened."""
    return True


def open_table(path: Path, options: ReadOptions, settings: Settings) -> Table:
    """Find encoding, dialect and layout of a text.

    Raises:
        PayloadError: The file is no text, or cannot be decoded.
        LimitExceededError: It has too many columns.
    """
    with path.open("rb") as handle:
        head = handle.read(encoding.HEAD_BYTES)
    if encoding.is_binary(head):
        raise PayloadError("The file is not text. Upload CSV, XLSX, XLS, ODS, JSON or Parquet.")
    text = encoding.Encoding(options.encoding) if options.encoding else encoding.of_file(path, head)
    source = path if text.is_utf8 else encoding.transcode(path, text.name)
    found = detect(_sample(source), options)
    most = settings.max_columns
    if found.layout.width > most:
        raise LimitExceededError("columns", found.layout.width, most, "IMPORT_PIPELINE_MAX_COLUMNS")
    return _Delimited(source, found, settings).table(text)


def _sample(source: Path) -> list[str]:
    """The first lines of a text."""
    lines: list[str] = []
    size = 0
    with source.open(encoding="utf-8-sig", newline="") as handle:
        for line in handle:
            lines.append(line)
            size += len(line)
            if len(lines) >= _SAMPLE_LINES or (size > _SAMPLE_CHARACTERS and len(lines) > 20):
                break
    return lines


class _Delimited:
    """A text in UTF-8 with its dialect and layout, ready to be read in either way."""

    def __init__(self, source: Path, found: Detected, settings: Settings) -> None:
        self.source = source
        self.found = found
        self.most_characters = settings.max_cell_bytes * 2
        self.findings = Findings()

    def table(self, text: encoding.Encoding) -> Table:
        layout, dialect = self.found.layout, self.found.dialect
        reading = Reading(
            format=NAME,
            encoding=text.name,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            escape=dialect.escape,
            header_row=1 if layout.header else 0,
            skipped_lines=layout.skipped_lines,
            confidence=round(self.found.confidence * text.confidence, 3),
            runner_up=self.found.runner_up,
        )
        return Table(reading, layout.header, layout.width, self.blocks, self.findings, self.load)

    def blocks(self) -> Iterator[Rows]:
        layout, dialect = self.found.layout, self.found.dialect
        skip = layout.skipped_lines + layout.header_lines
        reader = RowReader(dialect, layout.width + layout.trailing, layout.comment, self.most_characters)
        table = TableRows(layout.width, layout.header, dialect.delimiter, self.findings, trailing=layout.trailing)
        yield from table.blocks(reader.blocks(lines_of(self.source, skip), skip + 1))
        if reader.comments:
            self.findings.note(f"{reader.comments} comment lines were passed over.")

    def load(self, connection: duckdb.DuckDBPyConnection) -> bool:
        dialect, layout = self.found.dialect, self.found.layout
        return csv_fast.can_try(dialect, layout) and csv_fast.read(
            connection, self.source, dialect, layout, self.most_characters, self.found.sample
        )
