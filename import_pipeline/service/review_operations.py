"""Steps of a review over many cells at a time: find and replace, set, empty, trim, and leave rows out.

The cells are found and changed by one statement over the grid, counted first where a person only asks, and kept as one
step that can be undone. What somebody else did meanwhile is taken into account before anything is kept.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from import_pipeline.errors import MisuseError
from import_pipeline.service import kept_grids
from import_pipeline.service.review_filters import RowFilter, place_of, rows_of
from import_pipeline.service.review_grid import LEFT_OUT_ROWS, ROW, Grid
from import_pipeline.service.reviewing import check_texts, check_waits, in_words
from import_pipeline.sql import Parameters, literal, trimmed
from import_pipeline.stores import corrections
from import_pipeline.stores.corrections import LEFT_OUT
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import ReviewKind

if TYPE_CHECKING:
    from import_pipeline.home import Home

MOST_SAMPLES = 10
MOST_SECONDS = 20.0
"""So long may the cells of a step be sought: less than a writer of the registry waits for another one."""
_SHOWN_TEXT = 40


@dataclass(frozen=True)
class Step:
    """What is to be done.

    Attributes:
        kind: What.
        columns: In which columns of the file; in all if none are named.
        rows: In which rows. Cells of rows that are left out stay as they are, unless such rows are asked for.
        find: The text that is replaced.
        text: What comes in its place, or what the cells are set to.
        whole_cell: Only where it is the whole text of the cell; empty cells can only be found so.
        match_case: Only where it is written just so.
    """

    kind: ReviewKind
    columns: tuple[str, ...] = ()
    rows: RowFilter = field(default_factory=RowFilter)
    find: str = ""
    text: str = ""
    whole_cell: bool = False
    match_case: bool = False


def run(
    home: "Home", record: ImportRecord, step: Step, by: str | None = None, *, dry_run: bool = False
) -> dict[str, Any]:
    """Take a step, or say what it would change.

    Args:
        home: The home.
        record: An import that needs review.
        step: The step.
        by: Who takes it.
        dry_run: Whether nothing is to be changed.

    Returns:
        operation_id (None if nothing was changed), cells (of a step over whole rows: the rows), rows, samples: the
        first cells with row_number, column, before and after.

    Raises:
        StateError: The import does not need review.
        MisuseError: There is no such column, nothing to find, or the texts would be too many or too long.
    """
    check_waits(record, "corrected")
    if step.kind is ReviewKind.REPLACE and not step.find and not step.whole_cell:
        raise MisuseError("Say what is to be found. To fill empty cells, find nothing as the whole cell.")
    check_texts(home.settings, (step.find, step.text))
    with kept_grids.opened(home, record) as grid:
        if grid is None:
            return {"operation_id": None, "cells": 0, "rows": 0, "samples": []}
        told = _find(grid, step)
        if dry_run or not told["cells"]:
            return {"operation_id": None, **told}

        def work(connection: Connection) -> tuple[int, dict[str, Any]]:
            corrections.lock_review(connection, record.id, "corrected")
            now_told = _find(grid, step) if grid.catch_up(connection) else told
            cells = grid.connection.execute(*_named(grid)).to_arrow_table()
            now = home.registry.now()
            return corrections.add(connection, record.id, step.kind, _in_words(step), cells, by, now), now_told

        number, told = home.registry.write(work, repeatable=False)
        grid.take_over(number)
        return {"operation_id": number, **told}


def taken(home: "Home", record: ImportRecord, number: int) -> dict[str, Any]:
    """What `run` told of a step that was taken before, but for its samples."""
    cells, rows = home.registry.read(lambda connection: corrections.find(connection, record.id, number))
    return {"operation_id": number, "cells": cells, "rows": rows, "samples": []}


@contextmanager
def _in_time(grid: Grid) -> Iterator[None]:
    """Break off what would keep others waiting: a long text sought in long cells.

    Raises:
        MisuseError: The time was over.
    """
    import duckdb

    timer = threading.Timer(MOST_SECONDS, grid.connection.interrupt)
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise MisuseError(
            f"It takes more than {MOST_SECONDS:g} seconds. Choose a shorter text, or fewer cells."
        ) from error
    finally:
        timer.cancel()


def _find(grid: Grid, step: Step) -> dict[str, Any]:
    """Make `changes` in time, as `_found` does."""
    with _in_time(grid):
        return _found(grid, step)


def _found(grid: Grid, step: Step) -> dict[str, Any]:
    """Make `changes` (row_number, place, before, text) of the cells that a step changes; gives their numbers."""
    bind = Parameters()
    if step.kind is ReviewKind.LEAVE_OUT:
        cells, after = _whole_rows(grid, step), literal(LEFT_OUT)
    else:
        cells = _cells(grid, step, bind)
        _refuse_too_long(grid, step, cells, bind)
        after = f"nullif({_after(step, bind)}, '')"
    grid.connection.execute(
        f"""
        CREATE OR REPLACE TEMPORARY TABLE changes AS
        SELECT * FROM (SELECT row_number, place, "before", {after} AS text FROM ({cells}))
        WHERE "before" IS DISTINCT FROM text
        """,
        bind or None,
    )
    names = {place: name for name, place in grid.columns.items()}
    samples = grid.dictionaries(
        f"""
        SELECT row_number, place, "before", text AS "after" FROM changes
        WHERE place <> {ROW} ORDER BY row_number, place LIMIT {MOST_SAMPLES}
        """
    )
    return {
        "cells": grid.number("SELECT count(*) FROM changes"),
        "rows": grid.number("SELECT count(DISTINCT row_number) FROM changes"),
        "samples": [{"row_number": one["row_number"], "column": names[one.pop("place")]} | one for one in samples],
    }


def _whole_rows(grid: Grid, step: Step) -> str:
    """SELECT of the rows that are meant, in the shape of `_cells`."""
    table, _ = rows_of(grid, step.rows)
    return f"""
        SELECT row_number, {ROW} AS place,
            CASE WHEN row_number IN ({LEFT_OUT_ROWS}) THEN {literal(LEFT_OUT)} END AS "before"
        FROM {table}"""


def _cells(grid: Grid, step: Step, bind: Parameters) -> str:
    """SELECT of the cells that are meant, with what they say now: row_number, place, before."""
    table, _ = rows_of(grid, step.rows)
    names = step.columns or tuple(grid.columns)
    places = bind.bind(sorted({place_of(grid, name) for name in names}))
    is_in = "true" if step.rows.state == "left_out" else f"lines.row_number NOT IN ({LEFT_OUT_ROWS})"
    if table != "lines":
        is_in += f" AND lines.row_number IN (SELECT row_number FROM {table})"
    return f"""
        SELECT lines.row_number, each.place,
            CASE WHEN latest.place IS NULL THEN lines.cells[each.place] ELSE latest.text END AS "before"
        FROM lines
        CROSS JOIN (SELECT unnest({places}::INTEGER[]) AS place) AS each
        LEFT JOIN latest ON latest.row_number = lines.row_number AND latest.place = each.place
        WHERE {is_in}"""


def _after(step: Step, bind: Parameters) -> str:
    """SQL of what a cell says after the step, an empty text for nothing."""
    match step.kind:
        case ReviewKind.SET:
            return bind.bind(step.text)
        case ReviewKind.CLEAR:
            return "''"
        case ReviewKind.TRIM:
            return trimmed('"before"')
        case _:
            return _replaced(step, step.text, bind)


def _replaced(step: Step, text: str, bind: Parameters) -> str:
    if step.whole_cell:
        cell, find = """coalesce("before", '')""", bind.bind(step.find)
        found = f"{cell} = {find}" if step.match_case else f"lower({cell}) = lower({find})"
        return f'CASE WHEN {found} THEN {bind.bind(text)} ELSE "before" END'
    if step.match_case:
        return f'replace("before", {bind.bind(step.find)}, {bind.bind(text)})'
    pattern = "".join(sign if sign.isalnum() or ord(sign) > 127 else f"\\{sign}" for sign in step.find)
    made = f"""regexp_replace("before", {bind.bind(pattern)}, {bind.bind(text.replace(chr(92), 2 * chr(92)))}, 'gi')"""
    return f'CASE WHEN contains(lower("before"), lower({bind.bind(step.find)})) THEN {made} ELSE "before" END'


def _refuse_too_long(grid: Grid, step: Step, cells: str, parameters: Parameters) -> None:
    """Count how long the texts become before they are made."""
    bind = Parameters(parameters)
    if step.kind is ReviewKind.SET:
        length = str(len(step.text))
    elif step.kind is ReviewKind.REPLACE and not step.whole_cell and len(step.text) > len(step.find):
        more = len(step.text) - len(step.find)
        without = _replaced(step, "", bind)
        length = f'length("before") + (length("before") - length({without})) // {len(step.find)} * {more}'
    else:
        return
    found = grid.connection.execute(f"SELECT sum({length}) FROM ({cells})", bind or None).fetchone()
    characters = int(found[0] or 0) if found else 0
    if characters > corrections.MOST_CHARACTERS:
        raise MisuseError(
            f"The cells would hold {characters:,} characters in all: at most {corrections.MOST_CHARACTERS:,} are kept "
            "for one import. Choose a shorter text, or fewer cells."
        )


def _named(grid: Grid) -> tuple[str, dict[str, Any]]:
    """SELECT of the changes as the registry keeps them, with its values."""
    names = {"places": [ROW, *grid.columns.values()], "names": [corrections.WHOLE_ROW, *grid.columns]}
    return (
        """
        SELECT row_number, column_name, text FROM changes
        JOIN (SELECT unnest($names) AS column_name, unnest($places) AS place) AS named USING (place)
        """,
        names,
    )


def _in_words(step: Step) -> str:
    where = in_words(step.columns) if step.columns else "all columns"
    match step.kind:
        case ReviewKind.SET:
            return f"Set {where} to {_shown(step.text)}"
        case ReviewKind.CLEAR:
            return f"Emptied {where}"
        case ReviewKind.TRIM:
            return f"Trimmed {where}"
        case ReviewKind.LEAVE_OUT:
            return "Left rows out"
        case _:
            return f"Replaced {_shown(step.find)} by {_shown(step.text)} in {where}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_TEXT else f"{text[: _SHOWN_TEXT - 1]}…")
