"""Running `spreadsheet_child`: the process starts while the parts of the workbook are inflated and counted.

What it refuses becomes an error here that says what is wrong and what to do.
"""

import json
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
_STRIKING = {
    "sheet": (b"<f>", b"<f ", b't="e"', b"hidden=", b":c ", b":c>"),
    "styles": (b"formatCode", *(b'numFmtId="%d"' % number for number in (9, 10, *range(27, 37), *range(50, 59)))),
    "ods": (
        *(b"table:formula=", b'"error"', b"table:visibility=", b"-spanned=", b'"percentage"'),
        *(b"<text:p>0", b"<text:p>+", b"<text:p>(", b"<text:p><text:"),
    ),
}
"""Where any of these stands in a part of a workbook, there may be more than values in it (`:c`: a cell with prefix)."""
_LONGEST_STRIKING = 24
_OTHER_DOCUMENTS = {"word/document.xml", "ppt/presentation.xml"}


def read_sheet(path: Path, target: Path, options: ReadOptions, settings: Settings) -> dict[str, Any]:
    """Write one sheet of a workbook as CSV.

    Args:
        path: The workbook.
        target: Where the CSV goes.
        options: Which sheet, if it was said.
        settings: The limits.

    Returns:
        What the process found: sheets, and what is to be told of the cells of the one that was read.

    Raises:
        PayloadError: It is no workbook, is damaged or encrypted, or has no such sheet.
        LimitExceededError: It inflates to too much, or needs too much memory or time.
    """
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            kind, striking = _look_through(path, settings)
            request = {
                "path": str(path),
                "target": str(target),
                "kind": kind,
                "striking": striking,
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


def _look_through(path: Path, settings: Settings) -> tuple[str, list[str]]:
    """Inflate every part of an archive once, to count its bytes and to see what may stand in it.

    Returns:
        The kind of workbook, and the parts in which more than values is to be looked for.
    """
    if not zipfile.is_zipfile(path):
        return "xls", []
    meter = Meter(path.stat().st_size, settings)
    striking: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if names & _OTHER_DOCUMENTS:
                raise PayloadError("The file is a text document or presentation. Upload a workbook or CSV.")
            kind = "ods" if "content.xml" in names else "xlsb" if "xl/workbook.bin" in names else "xlsx"
            for part in archive.infolist():
                marks = _striking_of(kind, part.filename.lower())
                tail = b""
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        meter.add(len(block))
                        if marks:
                            tail += block
                            if tail[:2] in (b"\xff\xfe", b"\xfe\xff") or any(mark in tail for mark in marks):
                                striking.append(part.filename)
                                marks = ()
                            tail = tail[-_LONGEST_STRIKING:]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PayloadError("The workbook is damaged or encrypted. Save it again.") from error
    return kind, striking


def _striking_of(kind: str, part: str) -> tuple[bytes, ...]:
    if kind == "ods":
        return _STRIKING["ods"] if part == "content.xml" else ()
    if kind != "xlsx" or not part.endswith(".xml"):
        return ()
    return _STRIKING["sheet"] if "worksheets/" in part else _STRIKING["styles"] if part.endswith("styles.xml") else ()


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
