"""A sample of what each column of a file holds, as evidence for what the column is.

Rows from the beginning and some from all over the file are looked at; a column that has nothing in them is looked
through to its end.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from import_pipeline.intake.tables import DATA_ROWS, LINES_NOT_ROWS
from import_pipeline.run_config.suggestions import ColumnValues
from import_pipeline.sql import quote, trimmed

if TYPE_CHECKING:
    import duckdb

_FIRST_ROWS = 500
_BLOCKS = 5
_ROWS_OF_A_BLOCK = 100
_MOST_VALUES = 100
_LEAST_VALUES = 5
_VALUES_IN_ALL = 20_000
_COLUMNS_AT_ONCE = 500
_LONGEST_VALUE = 500
_IS_ROW = f"rowid + 1 NOT IN (SELECT row_number FROM ({LINES_NOT_ROWS}))"


def column_values(connection: "duckdb.DuckDBPyConnection") -> dict[str, ColumnValues]:
    """Column → a sample of its values, from `source_text` and `source_columns`."""
    columns = connection.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall()
    if not columns:
        return {}
    total = connection.execute("SELECT count(*) FROM source_text").fetchone()
    rows = " UNION ALL ".join(
        f"SELECT * FROM source_text WHERE rowid BETWEEN {begin} AND {end - 1} AND {_IS_ROW}"
        for begin, end in _blocks(total[0] if total else 0)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE sampled_rows AS {rows}")
    most = min(_MOST_VALUES, max(_LEAST_VALUES, _VALUES_IN_ALL // len(columns)))
    found: dict[str, ColumnValues] = {}
    for begin in range(0, len(columns), _COLUMNS_AT_ONCE):
        found |= _sampled(connection, columns[begin : begin + _COLUMNS_AT_ONCE], most)
    connection.execute("DROP TABLE sampled_rows")
    return found


def values_of_rows(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, ColumnValues]:
    """The same of rows that were read, each with a cell for every column."""
    most = min(_MOST_VALUES, max(_LEAST_VALUES, _VALUES_IN_ALL // max(1, len(columns))))
    found: dict[str, ColumnValues] = {}
    for place, name in enumerate(columns):
        filled = [cell.strip()[:_LONGEST_VALUE] for row in rows if place < len(row) and (cell := row[place])]
        filled = [cell for cell in filled if cell]
        found[name] = ColumnValues(len(filled), tuple(filled[:most]))
    return found


def _blocks(total: int) -> list[tuple[int, int]]:
    """First row and the one behind the last, of the parts of a table that are looked at; DuckDB skips to them."""
    if total <= _FIRST_ROWS + _BLOCKS * _ROWS_OF_A_BLOCK:
        return [(0, max(total, 1))]
    begins = [total * block // (_BLOCKS + 1) for block in range(1, _BLOCKS + 1)]
    return [(0, _FIRST_ROWS), *((max(begin, _FIRST_ROWS), begin + _ROWS_OF_A_BLOCK) for begin in begins)]


def _sampled(
    connection: "duckdb.DuckDBPyConnection", columns: list[tuple[str, str]], most: int
) -> dict[str, ColumnValues]:
    cells = [f"nullif({trimmed(f'left({quote(place)}, {_LONGEST_VALUE})')}, '')" for _, place in columns]
    counts = ", ".join(f"count({cell})" for cell in cells)
    lists = ", ".join(f"(list({cell}) FILTER ({cell} IS NOT NULL))[:{most}]" for cell in cells)
    row = connection.execute(f"SELECT {counts}, {lists} FROM sampled_rows").fetchone() or ()
    found = {
        name: ColumnValues(row[place], tuple(row[place + len(columns)] or ()))
        for place, (name, _) in enumerate(columns)
    }
    unseen = [(name, place) for name, place in columns if not found[name].filled]
    for name, place in unseen:
        later = connection.execute(
            f"SELECT {quote(place)} FROM {DATA_ROWS} WHERE trim({quote(place)}) <> '' LIMIT {most}"
        )
        values = tuple(value[:_LONGEST_VALUE].strip() for (value,) in later.fetchall())
        found[name] = ColumnValues(1 if values else 0, values)
    return found
