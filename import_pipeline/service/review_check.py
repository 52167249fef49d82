"""Checking rows of a review as they stand, with what a person is about to write; nothing is kept of it."""

import secrets
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError
from import_pipeline.intake.structural_defects import KINDS
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import kept_grids
from import_pipeline.service.review_filters import place_of
from import_pipeline.service.review_grid import Grid
from import_pipeline.service.review_pages import rows_with_defects
from import_pipeline.service.reviewing import Texts, check_texts
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import instance_config, lock_down

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

MOST_ROWS = 500


def check(home: "Home", record: ImportRecord, rows: Texts) -> list[dict[str, Any]]:
    """What phase 1 would find wrong with rows of a review.

    Args:
        home: The home.
        record: An import whose rows failed.
        rows: Row number → column of the file → the text that its cell is to have, beside what it has by now.

    Returns:
        row_number and defects of each row, in the order of the file. What later phases found wrong is not among them.

    Raises:
        MisuseError: A row is not in the review, or there is no such column.
    """
    if len(rows) > MOST_ROWS:
        raise MisuseError(f"{len(rows)} rows are too many for one call: send at most {MOST_ROWS} at a time.")
    for texts in rows.values():
        check_texts(home.settings, texts.values())
    with kept_grids.opened(home, record) as grid:
        known = {} if grid is None else {row["row_number"]: row for row in rows_with_defects(grid, sorted(rows))}
        unknown = [number for number in rows if number not in known]
        if unknown or grid is None:
            number = unknown[0] if unknown else 0
            message = f"Row {number} is not in this review: only rows that failed can be checked."
            raise MisuseError(message, row_number=number)
        cells = {number: _cells(grid, row, rows[number]) for number, row in known.items() if not row["left_out"]}
        columns = [name for name, _ in grid.about.columns]
    found = _defects(home, record, columns, cells)
    return [
        {"row_number": number, "defects": _of_whole_file(row, rows[number]) + found.get(number, [])}
        for number, row in known.items()
    ]


def _cells(grid: Grid, row: Mapping[str, Any], texts: Mapping[str, str | None]) -> list[str | None]:
    """The cells of a row in the order of the file: what they say now, and what they are to say."""
    cells = list(row["all_cells"])
    for name, text in (row["cells"] | texts).items():
        cells[place_of(grid, name) - 1] = text
    return cells


def _of_whole_file(row: Mapping[str, Any], texts: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Of the defects of a row, those that it keeps: how it is written in the file; a repeated value that stays."""
    from import_pipeline.phases.cell_checks import REPEATED

    if row["left_out"]:
        return []
    changed = {*row["corrected"], *(name for name, text in texts.items() if (text or None) != row["cells"][name])}
    return [
        one
        for one in row["defects"]
        if one["code"] in KINDS or (one["code"] == REPEATED and one["column"] not in changed)
    ]


def _defects(
    home: "Home", record: ImportRecord, columns: list[str], cells: Mapping[int, list[str | None]]
) -> dict[int, list[dict[str, Any]]]:
    """Row number → what is wrong in its cells."""
    from import_pipeline.phases.column_formats import ColumnFormat
    from import_pipeline.phases.rows_alone import find_defects_of_rows

    if not cells:
        return {}
    spec = ImportSpec.model_validate(record.spec)
    column_formats = [
        ColumnFormat(**one | {"readings": tuple(one.get("readings", ()))})
        for one in record.details.get("reading", {}).get("column_formats", ())
    ]
    numbers = list(cells)
    found: dict[int, list[dict[str, Any]]] = {}
    with _scratch.lock:
        connection = _scratch.empty(home)
        given = find_defects_of_rows(
            connection, home.settings, spec, record_type_of(spec), columns, list(cells.values()), column_formats
        )
    for defect in given:
        number = numbers[defect["row_number"] - 1]
        found.setdefault(number, []).append(defect | {"row_number": number})
    return found


class _Scratch:
    """The instance of DuckDB in which this process checks rows, one call after the other."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def empty(self, home: "Home") -> "duckdb.DuckDBPyConnection":
        """The connection, in an empty database."""
        import duckdb

        if self._connection is None:
            config = instance_config(home.settings, f"check-{secrets.token_hex(8)}") | {"threads": 1}
            self._connection = duckdb.connect(config=config)
            lock_down(self._connection)
        self._connection.execute("USE memory")
        self._connection.execute("DETACH DATABASE IF EXISTS rows_checked")
        self._connection.execute("ATTACH ':memory:' AS rows_checked")
        self._connection.execute("USE rows_checked")
        return self._connection


_scratch = _Scratch()
