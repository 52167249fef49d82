"""JSON: an array of objects (bare, or under the one key of an object that holds it) or JSON lines; keys are columns.

Numbers keep their text; objects and arrays inside cells stay JSON. It is read twice: for the keys, then for the rows.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from import_pipeline.errors import LimitExceededError
from import_pipeline.intake import encoding, json_values
from import_pipeline.intake.reading import TRUNCATED, Findings, Reading, StructuralDefect
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "json"
PRIORITY = 50

_BLOCK_ROWS = 5_000


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether the text begins as JSON with rows does."""
    text = encoding.of_head(head)
    return text is not None and json_values.looks_like_rows(text)


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Find the columns.

    Raises:
        PayloadError: It is not JSON throughout, or holds no rows.
        LimitExceededError: It has too many columns.
    """
    head = payload.head()
    text = encoding.named(options.encoding) if options.encoding else encoding.of_file(payload.path, head)
    findings = Findings()
    keys: dict[str, None] = {}
    rows = partial(json_values.records, payload.path, text, settings.max_cell_bytes * 4)
    for record in rows():
        if isinstance(record, json_values.Broken):
            continue
        keys.update(dict.fromkeys(_keys(record)))
        if len(keys) > settings.max_columns:
            raise LimitExceededError("columns", len(keys), settings.max_columns, "IMPORT_PIPELINE_MAX_COLUMNS")
    names = tuple(keys)
    reading = Reading(format=NAME, encoding=text.name)
    return Table(reading, names, len(names), partial(_blocks, rows, names, findings, payload.path), findings)


def _keys(record: Any) -> list[str]:
    if isinstance(record, dict):
        return list(record)
    if isinstance(record, list):
        return [f"Column {place + 1}" for place in range(len(record))]
    return ["value"]


def _blocks(rows: Any, names: tuple[str, ...], findings: Findings, path: Path) -> Iterator[Rows]:
    block: Rows = []
    count = 0
    for number, record in enumerate(rows(), start=1):
        count = number
        if isinstance(record, json_values.Broken):
            findings.add(
                StructuralDefect(number, "broken_json", f"Line {record.line} is not JSON.", record.text[:1000])
            )
            block.append([""] * len(names))
        else:
            cells = record if isinstance(record, dict) else dict(zip(_keys(record), _as_list(record), strict=True))
            block.append([json_values.text_of(cells.get(name)) for name in names])
        if len(block) >= _BLOCK_ROWS:
            yield block
            block = []
    if block:
        yield block
    last = findings.defects[-1] if findings.defects else None
    if last is not None and last.row_number == count and not _ends_line(path):
        message = "The end of the file is cut off: its last line is not JSON and has no end. Export it again, whole."
        findings.add(StructuralDefect(None, TRUNCATED, message))


def _ends_line(path: Path) -> bool:
    """Whether the last line of a file has an end."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 4))
        return b"\n" in handle.read()


def _as_list(record: Any) -> list[Any]:
    return record if isinstance(record, list) else [record]
