"""A sheet read by rows, the exact way, with all that stands beside its values: one sheet becomes one plain CSV.

Which sheet it is, is chosen here, too.
"""

from collections import Counter, defaultdict
from itertools import chain, islice
from typing import Any
from xml.parsers.expat import ExpatError

from import_pipeline.intake.workbooks import choosing, merged_cells
from import_pipeline.intake.workbooks.cell_text import text_of
from import_pipeline.intake.workbooks.csv_rows import CsvRows
from import_pipeline.intake.workbooks.marks import MOST_COLUMNS, Marks, cell

_MOST_ROWS = 1_048_576
_MOST_CELLS_HELD = 2_000_000
_MOST_NAMED = 20
_BEGIN_CODE = ("0", "+")


def write_rows(request: dict[str, Any], workbook: Any) -> dict[str, Any]:
    """Write one sheet of a workbook as CSV.

    Args:
        request: What was asked: the path, kind and striking parts of the workbook, the sheet and the target.
        workbook: The workbook, opened by calamine.

    Returns:
        The sheets, and what is to be told of the cells of the one that was read; or what is refused.

    Raises:
        ForbiddenXmlError: A part declares a document type.
        OSError: The CSV gets longer than it may.
        CalamineError: The workbook is damaged.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    listed = [one for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in listed]
    wanted = request["sheet"]
    if wanted is not None and wanted not in names:
        return {"refused": "sheet", "sheets": names}
    sheets: list[choosing.SheetLook] = []
    opened: dict[str, Any] = {}
    room = _MOST_CELLS_HELD
    for one in listed:
        sheet = workbook.get_sheet_by_name(one.name)
        if sheet.height > _MOST_ROWS or sheet.width > MOST_COLUMNS:
            return {"refused": "size", "rows": sheet.height, "columns": sheet.width}
        looked = choosing.SheetLook(one.name, sheet.height, sheet.width, hidden=one.visible != SheetVisibleEnum.Visible)
        if len(listed) > 1 and sheet.start:
            first = islice(sheet.iter_rows(), sheet.start[0], sheet.start[0] + choosing.LOOKED_AT)
            choosing.look(looked, [list(map(text_of, row)) for row in first])
        sheets.append(looked)
        if sheet.height * sheet.width <= room or len(listed) == 1:
            opened[one.name] = sheet
            room -= sheet.height * sheet.width
    chosen, possible = choosing.choose(sheets)
    if wanted is not None:
        chosen, possible = next(sheet for sheet in sheets if sheet.name == wanted), []
    if chosen is None or not chosen.rows:
        return {"refused": "empty", "sheets": names}
    sheet = opened.get(chosen.name) or workbook.get_sheet_by_name(chosen.name)
    opened.clear()
    marks, unmarked = _marks(request, chosen.name)
    merged = marks.merged or [(*begin, *end) for begin, end in sheet.merged_cell_ranges or ()]
    may_be = {one.name for one in possible}
    told = [one.as_dict() | {"chosen": one is chosen, "may_be_meant": one.name in may_be} for one in sheets]
    return _write(sheet, request["target"], marks, merged) | {"sheets": told, "unmarked": unmarked}


def _marks(request: dict[str, Any], sheet: str) -> tuple[Marks, str]:
    """What stands beside the values of a sheet, as far as its kind of workbook tells it, and why it does not.

    A workbook that calamine can read is read, whatever else is wrong with it.
    """
    path = request["path"]
    try:
        match request["kind"]:
            case "xlsx" if request["striking"]:
                from import_pipeline.intake.workbooks import xlsx_marks

                return xlsx_marks.find_marks(path, sheet, request["striking"]), ""
            case "ods" if request["striking"]:
                from import_pipeline.intake.workbooks import ods_marks

                return ods_marks.find_marks(path, sheet), ""
            case "xls":
                from import_pipeline.intake.workbooks import xls_marks

                return xls_marks.find_marks(path, sheet), ""
            case "xlsb":
                return Marks(), "kind"
            case _:
                return Marks(), ""
    except (ExpatError, ValueError, LookupError):
        return Marks(), "damaged"


def _write(sheet: Any, target: str, marks: Marks, merged: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    """Write the rows as CSV, from the first column that holds anything on; a row without text is a blank line."""
    left, end = sheet.start[1], sheet.end[0]
    filling = merged_cells.Filling(merged, left)
    marked = {here // MOST_COLUMNS for here in (*marks.shown, *marks.bad)}
    hidden = {row for first, last in marks.hidden_rows for row in range(first, min(last, end) + 1)}
    bad: dict[int, dict[str, Any]] = {}
    hidden_rows: list[int] = []
    numbers: defaultdict[int, Counter[int]] = defaultdict(Counter)
    zeros: Counter[int] = Counter()
    # what holds nothing but formulas without a result is no row for calamine
    below = ([""] * sheet.width for _ in range(end + 1, min(max(marked, default=0) + 1, _MOST_ROWS)))
    with open(target, "w", encoding="utf-8", newline="") as sink:  # noqa: PTH123
        lines = CsvRows(sink)
        for number, values in enumerate(chain(sheet.iter_rows(), below)):
            if number in marked:
                values = _marked(values, number, left, marks, bad)
            cells = [value if value.__class__ is str else text_of(value) for value in values]
            if filling.begins <= number:
                cells = filling.fill(number, cells)
            if not any(cells):
                sink.write("\n")
                continue
            lines.write(cells)
            if number in hidden:
                hidden_rows.append(number + 1)
            for place, value in enumerate(values):
                kind = value.__class__
                if kind is float or kind is int:
                    numbers[place][len(cells[place])] += 1
                elif kind is str and value[:1] in _BEGIN_CODE and len(value) > 1 and value[1:].isdecimal():
                    zeros[place] += 1
    return {
        "numbers": numbers,
        "zeros": zeros,
        "bad": bad,
        "hidden_rows": hidden_rows,
        "hidden_columns": [
            place - left
            for first, last in marks.hidden_columns
            for place in range(max(first, left), min(last, sheet.end[1]) + 1)
        ],
        "merged": filling.findings,
        "left": left,
    }


def _marked(values: list[Any], row: int, left: int, marks: Marks, bad: dict[int, dict[str, Any]]) -> list[Any]:
    """The values of a row with its numbers as they are shown, and with what stands where there is no value."""
    begin = cell(row, left)
    for place, value in enumerate(values):
        here = begin + place
        text = marks.bad.get(here)
        if text is not None:
            values[place] = text
            told = bad.setdefault(place, {"count": 0, "texts": [], "cells": []})
            told["count"] += 1
            if len(told["cells"]) < _MOST_NAMED:
                told["cells"].append(merged_cells.cell_name(row, left + place))
                told["texts"].append(text.partition(" ")[0])
            continue
        shown = marks.shown.get(here)
        if shown is not None and (value.__class__ is float or value.__class__ is int):
            values[place] = (shown if isinstance(shown, str) else shown.text(value)) or value
    return values
