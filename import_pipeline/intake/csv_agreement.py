"""Whether what DuckDB read is what the exact reader would have read; in doubt it is not, and that one has to look.

The first rows have to be those that detection saw, and no row may be the header once more or that of another table.
"""

import re
from collections.abc import Container, Sequence

import duckdb

from import_pipeline.intake import column_statistics
from import_pipeline.intake.dialect.dialect import Layout
from import_pipeline.intake.header_words import is_header_word
from import_pipeline.intake.several_tables import Shape, may_be_header, plain, trimmed, typed_columns
from import_pipeline.sql import Parameters, literal, quote, quoted_list
from import_pipeline.sql import trimmed as trimmed_sql

_FIRST = 50
_SAMPLE = 200
_MOST_CANDIDATES = 5_000
_MOST_COLUMNS = 50
_SURELY_TYPED = (
    r"\d{1,18}|\d{1,9}\.\d{1,9}|\d{4}-\d{2}-\d{2}|\+?\d[\d ()./-]{5,18}\d"
    r"|[A-Za-z0-9._+-]{1,30}@[A-Za-z0-9.-]{1,20}\.[A-Za-z]{1,8}"
)
"""Some of the shapes that no name of a column has, all of them in ASCII."""
_VALUE = re.compile(rf"-?\d{{1,19}}|{_SURELY_TYPED}", re.ASCII)
"""What is told to be a value in SQL."""


def begins_like(
    connection: duckdb.DuckDBPyConnection,
    width: int,
    sample: Sequence[Sequence[str]],
    irregular: Container[int] = (),
) -> bool:
    """Whether `source_text` begins as detection saw it, but for some rows (their indexes) that are irregular."""
    first = [row for row in sample if row][:_FIRST]
    columns = quoted_list(f"c{place + 1}" for place in range(width))
    read = connection.execute(f"SELECT {columns} FROM source_text ORDER BY rowid LIMIT {len(first)}").fetchall()
    told = [tuple(cell or None for cell in [*row, *[""] * width][:width]) for row in first]
    return len(read) == len(told) and all(
        one == other or index in irregular for index, (one, other) in enumerate(zip(read, told, strict=True))
    )


def may_hold_headers(connection: duckdb.DuckDBPyConnection, layout: Layout, sample: Sequence[Sequence[str]]) -> bool:
    """Whether a row may be the header once more or that of another table: the exact reader has to look."""
    statistics = column_statistics.of_columns(connection, layout.width)
    names = sorted({text for name in layout.header or () for text in (name.lower(), plain(name)) if text})
    # trimming millions of cells costs more than reading them; a header is found by any of three of its names
    places = sorted({0, min(1, layout.width - 1), layout.width - 1}) if statistics else []
    if any(_has_any(connection, place, names, beyond_ascii=statistics[place].beyond_ascii) for place in places):
        return True
    typed = typed_columns([row for row in sample if row][:_SAMPLE], layout.width) if len(sample) > 1 else []
    if not typed:
        return False
    columns = [quote(f"c{place + 1}") for place in typed]
    # what holds no figure begins with none, which DuckDB can tell of many cells at once by the least and the greatest
    tests = [f"({column} < '0' OR {column} >= ':') AND NOT regexp_matches({column}, '[0-9@]')" for column in columns]
    return connection.execute(f"SELECT 1 FROM source_text WHERE {' AND '.join(tests)} LIMIT 1").fetchone() is not None


def _has_any(connection: duckdb.DuckDBPyConnection, place: int, names: Sequence[str], *, beyond_ascii: bool) -> bool:
    """Whether a column has a cell that is one of some names, which are in small letters, in any case.

    In a column of ASCII alone such a cell has the length of a name and begins between the first and the last of them,
    so that most cells need not be made small.
    """
    column = quote(f"c{place + 1}")
    bind = Parameters()
    tests: list[str] = []
    if not beyond_ascii:
        names = [name for name in names if name.isascii()]
    if not names:
        return False
    if not beyond_ascii:
        first, last = min(names)[0].upper(), chr(ord(max(names)[0]) + 1)
        lengths = ", ".join(bind.bind(length) for length in sorted(set(map(len, names))))
        tests += [
            f"{column} >= {bind.bind(first)}",
            f"{column} < {bind.bind(last)}",
            f"strlen({column}) IN ({lengths})",
        ]
    tests.append(f"lower({column}) IN ({', '.join(map(bind.bind, names))})")
    found = connection.execute(f"SELECT 1 FROM source_text WHERE {' AND '.join(tests)} LIMIT 1", bind)
    return found.fetchone() is not None


def may_hold_table(connection: duckdb.DuckDBPyConnection, layout: Layout, sample: Sequence[Sequence[str]]) -> bool:
    """Whether a row of the table's width may be a header, as rows beside irregular ones can be.

    It may be the table's own once more, or that of another table: such a row has no value in any column, and either
    fewer names than the table has columns or some of the same.
    """
    width = layout.width
    own = Shape(tuple(trimmed(layout.header)) if layout.header else None, width)
    if own.header and len(own.header) != width:
        return True
    headers = [list(map(plain, trimmed(cells))) for cells in layout.header_rows]
    written = {name for cells in (own.header or (), *layout.header_rows) for name in cells}
    names = sorted({text for name in written for text in (name.lower().strip(), plain(name)) if text})
    rows = [row for row in sample if row][:_SAMPLE]
    typed = typed_columns(rows, width) if len(sample) > 1 else []
    if not typed and width > _MOST_COLUMNS:
        return True
    columns = [quote(f"c{place + 1}") for place in range(width)]
    bind = Parameters()
    named = {place for cells in headers for place, name in enumerate(cells) if _VALUE.fullmatch(name)}
    typed = [place for place in typed if place not in named]
    if any(_has_numbers_alone(connection, columns[place]) for place in typed if _are_numbers(rows, place)):
        return False
    shapes = literal(_SURELY_TYPED)
    tests = [f"coalesce(NOT regexp_full_match({columns[place]}, {shapes}), true)" for place in typed]
    last = columns[-1]
    concerns = [f"{last} IS NULL", f"{last} < '!'", f"{last} >= chr(128)"]
    if names:
        known = ", ".join(map(bind.bind, names))
        concerns += [f"lower({trimmed_sql(column)}) IN ({known})" for column in columns]
    tests.append(f"({' OR '.join(concerns)})")
    found = connection.execute(
        f"""
        SELECT {", ".join(columns)}
        FROM source_text
        WHERE irregular IS NULL AND {" AND ".join(tests)}
        LIMIT {_MOST_CANDIDATES}
        """,
        bind,
    ).fetchall()
    return len(found) == _MOST_CANDIDATES or any(
        _may_begin_table(own, row) or list(map(plain, trimmed(row))) in headers
        for row in ([cell or "" for cell in cells] for cells in found)
    )


def _are_numbers(rows: Sequence[Sequence[str]], place: int) -> bool:
    return all(row[place].isdecimal() for row in rows if place < len(row))


def _has_numbers_alone(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether all rows but the irregular ones have a whole number in a column, as nothing else is told so cheaply."""
    found = connection.execute(
        f"""
        SELECT 1
        FROM source_text
        WHERE irregular IS NULL AND {column} IS DISTINCT FROM TRY_CAST({column} AS BIGINT)::VARCHAR
        LIMIT 1
        """
    )
    return found.fetchone() is None


def _may_begin_table(own: Shape, cells: Sequence[str]) -> bool:
    if not may_be_header(cells):
        return False
    names = trimmed(cells)
    return own.repeats_names(cells) or (len(names) != own.width and any(map(is_header_word, names)))
