"""JSON: an array of objects (bare, or the one list of objects in an object) or JSON lines; keys are columns.

It is read twice: for the columns, then for the rows.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from import_pipeline.intake import encoding, json_values
from import_pipeline.intake.json_columns import MOST_ENTRIES, Columns, text_of
from import_pipeline.intake.reading import Findings, Reading, StructuralDefect
from import_pipeline.intake.structural_defects import TRUNCATED
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.words import DefectLevel

NAME = "json"
PRIORITY = 50

_BLOCK_ROWS = 5_000
_NAMED = 10


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
    source = json_values.JsonFile(payload.path, text, settings.max_cell_bytes * 4)
    columns = Columns(settings.max_columns)
    for record in source.records():
        if not isinstance(record, json_values.Broken):
            columns.learn(record)
    names = columns.names()
    findings = Findings()
    if source.beside:
        listed = ", ".join(map(repr, source.beside[:_NAMED])) + (" …" if len(source.beside) > _NAMED else "")
        findings.note(
            f"The rows are those of the list in the JSON object; not read was what stands beside it: {listed}."
        )
    blocks = partial(_blocks, source, columns, names, findings, payload.path)
    return Table(Reading(format=NAME, encoding=text.name), names, len(names), blocks, findings)


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
