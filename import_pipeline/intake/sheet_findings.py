"""What is told of a sheet beside its rows: cells without a value, what was hidden or merged, zeros that may be lost."""

from collections import Counter
from typing import Any

from import_pipeline.intake.header_words import may_begin_with_zero
from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.intake.table import Table
from import_pipeline.words import DefectLevel

CELLS_WITHOUT_VALUE = "cells_without_value"
HIDDEN_ROWS = "hidden_rows"
HIDDEN_COLUMNS = "hidden_columns"
MERGED_CELLS = "merged_cells"
MAYBE_LOST_ZEROS = "maybe_lost_zeros"
FORMATS_UNKNOWN = "formats_unknown"
_ONLY_VALUES = (
    "its values were read, but zeros in front and percentages that are only shown, errors, and what is hidden or "
    "merged are not known"
)
_UNKNOWN = {
    "kind": f"The workbook is of the kind XLSB: {_ONLY_VALUES}. Save it as XLSX if it has such cells.",
    "damaged": f"The workbook does not keep to its format: {_ONLY_VALUES}. Save it again.",
}
_NAMED = 10


def add_findings(table: Table, found: dict[str, Any]) -> None:
    """Add what the process that read the sheet found to the findings of its table.

    Args:
        table: The table in the sheet.
        found: What `spreadsheet_child` said.
    """
    if found["unmarked"]:
        _tell(table, FORMATS_UNKNOWN, _UNKNOWN[found["unmarked"]])
    for place, told in found["bad"].items():
        errors = Counter(told["texts"])
        formulas = errors.pop("#FORMULA!", 0)
        what = []
        if errors:
            what.append(f"errors ({', '.join(errors)})")
        if formulas:
            what.append("formulas whose results the file does not hold")
        remedy = "Open the workbook where it was made, let it calculate, and save it" if formulas else "Correct them"
        _tell(
            table,
            CELLS_WITHOUT_VALUE,
            f"holds {' and '.join(what)} in place of values in {_cells(told['count'])}: {_listed(told)}. {remedy}.",
            int(place),
        )
    rows = found["hidden_rows"]
    if rows:
        were = "row is hidden in the sheet and was" if len(rows) == 1 else "rows are hidden in the sheet and were"
        _tell(
            table,
            HIDDEN_ROWS,
            f"{len(rows):,} {were} read like the others: {_ranges(rows)}. Delete what is not to be imported.",
        )
    for place in found["hidden_columns"]:
        if place < table.width:
            _tell(table, HIDDEN_COLUMNS, "is hidden in the sheet and was read like the others.", place)
    merged = found["merged"]
    for place, count in merged["filled"].items():
        _tell(
            table,
            MERGED_CELLS,
            f"has cells that are merged over several rows: their value was taken for {count:,} "
            f"{'row' if count == 1 else 'rows'} below the first.",
            int(place),
        )
    if merged["across_count"]:
        some = {"cells": merged["across"], "count": merged["across_count"]}
        _tell(
            table,
            MERGED_CELLS,
            f"{merged['across_count']:,} cells are merged across columns; each value belongs to the first of them: "
            f"{_listed(some)}.",
        )
    _warn_of_lost_zeros(table, found)


def _tell(table: Table, code: str, message: str, place: int | None = None) -> None:
    """Add a warning, about a column where one is meant; a preview, which has no defects, shows it as a note."""
    name = _name_of(table, place) if place is not None else None
    if place is not None:
        message = f"Column {name or place + 1!r} {message}"
    table.findings.add(StructuralDefect(None, code, message, level=DefectLevel.WARNING, column=name))
    table.findings.note(message)


def _name_of(table: Table, place: int) -> str | None:
    header = table.header or ()
    return (header[place].strip() or None) if place < len(header) else None


def _cells(count: int) -> str:
    return f"{count:,} {'cell' if count == 1 else 'cells'}"


def _listed(told: dict[str, Any]) -> str:
    named = ", ".join(told["cells"][:_NAMED])
    return named + (" …" if told["count"] > len(told["cells"][:_NAMED]) else "")


def _ranges(rows: list[int]) -> str:
    """Numbers of rows, neighbours joined.

    >>> _ranges([3, 4, 5, 9])
    '3-5, 9'
    """
    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] + 1 == row:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    named = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:_NAMED]]
    return ", ".join(named) + (" …" if len(runs) > _NAMED else "")


def _warn_of_lost_zeros(table: Table, found: dict[str, Any]) -> None:
    """Warn of columns of numbers that look like codes, whose zeros in front the workbook no longer has."""
    for place in range(table.width):
        lengths = {int(length): count for length, count in found["numbers"].get(str(place), {}).items()}
        numbers = sum(lengths.values())
        if not numbers:
            continue
        usual = max(lengths, key=lambda length: (lengths[length], length))
        shorter = sum(count for length, count in lengths.items() if usual - 2 <= length < usual)
        if found["zeros"].get(str(place)) or (shorter and may_begin_with_zero(_name_of(table, place) or "")):
            _tell(
                table,
                MAYBE_LOST_ZEROS,
                f"holds {numbers} numbers that may have lost zeros in front in the workbook. Format the column as text "
                "there if it holds codes.",
                place,
            )
