"""The columns of a Parquet file as text: structs are opened by dotted names, lists stay lists, as with JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from import_pipeline.errors import LimitExceededError
from import_pipeline.intake.json_columns import MOST_ENTRIES
from import_pipeline.sql import literal, parquet, quote

_LISTS = ("list", "array")
_SHORT = frozenset(
    """
    boolean tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint float double decimal date time
    timestamp timestamp_s timestamp_ms timestamp_ns uuid
    """.split()  # noqa: SIM905 (words are read more easily than a list of strings)
)


@dataclass(frozen=True)
class TextColumn:
    """A column as it is read.

    Attributes:
        name: Its name.
        sql: Its text.
        is_long: Whether its texts may be longer than numbers and dates are.
        list_name: The list of structs that it is taken out of, if it is.
        number: Which entry of that list it is taken out of.
        left_out: Whether that list has further entries.
    """

    name: str
    sql: str
    is_long: bool
    list_name: str = ""
    number: int = 0
    left_out: bool = False


def text_columns(
    connection: duckdb.DuckDBPyConnection, path: Path, described: Sequence[tuple[str, Any]], most: int
) -> list[TextColumn]:
    """The columns of a file.

    Args:
        connection: Reads the file.
        path: The file.
        described: Name and type of each column.
        most: How many there may be.

    Raises:
        LimitExceededError: There are more.
    """
    found: list[TextColumn] = []
    for name, kind in described:
        for column in _of(connection, path, name, quote(name), kind):
            found.append(column)
            if len(found) > most:
                raise LimitExceededError("columns", len(found), most, "IMPORT_PIPELINE_MAX_COLUMNS")
    return found


def _of(connection: duckdb.DuckDBPyConnection, path: Path, name: str, sql: str, kind: Any) -> Iterator[TextColumn]:
    if kind.id == "struct":
        for inner, inner_kind in kind.children:
            yield from _of(connection, path, f"{name}.{inner}", f"struct_extract({sql}, {literal(inner)})", inner_kind)
    elif kind.id in _LISTS and kind.children[0][1].id == "struct":
        longest = connection.execute(f"SELECT max(len({sql})) FROM {parquet(path)}").fetchone()
        length = int(longest[0] or 0) if longest else 0
        for number in range(1, min(length, MOST_ENTRIES) + 1):
            for column in _of(connection, path, f"{name}.{number}", f"{sql}[{number}]", kind.children[0][1]):
                cut = number == MOST_ENTRIES and length > MOST_ENTRIES
                yield TextColumn(column.name, column.sql, column.is_long, name, number, cut)
    elif kind.id in _LISTS:
        texts = f"list_filter({sql}::VARCHAR[], lambda entry: entry <> '')"
        yield TextColumn(name, f"CASE WHEN len({texts}) > 0 THEN to_json({texts})::VARCHAR END", True)
    elif kind.id in ("map", "union"):
        yield TextColumn(name, f"to_json({sql})::VARCHAR", True)
    else:
        yield TextColumn(name, f"{sql}::VARCHAR", kind.id not in _SHORT)
