"""Workbooks (XLSX, XLSB, XLS, ODS): one sheet, read by a process of its own, then treated like plain text."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from import_pipeline.intake.formats import delimited
from import_pipeline.intake.sheet_findings import add_findings
from import_pipeline.intake.sheet_process import read_sheet
from import_pipeline.intake.table import Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "spreadsheet"
PRIORITY = 15

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it is a workbook, or another document of an office suite."""
    if head.startswith(_OLE):
        return True
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(payload.path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):  # the last: it is of a version unknown here
        return False
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Read one sheet: the one named, else the one that holds a table.

    Raises:
        PayloadError: It is no workbook, is damaged or encrypted, or has no such sheet.
        LimitExceededError: It inflates to too much, or needs too much memory or time.
    """
    part = payload.copy.with_name(payload.copy.name + ".sheet")
    told = ReadOptions(
        encoding="utf-8",
        delimiter=",",
        quote='"',
        escape='"',
        header_row=options.header_row,
        skip_rows=options.skip_rows,
        table=options.table,
    )
    is_told = options.header_row is not None or options.skip_rows is not None or options.table is not None
    try:
        found = read_sheet(payload.path, part, options, settings, by_columns=not is_told)
        if "columns" in found:
            opened = open_columns(found, part, payload, told, settings)
            if opened is not None:
                return opened
            found = read_sheet(payload.path, part, options, settings)
        part.replace(payload.copy)
    finally:
        part.unlink(missing_ok=True)
    table = delimited.open_table(Payload(payload.copy, payload.copy), told, settings)
    return _of_sheet(table, found)


def open_columns(
    found: dict[str, Any], part: Path, payload: Payload, told: ReadOptions, settings: Settings
) -> Table | None:
    """The table of a sheet that was read by columns; None where it is one to be read by rows."""
    from import_pipeline.intake.sheet_columns import SheetColumns

    try:
        columns = SheetColumns(found, part)
    except ValueError:
        return None
    columns.write_first(payload.copy)
    table = delimited.open_table(Payload(payload.copy, payload.copy), told, settings, columns)
    if table.findings.defects or table.findings.notes:
        return None
    return _of_sheet(table, columns.found)


def _of_sheet(table: Table, found: dict[str, Any]) -> Table:
    reading = replace(
        table.reading,
        format=NAME,
        encoding="",
        delimiter="",
        quote="",
        escape="",
        runner_up=None,
        confidence=1.0,
        sheets=tuple(found["sheets"]),
    )
    table = replace(table, reading=reading, header=_named_once(table.header, found["merged"]["names"]))
    add_findings(table, found)
    return replace(table, header_written=_named_once(table.header_written, found["merged"]["names"]))


def _named_once(header: tuple[str, ...] | None, merged: dict[str, str]) -> tuple[str, ...] | None:
    """The names of the columns, those that are merged over the rows of the header once.

    >>> _named_once(("Name Name", "Contact Email"), {"0": "Name"})
    ('Name', 'Contact Email')
    """
    if header is None:
        return None
    names = list(header)
    for place, name in ((int(place), name.strip()) for place, name in merged.items()):
        if place < len(names) and name and not names[place].replace(name, "").strip():
            names[place] = name
    return tuple(names)
