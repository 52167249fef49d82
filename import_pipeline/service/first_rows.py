"""What a person is shown of a file that was read into a workspace: its first lines, its columns, and lines left out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.intake.column_types import type_of
from import_pipeline.intake.structural_defects import NO_ROW_CODES
from import_pipeline.intake.tables import DATA_ROWS, LINES_NOT_ROWS
from import_pipeline.sql import literal, quote, quoted_list

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.intake.reading import Reading
    from import_pipeline.intake.table import Table

_LONGEST_TEXT = 200
_SAMPLES = 5
_SAMPLED_ROWS = 1_000
_EXACT_ROWS = 50_000
"""Up to so many rows different values are counted, beyond that estimated."""
_COLUMNS_AT_ONCE = 100
_MOST_SKIPPED = 100


def lines_shown(
    connection: "duckdb.DuckDBPyConnection", table: "Table", reading: "Reading", most: int
) -> list[dict[str, Any]]:
    """The first lines: those above the header as they stand, then rows as they were read, with what is no row.

    Args:
        connection: The workspace.
        table: The table as it was opened.
        reading: How it was read.
        most: How many lines above the header's end, and how many rows.

    Returns:
        Dictionaries of line (None where the file is no text), kind (header, row, skipped), row_number, cells, reason.
    """
    names = [name for (name,) in connection.execute(_PLACES).fetchall()]
    no_rows = dict(connection.execute(f"SELECT row_number, reason FROM ({LINES_NOT_ROWS})").fetchall())
    first = table.first_lines(most)
    places = [int(name.removeprefix("c")) - 1 for name in names]
    at = {line.row_number: line.line for line in first if line.row_number is not None}
    shown: list[dict[str, Any]] = []
    for line in first:
        if line.kind == "row":
            continue
        is_header = line.kind == "header"
        reason = None if is_header else "above_header"
        # A file that was given out has columns on top, which are none of the table.
        cells = (
            [line.cells[place] if place < len(line.cells) else "" for place in places]
            if is_header
            else list(line.cells)
        )
        shown.append(_line(line.line, "header" if is_header else "skipped", None, cells, reason))
    if not first:
        shown.append(_line(None, "header", None, list(reading.columns)))
    cells = quoted_list(names)
    rows = connection.execute(f"SELECT rowid + 1, {cells} FROM source_text ORDER BY rowid LIMIT {int(most)}").fetchall()
    for number, *row in rows:
        reason = no_rows.get(number)
        shown.append(_line(at.get(number), "skipped" if reason else "row", number, row, reason))
    return shown


_PLACES = "SELECT column_name FROM source_columns ORDER BY position"


def _line(
    line: int | None, kind: str, row_number: int | None, cells: Sequence[str | None], reason: str | None = None
) -> dict[str, Any]:
    texts = [cell[:_LONGEST_TEXT] if cell else "" for cell in cells]
    return {"line": line, "kind": kind, "row_number": row_number, "cells": texts, "reason": reason}


def skipped_lines(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """The first lines below the header that are no rows of the table: row_number, reason, text."""
    codes = ", ".join(map(literal, NO_ROW_CODES))
    found = connection.execute(
        f"""
        SELECT row_number, code, coalesce(value, message) FROM defects
        WHERE row_number IS NOT NULL AND code IN ({codes})
        ORDER BY row_number LIMIT {_MOST_SKIPPED}
        """
    ).fetchall()
    return [{"row_number": number, "reason": code, "text": text[:_LONGEST_TEXT]} for number, code, text in found]


def columns_shown(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """The columns in their order: name, filled and distinct (both of all rows), samples, type."""
    columns = connection.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall()
    total = connection.execute("SELECT count(*) FROM source_text").fetchone()
    is_exact = total is None or total[0] <= _EXACT_ROWS
    places = [place for _, place in columns]
    counts: list[tuple[int, int]] = []
    for begin in range(0, len(places), _COLUMNS_AT_ONCE):
        counts += _counts(connection, places[begin : begin + _COLUMNS_AT_ONCE], is_exact=is_exact)
    cells = ", ".join(f"left(trim({quote(place)}), {_LONGEST_TEXT})" for place in places)
    rows = connection.execute(f"SELECT {cells} FROM {DATA_ROWS} LIMIT {_SAMPLED_ROWS}").fetchall()
    shown = []
    for place, ((name, column_name), (filled, distinct)) in enumerate(zip(columns, counts, strict=True)):
        values = [row[place] for row in rows if row[place]]
        if not values and filled:
            values = _any_value(connection, column_name)
        samples = list(dict.fromkeys(values))[:_SAMPLES]
        kind = type_of(values)
        shown.append({"name": name, "filled": filled, "distinct": distinct, "samples": samples, "type": kind})
    return shown


def _counts(connection: "duckdb.DuckDBPyConnection", places: list[str], *, is_exact: bool) -> list[tuple[int, int]]:
    """Of each column, how many cells hold something, and how many different things."""
    texts = ", ".join(f"nullif(trim({quote(place)}), '') AS {quote(place)}" for place in places)
    distinct = "count(DISTINCT {})" if is_exact else "approx_count_distinct({})"
    counted = ", ".join(f"count({quote(place)}), {distinct.format(quote(place))}" for place in places)
    found = connection.execute(f"SELECT {counted} FROM (SELECT {texts} FROM {DATA_ROWS})").fetchone() or ()
    return list(zip(found[::2], found[1::2], strict=True))


def _any_value(connection: "duckdb.DuckDBPyConnection", column_name: str) -> list[str]:
    text = f"nullif(trim({quote(column_name)}), '')"
    found = connection.execute(f"SELECT left(any_value({text}), {_LONGEST_TEXT}) FROM {DATA_ROWS}").fetchone()
    return [found[0]] if found and found[0] else []
