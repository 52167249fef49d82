"""The process that reads a workbook, with little memory and little time: one sheet becomes one plain CSV.

Run as `python -m import_pipeline.intake.spreadsheet_child`; what to do comes as JSON on standard input, what was
found goes as JSON to standard output. Nothing else of the project is imported here.
"""

import csv
import json
import resource
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384


def main() -> int:
    """Read one sheet as the request on standard input says."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], request["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = _read(request)
    except MemoryError:
        found = {"refused": "memory"}
    json.dump(found, sys.stdout)
    return 0


def _read(request: dict[str, Any]) -> dict[str, Any]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        with open(request["path"], "rb") as handle:  # noqa: PTH123 (calamine wants the open file)
            workbook = CalamineWorkbook.from_filelike(handle)
            names = [one.name for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            shown = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
            wanted = request["sheet"]
            if wanted is not None and wanted not in names:
                return {"refused": "sheet", "sheets": names}
            order = [wanted] if wanted is not None else [n for n in names if n in shown] or names
            sheet = None
            for name in order:
                sheet = workbook.get_sheet_by_name(name)
                if sheet.total_height and sheet.total_width:
                    break
            if sheet is None:
                return {"refused": "empty", "sheets": names}
            if sheet.total_height > _MOST_ROWS or sheet.total_width > _MOST_COLUMNS:
                return {"refused": "size", "rows": sheet.total_height, "columns": sheet.total_width}
            return _write(sheet, request["target"]) | {"sheet": sheet.name, "sheets": names}
    except PasswordError:
        return {"refused": "password"}
    except (CalamineError, OSError, ValueError) as error:
        return {"refused": "damaged", "why": str(error)[:200]}


def _write(sheet: Any, target: str) -> dict[str, Any]:
    """Write the rows as CSV; a row without text is a blank line."""
    left = sheet.start[1] if sheet.start else 0
    numbers: defaultdict[int, Counter[int]] = defaultdict(Counter)
    zeros: Counter[int] = Counter()
    with open(target, "w", encoding="utf-8", newline="") as sink:  # noqa: PTH123
        writer = csv.writer(sink, lineterminator="\n")
        for row in sheet.iter_rows():
            values = row[left:]
            cells = [text_of(value) for value in values]
            if not any(cells):
                sink.write("\n")
                continue
            writer.writerow(cells)
            for place, value in enumerate(values):
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    numbers[place][len(cells[place])] += 1
                elif isinstance(value, str) and len(value) > 1 and value[0] in "0+" and value[1:].isdecimal():
                    zeros[place] += 1
    return {"numbers": numbers, "zeros": zeros}


def text_of(value: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, days without midnight, no exponents."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = f"{value:.15g}"
        return f"{Decimal(text):f}" if "e" in text and 1e-9 < abs(value) < 1e21 else text
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds" if not value.microsecond else "microseconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    raise SystemExit(main())
