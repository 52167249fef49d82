"""Running `spreadsheet_child`: the process starts while the parts of the workbook are inflated and counted.

What it refuses becomes an error here that says what is wrong and what to do.
"""

import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.inflate import Meter
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

_BLOCK = 1 << 20
_HARMLESS = 32_000_000
_COMMAND = (sys.executable, "-P", "-m", "import_pipeline.intake.spreadsheet_child")  # -P: never a module of the folder
_STRIKING: dict[str, tuple[tuple[bytes, tuple[bytes, ...]], ...]] = {
    "sheet": (
        *((b"<f", (b"<f>", b"<f ")), (b":", (b":c ", b":c>"))),
        *((mark, (mark,)) for mark in (b't="e"', b"hidden=")),
    ),
    "styles": tuple(
        (mark, (mark,))
        for mark in (b"formatCode", *(b'numFmtId="%d"' % number for number in (9, 10, *range(27, 37), *range(50, 59))))
    ),
    "ods": tuple(
        (mark, (mark,))
        for mark in (
            *(b"table:formula=", b'"error"', b"table:visibility=", b"-spanned=", b'"percentage"'),
            *(b"<text:p>0", b"<text:p>+", b"<text:p>(", b"<text:p><text:"),
        )
    ),
}
"""Where any of these stands in a part of a workbook, there may be more than values in it (`:c`: a cell with prefix).

The first of each is looked for first: where it does not stand, which is found out faster, none of the others does.
"""
LEAST_BYTES = 500_000
"""From what size on it pays to have a sheet read by columns."""
_NAMES_ROW = re.compile(rb'<sheetData>\s*<row r="1"[^>]*>\s*(<c r="A1".*?)</row>\s*<row ', re.DOTALL)
_IS_TEXT = re.compile(rb'<c r="[A-Z]+1"(?: s="\d+")? t="(?:s|str|inlineStr)">')
_LONGEST_STRIKING = 24
_NAMES_BYTES = 1 << 17
_WORKBOOK = "xl/workbook.xml"
_STYLES = "styles.xml"
_OTHER_DOCUMENTS = {"word/document.xml", "ppt/presentation.xml"}


def read_sheet(
    path: Path, target: Path, options: ReadOptions, settings: Settings, *, by_columns: bool = False
) -> dict[str, Any]:
    """Write one sheet of a workbook as CSV, or by columns.

    Args:
        path: The workbook.
        target: Where the CSV goes.
        options: Which sheet, if it was said.
        settings: The limits.
        by_columns: Whether a plain sheet may be written by columns.

    Returns:
        What the process found: sheets, and what is to be told of the cells of the one that was read; or what
        `write_columns` returned.

    Raises:
        PayloadError: It is no workbook, is damaged or encrypted, or has no such sheet.
        LimitExceededError: It inflates to too much, or needs too much memory or time.
    """
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            kind, striking, is_plain = _look_through(path, settings)
            request = {
                "path": str(path),
                "target": str(target),
                "kind": kind,
                "striking": striking,
                "is_plain": by_columns and is_plain and options.sheet is None,
                "sheet": options.sheet,
                "memory": settings.parse_memory_bytes,
                "seconds": max(1, round(settings.parse_seconds)),
                "written": _most_written(path, settings),
            }
            printed, complained = child.communicate(json.dumps(request), timeout=settings.parse_seconds)
        except subprocess.TimeoutExpired as error:
            seconds = settings.parse_seconds
            raise LimitExceededError(
                "a reading time of over seconds", seconds, seconds, "IMPORT_PIPELINE_PARSE_SECONDS"
            ) from error
        finally:
            child.kill()
    if child.returncode:
        if child.returncode < 0 or "MemoryError" in complained or "memory allocation" in complained:
            raise _too_large(settings)
        raise PayloadError("The workbook cannot be read. Save it again, or export the sheet as CSV.")
    found = json.loads(printed)
    if "refused" in found:
        raise _refusal(found, path, options, settings)
    return found


def _look_through(path: Path, settings: Settings) -> tuple[str, list[str], bool]:
    """Inflate every part of an archive once, to count its bytes and to see what may stand in it.

    Returns:
        The kind of workbook, the parts in which more than values is to be looked for, and whether it may have a single
        sheet of plain columns below their names.
    """
    if not zipfile.is_zipfile(path):
        return "xls", [], False
    meter = Meter(path.stat().st_size, settings)
    striking: list[str] = []
    plain: list[bool] = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if names & _OTHER_DOCUMENTS:
                raise PayloadError("The file is a text document or presentation. Upload a workbook or CSV.")
            kind = "ods" if "content.xml" in names else "xlsb" if "xl/workbook.bin" in names else "xlsx"
            for part in archive.infolist():
                name = part.filename.lower()
                marks = _striking_of(kind, name)
                is_sheet = kind == "xlsx" and "worksheets/" in name and name.endswith(".xml")
                tail = b""
                size = 0
                is_plain = True
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        meter.add(len(block))
                        if marks:
                            tail += block
                            if tail[:2] in (b"\xff\xfe", b"\xfe\xff") or any(
                                begin in tail and any(mark in tail for mark in those) for begin, those in marks
                            ):
                                striking.append(part.filename)
                                marks = ()
                            elif is_sheet:
                                is_plain = is_plain and (size > 0 or _begins_plainly(block)) and b"<mergeC" not in tail
                            tail = tail[-_LONGEST_STRIKING:]
                        elif name == _WORKBOOK and b"date1904" in block:
                            plain.append(False)
                        size += len(block)
                if is_sheet:
                    plain.append(is_plain and size >= LEAST_BYTES)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PayloadError("The workbook is damaged or encrypted. Save it again.") from error
    is_plain = plain == [True] and all(name.lower().endswith(_STYLES) for name in striking)
    return kind, striking, is_plain


def _begins_plainly(block: bytes) -> bool:
    """Whether a sheet begins with a row of texts from its first cell on."""
    found = _NAMES_ROW.search(block[:_NAMES_BYTES])
    return found is not None and found[1].count(b"<c ") == len(_IS_TEXT.findall(found[1]))


def _striking_of(kind: str, part: str) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    if kind == "ods":
        return _STRIKING["ods"] if part == "content.xml" else ()
    if kind != "xlsx" or not part.endswith(".xml"):
        return ()
    return _STRIKING["sheet"] if "worksheets/" in part else _STRIKING["styles"] if part.endswith(_STYLES) else ()


def _most_written(path: Path, settings: Settings) -> int:
    """How many bytes of CSV may become of a workbook: one text can stand in a million cells."""
    by_ratio = max(_HARMLESS, int(settings.max_inflate_ratio * path.stat().st_size))
    return min(settings.max_inflated_bytes, by_ratio)


def _too_large(settings: Settings) -> LimitExceededError:
    memory = settings.parse_memory_bytes
    return LimitExceededError(
        "a workbook that needs bytes of memory", f"over {memory}", memory, "IMPORT_PIPELINE_PARSE_MEMORY_BYTES"
    )


def _refusal(found: dict[str, Any], path: Path, options: ReadOptions, settings: Settings) -> PayloadError:
    """The error for what the process refused."""
    match found["refused"]:
        case "memory":
            return _too_large(settings)
        case "written":
            most = _most_written(path, settings)
            if most == settings.max_inflated_bytes:
                return LimitExceededError(
                    "bytes in its cells", f"over {most}", most, "IMPORT_PIPELINE_MAX_INFLATED_BYTES"
                )
            ratio = settings.max_inflate_ratio
            return LimitExceededError(
                "cells with more bytes than so small a workbook should have, by ratio,",
                f"over {ratio:g}",
                f"{ratio:g}",
                "IMPORT_PIPELINE_MAX_INFLATE_RATIO",
            )
        case "sheet":
            names = ", ".join(map(repr, found["sheets"]))
            return PayloadError(f"The workbook has no sheet {options.sheet!r}. It has {names}.", sheet=options.sheet)
        case "size":
            return PayloadError("The sheet claims more rows or columns than a workbook can have. Save it again.")
        case "password":
            return PayloadError("The workbook is protected by a password. Save it without one.")
        case "empty":
            return PayloadError("The workbook has no sheet with cells.")
        case _:
            return PayloadError(
                "The file is no readable workbook: it is damaged or cut off. Save it again.", why=found.get("why")
            )
