"""Parquet: DuckDB reads it; every value becomes the text that a person would write, lists and structs become JSON."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from import_pipeline.errors import PayloadError
from import_pipeline.intake.reading import Findings, Reading
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.sql import quote

NAME = "parquet"
PRIORITY = 40

_BLOCK_ROWS = 10_000
_NESTED = ("STRUCT", "MAP", "UNION")


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it begins as Parquet does."""
    return head.startswith(b"PAR1")


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Read the names and types of the columns.

    Raises:
        PayloadError: The file is damaged.
    """
    path = payload.path
    try:
        with duckdb.connect() as connection:
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise PayloadError("The Parquet file is damaged. Write it again.") from error
    names = tuple(row[0] for row in described)
    texts = ",\n".join(
        f"{_as_text(name, kind)} AS {quote(f'c{i + 1}')}" for i, (name, kind, *_) in enumerate(described)
    )
    statement = f"SELECT {texts} FROM read_parquet($path)"
    return Table(
        Reading(format=NAME),
        names,
        len(names),
        partial(_blocks, statement, path),
        Findings(),
        partial(_load, statement, path),
    )


def _as_text(name: str, kind: str) -> str:
    if kind.endswith("[]") or kind.startswith(_NESTED):
        return f"to_json({quote(name)})::VARCHAR"
    return f"{quote(name)}::VARCHAR"


def _load(statement: str, path: Path, connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        connection.execute(f"CREATE TABLE source_text AS {statement}", {"path": str(path)})
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        raise PayloadError("The Parquet file is damaged. Write it again.") from error
    return True


def _blocks(statement: str, path: Path) -> Iterator[Rows]:
    with duckdb.connect() as connection:
        try:
            found = connection.execute(statement, {"path": str(path)})
            while rows := found.fetchmany(_BLOCK_ROWS):
                yield [[cell if cell is not None else "" for cell in row] for row in rows]
        except duckdb.Error as error:
            raise PayloadError("The Parquet file is damaged. Write it again.") from error
