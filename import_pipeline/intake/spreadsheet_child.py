"""The process that reads a workbook, with little memory and little time: one sheet becomes one plain CSV, or columns.

Run as `python -P -S -m import_pipeline.intake.spreadsheet_child`; what to do comes as JSON on standard input, what was
found goes as JSON to standard output. Of the project only what lies in `workbooks` is imported here, and of that only
what the workbook needs: loading modules takes most of the time for a small one.
"""

import errno
import json
import os
import resource
import sys
from typing import Any


def main() -> None:
    """Read one sheet as the request on standard input says."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], request["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (request["written"], request["written"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = _columns(request) if request["plain"] is not None else None
    json.dump(found or _rows(request), sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # what was read is not taken apart first, cell by cell


def _columns(request: dict[str, Any]) -> dict[str, Any] | None:
    """The columns of a plain sheet; None where it is none, or they take more room than is left."""
    from import_pipeline.intake.workbooks import columns

    try:
        if request["striking"] and _has_special_styles(request["path"]):
            return None
        return columns.write_columns(request["path"], request["plain"], request["target"])
    except (ValueError, LookupError, OSError, MemoryError):
        return None  # read by rows, it is found out what is wrong with it


def _has_special_styles(path: str) -> bool:
    """Whether numbers of a workbook may be shown otherwise than as digits; also where its styles cannot be read."""
    from xml.parsers.expat import ExpatError

    from import_pipeline.intake.workbooks import xlsx_marks
    from import_pipeline.intake.workbooks.marks import ForbiddenXmlError

    try:
        return xlsx_marks.has_special_styles(path)
    except (ExpatError, ForbiddenXmlError):
        return True


def _rows(request: dict[str, Any]) -> dict[str, Any]:
    """A sheet read by rows, or why it cannot be."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    from import_pipeline.intake.workbooks.marks import ForbiddenXmlError
    from import_pipeline.intake.workbooks.rows import write_rows

    try:
        with open(request["path"], "rb") as handle:  # noqa: PTH123 (calamine wants the open file)
            return write_rows(request, CalamineWorkbook.from_filelike(handle))
    except MemoryError:
        return {"refused": "memory"}
    except PasswordError:
        return {"refused": "password"}
    except ForbiddenXmlError:
        return {"refused": "damaged", "why": "it declares a document type"}
    except (CalamineError, OSError, ValueError) as error:
        is_too_long = isinstance(error, OSError) and error.errno == errno.EFBIG
        return {"refused": "written"} if is_too_long else {"refused": "damaged", "why": str(error)[:200]}


if __name__ == "__main__":
    main()
