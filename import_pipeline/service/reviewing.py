"""What a person does with an import that needs review: see its failing rows whole, correct cells, and submit.

Corrections are kept in the registry and put into the rows again whenever the file is read; a submitted import is
validated from the beginning. Deciding by other means (a mapping, a confirmation) is `confirming.confirm`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, StateError
from import_pipeline.nearest import did_you_mean
from import_pipeline.phases.results import DEFECTS
from import_pipeline.service import confirming, published
from import_pipeline.service.published import Results
from import_pipeline.stores import corrections
from import_pipeline.stores.corrections import Correction
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import DefectLevel, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

MOST_CELLS = 10_000
_FAILS = f"level = '{DefectLevel.ERROR}' AND row_number IS NOT NULL"


def failing_rows(home: "Home", record: ImportRecord, limit: int = 100, after: int = 0) -> dict[str, Any]:
    """Rows with errors, with all their cells and everything that is wrong with them.

    Args:
        home: The home.
        record: The import.
        limit: How many rows at most.
        after: The row number after which to begin.

    Returns:
        columns, rows (row_number, cells by column, corrected columns, defects), failing_rows in all, next_after.
    """
    with published.opened(home, record) as results:
        if results is None:
            return {"columns": [], "rows": [], "failing_rows": 0, "next_after": None}
        failing = f"SELECT DISTINCT row_number FROM defects WHERE {_FAILS}"
        total = results.connection.execute(f"SELECT count(*) FROM ({failing})").fetchone()
        found = results.connection.execute(
            f"SELECT row_number FROM ({failing}) WHERE row_number > $after ORDER BY row_number LIMIT $limit",
            {"after": after, "limit": limit + 1},
        ).fetchall()
        numbers = [row_number for (row_number,) in found[:limit]]
        return {
            "columns": list(_correctable(results.about.columns)),
            "rows": _whole(results, numbers, corrections.of_rows(home.registry, record.id, numbers)),
            "failing_rows": total[0] if total else 0,
            "next_after": numbers[-1] if len(found) > limit else None,
        }


def correct(
    home: "Home",
    record: ImportRecord,
    rows: Mapping[int, Mapping[str, str | None]],
    corrected_by: str | None = None,
) -> int:
    """Give cells another text; it counts from the next validation on.

    Args:
        home: The home.
        record: An import that needs review.
        rows: Row number → column of the file → text, or None for an empty cell.
        corrected_by: Who corrects.

    Returns:
        How many cells were given.

    Raises:
        StateError: It does not need review.
        MisuseError: There is no such row or column, or the cells are too many.
    """
    _check_waits(record, "corrected")
    count = sum(len(cells) for cells in rows.values())
    if count > MOST_CELLS:
        raise MisuseError(f"{count} cells are too many for one call: send at most {MOST_CELLS} at a time.")
    about = published.find(home, record)
    columns = _correctable(about[0].columns) if about is not None else {}
    total = about[0].total_rows if about is not None else 0
    cells = [
        Correction(row_number, _place(columns, column), column, text)
        for row_number, texts in rows.items()
        for column, text in texts.items()
    ]
    beyond = [row_number for row_number in rows if not 1 <= row_number <= total]
    if beyond:
        raise MisuseError(f"The file has no row {beyond[0]}: rows count from 1 to {total}.", row_number=beyond[0])
    corrections.keep(home.registry, record.id, cells, corrected_by)
    return len(cells)


def submit(home: "Home", record: ImportRecord, **changes: Any) -> ImportRecord:
    """Let a reviewed import go on: it is queued, and validated from the beginning with what was corrected.

    Args:
        home: The home.
        record: An import that needs review.
        **changes: Parts of the spec that the person decided otherwise, as for `confirm`.

    Raises:
        StateError: It does not need review.
    """
    _check_waits(record, "submitted")
    return confirming.confirm(home, record.id, accepts=False, **changes)


def _check_waits(record: ImportRecord, wanted: str) -> None:
    if record.status is not Status.NEEDS_REVIEW:
        raise StateError(record.id, record.status, wanted, [])


def _correctable(columns: Sequence[tuple[str, bool]]) -> dict[str, int]:
    """The columns whose cells may be corrected: name → place in the file."""
    return {name: place for place, (name, correctable) in enumerate(columns, start=1) if correctable}


def _place(columns: Mapping[str, int], name: str) -> int:
    if name not in columns:
        raise MisuseError(f"The file has no column {name!r}. {did_you_mean(name, columns)}", column=name)
    return columns[name]


def _whole(results: Results, numbers: list[int], corrected: Sequence[Correction]) -> list[dict[str, Any]]:
    """The rows of these numbers, with their cells, corrections and defects."""
    if not numbers:
        return []
    of_page = "row_number BETWEEN $first AND $last AND list_contains($numbers::BIGINT[], row_number)"
    values = {"numbers": numbers, "first": numbers[0], "last": numbers[-1]}
    columns = _correctable(results.about.columns)
    found = results.connection.execute(f"SELECT row_number, cells FROM rows WHERE {of_page}", values).fetchall()
    rows: dict[int, dict[str, Any]] = {
        row_number: {
            "row_number": row_number,
            "cells": {name: cells[place - 1] for name, place in columns.items()},
            "corrected": [],
            "defects": [],
        }
        for row_number, cells in found
    }
    for one in corrected:
        if one.column in columns:
            rows[one.row_number]["cells"][one.column] = one.text
            rows[one.row_number]["corrected"].append(one.column)
    for defect in results.dictionaries(
        f"SELECT {DEFECTS} FROM defects WHERE {of_page} ORDER BY row_number, field, code", values
    ):
        rows[defect["row_number"]]["defects"].append(defect)
    return [rows[number] for number in numbers]
