"""How these tests ask DuckDB for the value of an expression: one list of texts in, one list of values out."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from import_pipeline.record_types.field_types import CastOptions, get
from import_pipeline.sql import Parameters, quote, quoted_list


def values_of(expression: str, texts: Sequence[str | None], parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """The values of an expression over the column `t`, for each of the texts."""
    with duckdb.connect() as connection:
        query = f"SELECT {expression} FROM (SELECT unnest($texts::VARCHAR[]) AS t)"
        return [row[0] for row in connection.execute(query, {**(parameters or {}), "texts": list(texts)}).fetchall()]


def cast(type: str, texts: Sequence[str | None], choices: tuple[str, ...] = (), **options: Any) -> list[Any]:
    """What the texts become as values of a field type."""
    parameters = Parameters()
    return values_of(get(type, choices).cast("t", parameters, CastOptions(**options)), texts, parameters)


def table(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Make the table `rows` with row numbers from 1; columns are given as SQL type and values."""
    parameters = {f"v{position}": list(values) for position, (_, values) in enumerate(columns.values())}
    lists = ", ".join(
        f"unnest($v{position}::{sql_type}[]) AS {quote(name)}"
        for position, (name, (sql_type, _)) in enumerate(columns.items())
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE rows AS SELECT row_number() OVER () AS row_number, {quoted_list(columns)}"
        f" FROM (SELECT {lists})",
        parameters,
    )
