"""Parquet: DuckDB reads it, its rows and bytes counted first; every value becomes the text that a person would write.

It is read by a connection of its own that can read nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.inflate import Meter
from import_pipeline.intake.limits import cell_too_large
from import_pipeline.intake.parquet_columns import TextColumn, text_columns
from import_pipeline.intake.reading import Findings, Reading, StructuralDefect
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.intake.tables import create_from_batches
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.sql import exact_path, parquet, quote
from import_pipeline.stores.workspace import lock_down
from import_pipeline.words import DefectLevel

if TYPE_CHECKING:
    import pyarrow

NAME = "parquet"
PRIORITY = 40

_BLOCK_ROWS = 10_000
_BLOCK_CELLS = 1_000_000
_DAMAGED = "The Parquet file is damaged. Write it again."


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it begins as Parquet does."""
    return head.startswith(b"PAR1")


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Read the names and types of the columns, and count rows and bytes.

    Raises:
        PayloadError: The file is damaged.
        LimitExceededError: It holds too many rows or columns, too large a cell, or too much for its size.
    """
    with _opened(payload.path) as connection:
        counted = connection.execute(
            "SELECT sum(num_rows) FROM parquet_file_metadata($path)", {"path": exact_path(payload.path)}
        ).fetchone()
        rows = int(counted[0] or 0) if counted else 0
        if rows > settings.max_rows:
            raise LimitExceededError("rows", rows, settings.max_rows, "IMPORT_PIPELINE_MAX_ROWS")
        relation = connection.execute(f"SELECT * FROM {parquet(payload.path)} LIMIT 0")
        described = [(one[0], one[1]) for one in relation.description or ()]
        columns = text_columns(connection, payload.path, described, settings.max_columns)
        _count_bytes(connection, columns, payload.path, settings)
    source = _Source(payload.path, columns, settings)
    names = tuple(column.name for column in columns)
    findings = Findings()
    for column in columns:
        if column.left_out:
            message = f"Lists in {column.list_name!r} hold more entries than the {column.number} that were read."
            findings.add(StructuralDefect(None, "list_cut", message, level=DefectLevel.WARNING))
            findings.note(message)
    return Table(Reading(format=NAME), names, len(names), source.blocks, findings, source.load)


def _count_bytes(
    connection: duckdb.DuckDBPyConnection, columns: list[TextColumn], path: Path, settings: Settings
) -> None:
    """Hold the texts against the limits before any of them is written: one of them can stand in a million rows."""
    texts = [column.sql for column in columns if column.is_long]
    if not texts:
        return
    sizes = ", ".join(f"coalesce(sum(strlen({text})), 0), coalesce(max(strlen({text})), 0)" for text in texts)
    counted = connection.execute(f"SELECT {sizes} FROM {parquet(path)}").fetchone() or ()
    largest = max(counted[1::2], default=0)
    if largest > settings.max_cell_bytes:
        raise cell_too_large(largest, settings)
    Meter(path.stat().st_size, settings).add(int(sum(counted[::2])))


class _Source:
    """The rows of a file, as text.

    Args:
        path: The file.
        columns: Its columns.
        settings: The limits.
    """

    def __init__(self, path: Path, columns: list[TextColumn], settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.width = len(columns)
        texts = ",\n".join(f"{column.sql} AS {quote(f'c{i + 1}')}" for i, column in enumerate(columns))
        self.statement = f"SELECT {texts} FROM {parquet(path)}"

    def load(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Make `source_text` of them."""
        failures: list[Exception] = []
        with _opened(self.path) as reading:
            found = reading.execute(self.statement).to_arrow_reader(_BLOCK_ROWS)
            create_from_batches(connection, found.schema, self._counted(found, failures), failures)
        return True

    def _counted(
        self, batches: "pyarrow.RecordBatchReader", failures: list[Exception]
    ) -> Iterator["pyarrow.RecordBatch"]:
        import pyarrow

        meter = Meter(self.path.stat().st_size, self.settings)
        try:
            for batch in batches:
                meter.add(batch.nbytes)
                yield batch
        except pyarrow.ArrowException as error:
            failures.append(PayloadError(_DAMAGED))
            raise failures[0] from error
        except Exception as error:  # whatever reading raises: DuckDB would tell it in words of its own
            failures.append(error)
            raise

    def blocks(self) -> Iterator[Rows]:
        """The rows in blocks."""
        with _opened(self.path) as connection:
            found = connection.execute(self.statement)
            while rows := found.fetchmany(max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(1, self.width)))):
                yield [[cell if cell is not None else "" for cell in row] for row in rows]


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read this file and no other.

    Raises:
        PayloadError: The file is damaged.
    """
    with duckdb.connect() as connection:
        lock_down(connection, [path])
        try:
            yield connection
        except (duckdb.InterruptException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            raise PayloadError(_DAMAGED) from error
