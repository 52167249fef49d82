"""What a person sees of a review: how much there is to mend, and its rows, page by page. Nothing changes here."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from import_pipeline.phases.defect_catalogue import title_of
from import_pipeline.phases.results import DEFECTS, DEFECTS_ORDER
from import_pipeline.service import kept_grids
from import_pipeline.service.review_filters import RowFilter, rows_of
from import_pipeline.service.review_grid import CHANGED_CELLS, LEFT_OUT_ROWS, ROW, Grid
from import_pipeline.stores import corrections
from import_pipeline.stores.import_record import ImportRecord

if TYPE_CHECKING:
    from import_pipeline.home import Home

MOST_OPERATIONS = 50
MOST_GROUPS = 500
_EVERY_ROW = RowFilter()


def summary(home: "Home", record: ImportRecord) -> dict[str, Any]:
    """How much there is to mend in an import, and what was done about it so far.

    Returns:
        failing_rows, corrected_cells (that differ from what was last validated), left_out_rows, groups (column, field,
        code, title and number of rows of each kind of defect, most rows first), operations (the newest first).
    """
    steps = home.registry.read(lambda connection: corrections.listed(connection, record.id, MOST_OPERATIONS))
    with kept_grids.opened(home, record) as grid:
        counted = {"failing_rows": 0, "corrected_cells": 0, "left_out_rows": 0, "groups": []}
        if grid is not None:
            counted = {
                "failing_rows": _count_failing(grid),
                "corrected_cells": grid.number(f"SELECT count(*) FROM ({CHANGED_CELLS})"),
                "left_out_rows": grid.number(f"SELECT count(*) FROM ({LEFT_OUT_ROWS})"),
                "groups": [
                    group | {"title": title_of(group["code"])}
                    for group in grid.dictionaries(f"SELECT * FROM groups LIMIT {MOST_GROUPS}")
                ],
            }
    return counted | {"operations": [{"id": one.number, **asdict(one)} for one in steps]}


def page(
    home: "Home", record: ImportRecord, rows: RowFilter = _EVERY_ROW, offset: int = 0, limit: int = 100
) -> dict[str, Any]:
    """Rows of a review, in the order of the file.

    Args:
        home: The home.
        record: The import.
        rows: Which rows.
        offset: How many of them to pass over.
        limit: How many at most.

    Returns:
        columns, rows (row_number, cells by column as they stand, corrected: the columns that say something else than
        when they were last validated, left_out, defects), offset, matching_rows, failing_rows.

    Raises:
        MisuseError: The file has no such column.
    """
    with kept_grids.opened(home, record) as grid:
        if grid is None:
            return {"columns": [], "rows": [], "offset": offset, "matching_rows": 0, "failing_rows": 0}
        table, matching = rows_of(grid, rows)
        on_page = f"SELECT row_number FROM {table} WHERE position >= $offset AND position < $beyond"
        return {
            "columns": list(grid.columns),
            "rows": _whole(grid, on_page, {"offset": offset, "beyond": offset + limit}),
            "offset": offset,
            "matching_rows": matching,
            "failing_rows": _count_failing(grid),
        }


def failing_rows(home: "Home", record: ImportRecord, limit: int = 100, after: int = 0) -> dict[str, Any]:
    """Rows with errors that are not left out, by row number.

    Args:
        home: The home.
        record: The import.
        limit: How many rows at most.
        after: The row number after which to begin.

    Returns:
        columns, rows as in `page`, failing_rows in all, next_after.
    """
    with kept_grids.opened(home, record) as grid:
        if grid is None:
            return {"columns": [], "rows": [], "failing_rows": 0, "next_after": None}
        on_page = f"""
            SELECT row_number FROM lines
            WHERE row_number > $after AND is_failing AND row_number NOT IN ({LEFT_OUT_ROWS})
            ORDER BY row_number LIMIT $limit"""
        rows = _whole(grid, on_page, {"after": after, "limit": limit + 1})
        return {
            "columns": list(grid.columns),
            "rows": rows[:limit],
            "failing_rows": _count_failing(grid),
            "next_after": rows[limit - 1]["row_number"] if len(rows) > limit else None,
        }


def rows_with_defects(grid: Grid, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of these numbers that are in a grid, as in `page`, and `all_cells`: those not to be corrected, too."""
    wanted = {"wanted": list(numbers)}
    among = "FROM lines WHERE row_number IN (SELECT unnest($wanted::BIGINT[])) ORDER BY row_number"
    rows = _whole(grid, f"SELECT row_number {among}", wanted)
    cells = dict(grid.connection.execute(f"SELECT row_number, cells {among}", wanted).fetchall())
    return [row | {"all_cells": cells[row["row_number"]]} for row in rows]


def _count_failing(grid: Grid) -> int:
    return grid.number(f"SELECT count(*) FROM lines WHERE is_failing AND row_number NOT IN ({LEFT_OUT_ROWS})")


def _whole(grid: Grid, on_page: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows with their cells, corrections and defects, given the SELECT of their numbers."""
    numbers = [number for (number,) in grid.connection.execute(on_page, parameters).fetchall()]
    if not numbers:
        return []
    among = "row_number BETWEEN $first AND $last AND row_number IN (SELECT unnest($numbers::BIGINT[]))"
    values = {"numbers": numbers, "first": min(numbers), "last": max(numbers)}
    found = grid.connection.execute(f"SELECT row_number, cells FROM lines WHERE {among}", values).fetchall()
    rows: dict[int, dict[str, Any]] = {
        row_number: {
            "row_number": row_number,
            "cells": {name: cells[place - 1] for name, place in grid.columns.items()},
            "corrected": [],
            "left_out": False,
            "defects": [],
        }
        for row_number, cells in found
    }
    names = {place: name for name, place in grid.columns.items()}
    select = f"SELECT row_number, place, text FROM latest WHERE {among} ORDER BY row_number, place"
    for row_number, place, text in grid.connection.execute(select, values).fetchall():
        row = rows[row_number]
        if place == ROW:
            row["left_out"] = text is not None
        elif row["cells"][names[place]] != text:
            row["cells"][names[place]] = text
            row["corrected"].append(names[place])
    for defect in grid.dictionaries(f"SELECT {DEFECTS} FROM faults WHERE {among} ORDER BY {DEFECTS_ORDER}", values):
        rows[defect["row_number"]]["defects"].append(defect)
    return [rows[number] for number in numbers]
