"""Workbooks (XLSX, XLSB, XLS, ODS): one sheet, read by a process of its own, then treated like plain text.

The parts of the archive are inflated and counted before anything parses them.
"""

import json
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.formats import delimited
from import_pipeline.intake.header_words import may_begin_with_zero
from import_pipeline.intake.inflate import Meter
from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.intake.table import Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.words import DefectLevel

NAME = "spreadsheet"
PRIORITY = 15

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCK = 1 << 20


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it is a workbook, or another document of an office suite."""
    if head.startswith(_OLE):
        return True
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(payload.path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Read one sheet: the one named, else the first visible one that holds anything.

    Raises:
        PayloadError: It is no workbook, is damaged or encrypted, or has no such sheet.
        LimitExceededError: It inflates to too much, or needs too much memory or time.
    """
    _measure(payload, settings)
    part = payload.copy.with_name(payload.copy.name + ".sheet")
    try:
        found = _run_child(payload, part, options, settings)
        part.replace(payload.copy)
    finally:
        part.unlink(missing_ok=True)
    told = ReadOptions(
        encoding="utf-8",
        delimiter=",",
        quote='"',
        escape='"',
        header_row=options.header_row,
        skip_rows=options.skip_rows,
        table=options.table,
    )
    table = delimited.open_table(Payload(payload.copy, payload.copy), told, settings)
    if len(found["sheets"]) > 1:
        table.findings.note(f"Sheet {found['sheet']!r} was read, of {', '.join(map(repr, found['sheets']))}.")
    reading = replace(
        table.reading, format=NAME, encoding="", delimiter="", quote="", escape="", runner_up=None, confidence=1.0
    )
    _warn_of_lost_zeros(table, found)
    return replace(table, reading=reading)


def _measure(payload: Payload, settings: Settings) -> None:
    """Inflate every part of the archive once, only to count."""
    if not zipfile.is_zipfile(payload.path):
        return
    meter = Meter(payload.path.stat().st_size, settings)
    try:
        with zipfile.ZipFile(payload.path) as archive:
            if "word/document.xml" in archive.namelist() or "ppt/presentation.xml" in archive.namelist():
                raise PayloadError("The file is a text document or presentation. Upload a workbook or CSV.")
            for part in archive.infolist():
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        meter.add(len(block))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PayloadError(f"The workbook is damaged or encrypted ({error}). Save it again.") from error


def _run_child(payload: Payload, target: Any, options: ReadOptions, settings: Settings) -> dict[str, Any]:
    request = {
        "path": str(payload.path),
        "target": str(target),
        "sheet": options.sheet,
        "memory": settings.parse_memory_bytes,
        "seconds": max(1, round(settings.parse_seconds)),
    }
    memory = settings.parse_memory_bytes
    too_large = LimitExceededError(
        "a workbook that needs bytes of memory", f"over {memory}", memory, "IMPORT_PIPELINE_PARSE_MEMORY_BYTES"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "import_pipeline.intake.spreadsheet_child"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=settings.parse_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        seconds = settings.parse_seconds
        raise LimitExceededError(
            "a reading time of over seconds", seconds, seconds, "IMPORT_PIPELINE_PARSE_SECONDS"
        ) from error
    if done.returncode:
        if done.returncode < 0 or "MemoryError" in done.stderr or "memory allocation" in done.stderr:
            raise too_large
        raise PayloadError("The workbook cannot be read. Save it again, or export the sheet as CSV.")
    found = json.loads(done.stdout)
    match found.get("refused"):
        case None:
            return found
        case "memory":
            raise too_large
        case "sheet":
            names = ", ".join(map(repr, found["sheets"]))
            raise PayloadError(f"The workbook has no sheet {options.sheet!r}. It has {names}.", sheet=options.sheet)
        case "size":
            raise PayloadError("The sheet claims more rows or columns than a workbook can have. Save it again.")
        case "password":
            raise PayloadError("The workbook is protected by a password. Save it without one.")
        case "empty":
            raise PayloadError("The workbook has no sheet with cells.")
        case _:
            raise PayloadError(f"The file is no readable workbook ({found.get('why')}). Save it again.")


def _warn_of_lost_zeros(table: Table, found: dict[str, Any]) -> None:
    """Warn of columns of numbers that look like codes, whose zeros in front the workbook no longer has."""
    for place in range(table.width):
        lengths = {int(length): count for length, count in found["numbers"].get(str(place), {}).items()}
        numbers = sum(lengths.values())
        if not numbers:
            continue
        name = table.header[place].strip() if table.header and place < len(table.header) else ""
        usual = max(lengths, key=lambda length: (lengths[length], length))
        shorter = sum(count for length, count in lengths.items() if usual - 2 <= length < usual)
        if found["zeros"].get(str(place)) or (shorter and may_begin_with_zero(name)):
            table.findings.add(
                StructuralDefect(
                    None,
                    "maybe_lost_zeros",
                    f"Column {name or place + 1!r} holds {numbers} numbers that may have lost zeros in front in the "
                    "workbook. Format the column as text there if it holds codes.",
                    level=DefectLevel.WARNING,
                    column=name or None,
                )
            )
