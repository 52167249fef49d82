"""What is wrong with a row that has more or fewer cells than its table has columns."""

from collections.abc import Sequence
from functools import cache

from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.words import DefectLevel

_SHOWN_SPARE = 1000


def misfit(row_number: int, cells: Sequence[str], width: int, usual: int, delimiter: str) -> StructuralDefect | None:
    """The defect of a row of another width; None where nothing is to be told.

    Args:
        row_number: Its number.
        cells: Its cells as they were cut.
        width: How many columns the table has.
        usual: How many cells most of its rows have.
        delimiter: What stands between cells.
    """
    count = len(cells)
    if count < width:
        if count == usual:
            return None
        return StructuralDefect(row_number, "missing_cells", _missing(count, width), None, DefectLevel.WARNING)
    spare = cells[width:]
    if any(map(str.strip, spare)):
        told = delimiter.join(spare)[:_SHOWN_SPARE]
        return StructuralDefect(row_number, "too_many_cells", _spare_text(count, width), told, DefectLevel.ERROR)
    if count in (width, usual):
        return None
    return StructuralDefect(row_number, "too_many_cells", _spare_empty(count, width), None, DefectLevel.WARNING)


@cache
def _missing(count: int, width: int) -> str:
    return f"The row has {count} cells where the table has {width} columns; the missing ones were taken as empty."


@cache
def _spare_text(count: int, width: int) -> str:
    return f"The row has {count} cells where the table has {width} columns. Quote the cells that hold the delimiter."


@cache
def _spare_empty(count: int, width: int) -> str:
    return f"The row has {count} cells, the table {width} columns."
