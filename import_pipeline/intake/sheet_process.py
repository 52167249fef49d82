"""Running `spreadsheet_child`: the process starts while the parts of the workbook are inflated and counted.

What it refuses becomes an error here that says what is wrong and what to do.
"""

import json
import os
import signal
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.workbook_parts import look_through
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

_HARMLESS = 32_000_000
_COMMAND = (sys.executable, "-P", "-S", "-m", "import_pipeline.intake.spreadsheet_child")
"""-P: never a module of the folder; -S: of all that is installed, only what it needs is looked for."""
_NEEDED = ("import_pipeline", "python_calamine", "fastexcel")


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
        _COMMAND,
        env=os.environ | {"PYTHONPATH": _folders()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            parts = look_through(path, settings)
            request = {
                "path": str(path),
                "target": str(target),
                "kind": parts.kind,
                "striking": parts.striking,
                "plain": parts.plain if by_columns and options.sheet is None else None,
                "sheet": options.sheet,
                "memory": settings.parse_memory_bytes,
                "seconds": max(1, round(settings.parse_seconds)),
                "written": _most_written(path, settings),
            }
            printed, complained = child.communicate(json.dumps(request), timeout=settings.parse_seconds)
        except subprocess.TimeoutExpired as error:
            raise _too_slow(settings) from error
        finally:
            child.kill()
    if child.returncode:
        raise _broken_off(child.returncode, complained, path, settings)
    found = json.loads(printed)
    if "refused" in found:
        raise _refusal(found, path, options, settings)
    return found


@cache
def _folders() -> str:
    """Where the process finds what it needs."""
    found = (find_spec(name) for name in _NEEDED)
    folders = (str(Path(one.origin).parents[1]) for one in found if one is not None and one.origin)
    return os.pathsep.join(dict.fromkeys(folders))


def _most_written(path: Path, settings: Settings) -> int:
    """How many bytes of CSV may become of a workbook: one text can stand in a million cells."""
    by_ratio = max(_HARMLESS, int(settings.max_inflate_ratio * path.stat().st_size))
    return min(settings.max_inflated_bytes, by_ratio)


def _broken_off(status: int, complained: str, path: Path, settings: Settings) -> PayloadError:
    """The error for a process that ended without an answer."""
    if status == -signal.SIGXCPU:
        return _too_slow(settings)
    if "MemoryError" in complained or "memory allocation" in complained:
        return _too_large(settings)
    if status > 0:
        return PayloadError(
            f"The workbook {path.name!r} cannot be read. Save it again, or export the sheet as CSV.", file=path.name
        )
    return PayloadError(
        f"The process that read the workbook {path.name!r} was ended by signal {-status}. Import it again; if "
        "that happens again, export the sheet as CSV. A machine short of memory ends such processes: there, lower "
        f"IMPORT_PIPELINE_PARSE_MEMORY_BYTES ({settings.parse_memory_bytes}).",
        file=path.name,
    )


def _too_slow(settings: Settings) -> LimitExceededError:
    seconds = settings.parse_seconds
    return LimitExceededError("a reading time of over seconds", seconds, seconds, "IMPORT_PIPELINE_PARSE_SECONDS")


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
