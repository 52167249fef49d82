"""A sample of what each column of a file holds, as evidence for what the column is.

Rows from the beginning and some from all over the file are looked at; a column that has nothing in them is looked
through to its end.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from import_pipeline.intake.tables import LINES_NOT_ROWS
from import_pipeline.run_config.suggestions import ColumnValues
from import_pipeline.sql import quote

if TYPE_CHECKING:
    import duckdb

_FIRST_ROWS = 500
_BLOCKS = 5
_ROWS_OF_A_BLOCK = 100
_LEAST_ROWS = 10
_CELLS = 100_000
_MOST_VALUES = 100
_LEAST_VALUES = 5
_VALUES_IN_ALL = 20_000
_MOST_LOOKED_THROUGH = 200
_LONGEST_VALUE = 500


def column_values(connection: "duckdb.DuckDBPyConnection") -> dict[str, ColumnValues]:
    """Column → a sample of its values, from `source_text` and `source_columns`."""
    columns = connection.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall()
    if not columns:
        return {}
    rows = _sampled_rows(connection, [place for _, place in columns])
    found = values_of_rows([name for name, _ in columns], rows)
    unseen = [(name, place) for name, place in columns if found[name].is_empty][:_MOST_LOOKED_THROUGH]
    if unseen:
        cells = ", ".join(f"any_value({quote(place)})" for _, place in unseen)
        later = connection.execute(f"SELECT {cells} FROM source_text").fetchone() or ()
        for (name, _), cell in zip(unseen, later, strict=True):
            if cell is not None and cell.strip():
                found[name] = ColumnValues(1, (cell.strip()[:_LONGEST_VALUE],))
    return found


def values_of_file(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, ColumnValues]:
    """The same of a file whose rows are in memory."""
    most = max(_LEAST_ROWS, _CELLS // max(1, len(columns)))
    looked_at: list[Sequence[str]] = []
    for begin, end in _blocks(len(rows)):
        looked_at += rows[begin : min(end, begin + most - len(looked_at))]
    found = values_of_rows(columns, looked_at)
    unseen = [(place, name) for place, name in enumerate(columns) if found[name].is_empty]
    for place, name in unseen[:_MOST_LOOKED_THROUGH]:
        text = next((row[place] for row in rows if row[place]), "").strip()
        if text:
            found[name] = ColumnValues(1, (text[:_LONGEST_VALUE],))
    return found


def values_of_rows(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, ColumnValues]:
    """The same of rows that were read, each with a cell for every column."""
    most = min(_MOST_VALUES, max(_LEAST_VALUES, _VALUES_IN_ALL // max(1, len(columns))))
    found: dict[str, ColumnValues] = {}
    for place, name in enumerate(columns):
        filled = [text for row in rows if place < len(row) and (cell := row[place]) and (text := cell.strip())]
        some = filled[:: max(1, len(filled) // most)][:most]
        found[name] = ColumnValues(len(filled), tuple(text[:_LONGEST_VALUE] for text in some))
    return found


def _sampled_rows(connection: "duckdb.DuckDBPyConnection", places: Sequence[str]) -> list[tuple[str | None, ...]]:
    total = connection.execute("SELECT count(*) FROM source_text").fetchone()
    cells = ", ".join(f"left({quote(place)}, {_LONGEST_VALUE})" for place in places)
    no_rows = {number for (number,) in connection.execute(f"SELECT row_number FROM ({LINES_NOT_ROWS})").fetchall()}
    most = max(_LEAST_ROWS, _CELLS // len(places))
    rows: list[tuple[str | None, ...]] = []
    for begin, end in _blocks(total[0] if total else 0):
        span = f"rowid >= {begin} AND rowid < {min(end, begin + most - len(rows))}"
        found = connection.execute(f"SELECT rowid, {cells} FROM source_text WHERE {span}").fetchall()
        rows += [row[1:] for row in found if row[0] + 1 not in no_rows]
        if len(rows) >= most:
            break
    return rows


def _blocks(total: int) -> list[tuple[int, int]]:
    """First row and the one behind the last, of the parts of a table that are looked at; DuckDB skips to them."""
    if total <= _FIRST_ROWS + _BLOCKS * _ROWS_OF_A_BLOCK:
        return [(0, total)]
    begins = [total * block // (_BLOCKS + 1) for block in range(1, _BLOCKS + 1)]
    return [(0, _FIRST_ROWS), *((max(begin, _FIRST_ROWS), begin + _ROWS_OF_A_BLOCK) for begin in begins)]
