"""Which rows of a review are meant: by what is wrong with them, by what their cells say now, or by their numbers."""

from dataclasses import dataclass
from typing import Literal

from import_pipeline.errors import MisuseError
from import_pipeline.nearest import did_you_mean
from import_pipeline.service.review_grid import CHANGED_CELLS, IS_ERROR, LEFT_OUT_ROWS, ROW, Grid
from import_pipeline.sql import Parameters

State = Literal["all", "open", "corrected", "left_out"]
"""`open`: still to be mended; `corrected`: changed since it was last validated."""
_CHANGED_ROWS = f"SELECT row_number FROM ({CHANGED_CELLS})"
_STATES: dict[str, str] = {
    "open": f"is_failing AND row_number NOT IN ({LEFT_OUT_ROWS}) AND row_number NOT IN ({_CHANGED_ROWS})",
    "corrected": f"""
        row_number NOT IN ({LEFT_OUT_ROWS}) AND (row_number IN ({_CHANGED_ROWS}) OR was_left_out)""",
    "left_out": f"row_number IN ({LEFT_OUT_ROWS})",
}


@dataclass(frozen=True)
class RowFilter:
    """Which rows are meant: those for which all of it is true.

    Attributes:
        column: Something is wrong in this column.
        code: Something of this kind is wrong.
        q: A cell holds this text, whatever its case.
        state: What was done about them.
        row_numbers: They are among these.
    """

    column: str | None = None
    code: str | None = None
    q: str | None = None
    state: State = "all"
    row_numbers: tuple[int, ...] | None = None


def rows_of(grid: Grid, rows: RowFilter) -> tuple[str, int]:
    """The table of the rows that are meant, with position and row_number, and how many they are.

    Raises:
        MisuseError: The file has no such column.
    """
    if rows.column:
        place_of(grid, rows.column)
    bind = Parameters()
    conditions = _conditions(rows, bind)
    if not conditions:
        return "lines", grid.number("SELECT count(*) FROM lines")
    key = (rows.column, rows.code, rows.q, rows.state, rows.row_numbers)
    return grid.matching(key, " AND ".join(conditions), bind)


def place_of(grid: Grid, column: str) -> int:
    """The place of a column whose cells may be corrected.

    Raises:
        MisuseError: The file has no such column.
    """
    if column not in grid.columns:
        message = f"The file has no column {column!r}. {did_you_mean(column, grid.columns)}"
        raise MisuseError(message, column=column)
    return grid.columns[column]


def _conditions(rows: RowFilter, bind: Parameters) -> list[str]:
    conditions = []
    faulty = [
        f"{name} = {bind.bind(value)}" for name, value in (('"column"', rows.column), ("code", rows.code)) if value
    ]
    if faulty:
        conditions.append(f"row_number IN (SELECT row_number FROM faults WHERE {IS_ERROR} AND {' AND '.join(faulty)})")
    if rows.state != "all":
        conditions.append(_STATES[rows.state])
    if rows.row_numbers is not None:
        conditions.append(f"row_number IN (SELECT unnest({bind.bind(list(rows.row_numbers))}::BIGINT[]))")
    if rows.q:
        conditions.append(_holds(bind.bind(rows.q)))
    return conditions


def _holds(text: str) -> str:
    """SQL condition that a cell of the row holds a text; where cells were given others, these count."""
    given = f"SELECT row_number FROM latest WHERE place <> {ROW}"

    def found(cell: str) -> str:
        return f"contains(lower({cell}), lower({text}))"

    return f"""(
        row_number NOT IN ({given}) AND {found("array_to_string(cells, chr(31))")}
        OR row_number IN (
            SELECT row_number
            FROM (
                SELECT row_number, unnest(cells) AS cell, generate_subscripts(cells, 1) AS place
                FROM lines AS given_texts WHERE row_number IN ({given})
            ) AS each_cell
            LEFT JOIN latest USING (row_number, place)
            WHERE {found("CASE WHEN latest.place IS NULL THEN cell ELSE latest.text END")}
        ))"""
