"""What a person does with an import that needs review: see its failing rows whole, correct cells, and submit.

Corrections are kept in the import's workspace and put into the rows again whenever the file is read; a submitted import
is validated from the beginning. Deciding by other means (a mapping, a confirmation) is `Home.confirm`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, StateError
from import_pipeline.nearest import did_you_mean
from import_pipeline.phases.corrections import correctable, keep_corrections
from import_pipeline.service import confirming
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import has_table, open_workspace, workspace_path
from import_pipeline.words import Status

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

MOST_CELLS = 10_000


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
    nothing = {"columns": [], "rows": [], "failing_rows": 0, "next_after": None}
    if not workspace_path(home.settings, record.id).exists():
        return nothing
    with open_workspace(home.settings, record.id) as connection:
        if not has_table(connection, "source_text") or not has_table(connection, "source_columns"):
            return nothing
        columns = correctable(connection)
        failing = "SELECT DISTINCT row_number FROM defects WHERE level = 'error' AND row_number IS NOT NULL"
        total = connection.execute(f"SELECT count(*) FROM ({failing})").fetchone()
        found = connection.execute(
            f"SELECT row_number FROM ({failing}) WHERE row_number > $after ORDER BY row_number LIMIT $limit",
            {"after": after, "limit": limit + 1},
        ).fetchall()
        numbers = [row_number for (row_number,) in found[:limit]]
        return {
            "columns": list(columns),
            "rows": _whole(connection, columns, numbers),
            "failing_rows": total[0] if total else 0,
            "next_after": numbers[-1] if len(found) > limit else None,
        }


def correct(home: "Home", record: ImportRecord, rows: Mapping[int, Mapping[str, str | None]]) -> int:
    """Give cells another text; it counts from the next validation on.

    Args:
        home: The home.
        record: An import that needs review.
        rows: Row number → column of the file → text, or None for an empty cell.

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
    with open_workspace(home.settings, record.id) as connection:
        columns = correctable(connection) if has_table(connection, "source_columns") else {}
        cells = {
            (row_number, _column(columns, column)): text
            for row_number, texts in rows.items()
            for column, text in texts.items()
        }
        counted = connection.execute("SELECT count(*) FROM source_text").fetchone() if columns else None
        total = counted[0] if counted else 0
        beyond = [row_number for row_number in rows if not 1 <= row_number <= total]
        if beyond:
            raise MisuseError(f"The file has no row {beyond[0]}: rows count from 1 to {total}.", row_number=beyond[0])
        if cells:
            keep_corrections(connection, cells)
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


def _column(columns: Mapping[str, str], name: str) -> str:
    if name not in columns:
        raise MisuseError(f"The file has no column {name!r}. {did_you_mean(name, columns)}", column=name)
    return columns[name]


def _whole(
    connection: "duckdb.DuckDBPyConnection", columns: Mapping[str, str], numbers: list[int]
) -> list[dict[str, Any]]:
    """The rows of these numbers, with their cells, corrections and defects."""
    values = {"numbers": numbers}
    cells = connection.execute(
        "SELECT rowid + 1 AS row_number, * FROM source_text WHERE list_contains($numbers::BIGINT[], rowid + 1)", values
    )
    names = [column[0] for column in cells.description or []]
    by_place = {place: column for column, place in columns.items()}
    rows = {
        row[0]: {
            "row_number": row[0],
            "cells": {by_place[name]: cell for name, cell in zip(names, row, strict=True) if name in by_place},
            "corrected": [],
            "defects": [],
        }
        for row in cells.fetchall()
    }
    if has_table(connection, "corrections"):
        for row_number, place in connection.execute(
            """
            SELECT row_number, column_name FROM corrections
            WHERE list_contains($numbers::BIGINT[], row_number) ORDER BY ALL
            """,
            values,
        ).fetchall():
            rows[row_number]["corrected"].append(by_place[place])
    defects = connection.execute(
        """
        SELECT row_number, "column", field, phase, code, level, message, value FROM defects
        WHERE list_contains($numbers::BIGINT[], row_number) ORDER BY row_number, field, code
        """,
        values,
    )
    described = [column[0] for column in defects.description or []]
    for row in defects.fetchall():
        rows[row[0]]["defects"].append(dict(zip(described, row, strict=True)))
    return [rows[number] for number in numbers if number in rows]
