"""`read_payload` and `preview`: from a payload's file to rows of text in the workspace, or to a look at them.

The order of the work stands here; each step is a module of its own.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import csv_fast, encoding, header
from import_pipeline.intake.csv_exact import ExactReader
from import_pipeline.intake.dialect.cell_kinds import TYPED, kind_of
from import_pipeline.intake.dialect.detect import Detected, detect
from import_pipeline.intake.reading import Findings, Preview, Reading
from import_pipeline.intake.tables import append_defects, create_from_blocks, drop_tables, write_columns
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

_SAMPLE_LINES = 1_000
_SAMPLE_CHARACTERS = 400_000


def read_payload(
    connection: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, settings: Settings
) -> Reading:
    """Read a payload into `source_text`, `source_columns` and `defects`.

    Args:
        connection: The workspace; its allowed paths hold `path` and `<path>.utf8`.
        path: A file that the server named.
        options: What was told by hand; the rest is detected.
        settings: The limits.

    Returns:
        How the file was read, and how many rows.

    Raises:
        PayloadError: The file is empty, has a header only, or cannot be read.
        LimitExceededError: A limit was passed; nothing was read.
    """
    drop_tables(connection)
    findings = Findings()
    text, source, found = _open(path, options, settings)
    fast = csv_fast.can_try(found.dialect, found.layout) and csv_fast.read(
        connection, source, found.dialect, found.layout, settings.max_cell_bytes * 2, found.sample
    )
    if not fast:
        text, source, found = _checked(path, options, settings, text, source, found)
        reader = ExactReader(found.dialect, found.layout, findings)
        create_from_blocks(connection, found.layout.width, reader.blocks(source))
    counted = connection.execute("SELECT count(*) FROM source_text").fetchone()
    rows = counted[0] if counted else 0
    if not rows:
        raise PayloadError(
            "The file has a header but no data rows. Export it again with its rows."
            if found.layout.header
            else "The file has no rows.",
        )
    if rows > settings.max_rows:
        raise LimitExceededError("rows", rows, settings.max_rows, "IMPORT_PIPELINE_MAX_ROWS")
    names = header.unique_names(found.layout.header or (), found.layout.width)
    write_columns(connection, names)
    append_defects(connection, findings.defects)
    return replace(_reading(text, found, names, findings), total_rows=rows)


def preview(path: Path, options: ReadOptions, settings: Settings, sample: int = 10) -> Preview:
    """Read the first rows of a payload.

    Raises:
        PayloadError: The file is empty or cannot be read.
        LimitExceededError: A limit was passed.
    """
    text, source, found = _open(path, options, settings)
    findings = Findings()
    reader = ExactReader(found.dialect, found.layout, findings)
    rows = list(itertools.islice(itertools.chain.from_iterable(reader.blocks(source)), max(sample, 200)))
    names = header.unique_names(found.layout.header or (), found.layout.width)
    return Preview(
        _reading(text, found, names, findings),
        [[cell or None for cell in row] for row in rows[:sample]],
        [_type_of([row[position] for row in rows]) for position in range(found.layout.width)],
    )


def _open(path: Path, options: ReadOptions, settings: Settings) -> tuple[encoding.Encoding, Path, Detected]:
    """Find encoding, dialect and layout; the text in UTF-8 comes back as a path."""
    if not path.is_file():
        raise PayloadError(f"{path.name!r} is not a file.", file=path.name)
    size = path.stat().st_size
    if size == 0:
        raise PayloadError("The file is empty.")
    if size > settings.max_file_bytes:
        raise LimitExceededError("bytes", size, settings.max_file_bytes, "IMPORT_PIPELINE_MAX_FILE_BYTES")
    with path.open("rb") as handle:
        head = handle.read(encoding.HEAD_BYTES)
    if encoding.is_binary(head):
        raise PayloadError("The file is not text. Upload CSV, XLSX, XLS, ODS, JSON or Parquet.")
    text = encoding.Encoding(options.encoding) if options.encoding else encoding.detect(head, len(head) == size)
    source = path if text.is_utf8 else encoding.transcode(path, text.name)
    return text, source, _detected(source, options, settings)


def _detected(source: Path, options: ReadOptions, settings: Settings) -> Detected:
    lines = list(_sample_lines(source))
    if not any(line.strip() for line in lines):
        raise PayloadError("The file holds nothing but blank lines.")
    found = detect(lines, options)
    if found.layout.width > settings.max_columns:
        raise LimitExceededError("columns", found.layout.width, settings.max_columns, "IMPORT_PIPELINE_MAX_COLUMNS")
    return found


def _checked(
    path: Path, options: ReadOptions, settings: Settings, text: encoding.Encoding, source: Path, found: Detected
) -> tuple[encoding.Encoding, Path, Detected]:
    """The same again, unless the file turns out to be no UTF-8 behind its first megabyte."""
    if options.encoding or not text.is_utf8 or encoding.is_valid_utf8(path):
        return text, source, found
    text = encoding.detect_by_odd_bytes(path)
    source = encoding.transcode(path, text.name)
    return text, source, _detected(source, options, settings)


def _sample_lines(source: Path) -> Iterator[str]:
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        size = 0
        for number, line in enumerate(handle):
            size += len(line)
            if number >= _SAMPLE_LINES or (size > _SAMPLE_CHARACTERS and number > 20):
                return
            yield line


def _reading(text: encoding.Encoding, found: Detected, names: tuple[str, ...], findings: Findings) -> Reading:
    return Reading(
        format="csv",
        encoding=text.name,
        delimiter=found.dialect.delimiter,
        quote=found.dialect.quote,
        escape=found.dialect.escape,
        header_row=1 if found.layout.header else 0,
        skipped_lines=found.layout.skipped_lines,
        confidence=round(found.confidence * text.confidence, 3),
        runner_up=found.runner_up,
        columns=names,
        notes=tuple(findings.notes),
    )


def _type_of(values: list[str]) -> str:
    kinds = {kind_of(value) for value in values if value.strip()}
    if not kinds:
        return "empty"
    if len(kinds) == 1 and kinds <= TYPED:
        return kinds.pop()
    return "number" if kinds <= {"integer", "number"} else "text"
