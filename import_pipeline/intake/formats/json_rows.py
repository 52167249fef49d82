"""JSON: an array of objects (bare, or the one list of objects in an object) or JSON lines; keys are columns.

DuckDB reads what it surely reads as it is meant; all else is read twice, for the columns and then for the rows.
"""

import codecs
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from import_pipeline.intake import encoding, json_fast, json_values
from import_pipeline.intake.json_columns import MOST_ENTRIES, Columns, text_of
from import_pipeline.intake.reading import Findings, Reading, StructuralDefect
from import_pipeline.intake.structural_defects import TRUNCATED
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.words import DefectLevel

NAME = "json"
PRIORITY = 50

LEAST_BYTES = 200_000
"""From what size on it pays to have a file read by DuckDB."""
_BLOCK_ROWS = 5_000
_NAMED = 10


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether the text begins as JSON with rows does."""
    text = encoding.of_head(head)
    return text is not None and json_values.looks_like_rows(text)


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Look at the first lines; where DuckDB may not read them, find the columns.

    Raises:
        PayloadError: It is not JSON throughout, or holds no rows.
        LimitExceededError: It has too many columns.
    """
    opened = _JsonRows(payload, options, settings)
    table = Table(Reading(format=NAME), (), 0, opened.blocks, Findings(), opened.load, settle=opened.settle)
    sample = opened.sample
    if sample is None or len(sample.names) > settings.max_columns:
        return replace(table, load=None).settled()
    return replace(table, header=sample.names, width=len(sample.names))


class _JsonRows:
    """A file of JSON, ready to be read in either way.

    Args:
        payload: The file.
        options: What was told by hand.
        settings: The limits.
    """

    def __init__(self, payload: Payload, options: ReadOptions, settings: Settings) -> None:
        self.payload = payload
        self.path = payload.path
        self.options = options
        self.settings = settings
        self.head = payload.head()
        is_large = payload.path.stat().st_size >= LEAST_BYTES
        self.sample = json_fast.sample_of(self.head, options.encoding) if is_large else None
        self.names: tuple[str, ...] | None = None
        """The columns, once they are known."""

    def load(self, connection: duckdb.DuckDBPyConnection) -> bool:
        if self.sample is None:
            return False
        path = _without_mark(self.payload) if self.head.startswith(codecs.BOM_UTF8) else self.path
        lines = json_fast.FlatLines(connection, path, self.sample, self.settings.max_cell_bytes * 4)
        self.names = lines.read(self.settings.max_columns)
        return self.names is not None

    def settle(self, table: Table) -> Table:
        if self.names is not None and self.sample is not None:
            return self._settled(table, self.sample.encoding, self.names)
        told = self.options.encoding
        text = encoding.named(told) if told else encoding.of_file(self.path, self.head)
        source = json_values.JsonFile(self.path, text, self.settings.max_cell_bytes * 4)
        columns = Columns(self.settings.max_columns)
        for record in source.records():
            if not isinstance(record, json_values.Broken):
                columns.learn(record)
        names = columns.names()
        if source.beside:
            listed = ", ".join(map(repr, source.beside[:_NAMED])) + (" …" if len(source.beside) > _NAMED else "")
            table.findings.note(
                f"The rows are those of the list in the JSON object; not read was what stands beside it: {listed}."
            )
        blocks = partial(_blocks, source, columns, names, table.findings, self.path)
        return replace(self._settled(table, text.name, names), blocks=blocks)

    def _settled(self, table: Table, name: str, names: tuple[str, ...]) -> Table:
        reading = replace(table.reading, encoding=name)
        return replace(table, reading=reading, header=names, width=len(names), settle=None)

    def blocks(self) -> Iterator[Rows]:
        raise AssertionError("a table is settled before its rows are read")


def _without_mark(payload: Payload) -> Path:
    """A copy with spaces in place of the byte order mark, which DuckDB's reader of JSON does not take."""
    if payload.path != payload.copy:
        shutil.copyfile(payload.path, payload.copy)
    with payload.copy.open("r+b") as file:
        file.write(b" " * len(codecs.BOM_UTF8))
    return payload.copy


def _blocks(
    source: json_values.JsonFile, columns: Columns, names: tuple[str, ...], findings: Findings, path: Path
) -> Iterator[Rows]:
    block: Rows = []
    count = 0
    columns.left_out.clear()
    for number, record in enumerate(source.records(), start=1):
        count = number
        if isinstance(record, json_values.Broken):
            findings.add(
                StructuralDefect(number, "broken_json", f"Line {record.line} is not JSON.", record.text[:1000])
            )
            block.append([""] * len(names))
        else:
            values = map(columns.leaves(record).get, names)
            block.append([value if type(value) is str else text_of(value) for value in values])
        if len(block) >= _BLOCK_ROWS:
            yield block
            block = []
    if block:
        yield block
    last = findings.defects[-1] if findings.defects else None
    if last is not None and last.row_number == count and not _ends_line(path):
        message = "The end of the file is cut off: its last line is not JSON and has no end. Export it again, whole."
        findings.add(StructuralDefect(None, TRUNCATED, message))
    for name, left_out in columns.left_out.items():
        message = (
            f"Lists in {name!r} hold more than {MOST_ENTRIES} objects: {left_out:,} of them were not read. "
            "Put them into a file of their own."
        )
        findings.add(StructuralDefect(None, "list_cut", message, level=DefectLevel.WARNING, column=name))
        findings.note(message)


def _ends_line(path: Path) -> bool:
    """Whether the last line of a file has an end."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 4))
        return b"\n" in handle.read()
