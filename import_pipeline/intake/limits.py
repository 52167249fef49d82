"""The limits that hold while a payload is read: rows, cell size and time. Each names the setting that moves it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from threading import Event, Thread

import duckdb

from import_pipeline.errors import LimitExceededError
from import_pipeline.intake.table import Rows
from import_pipeline.settings import Settings

_AGAIN = 0.02


def limited(blocks: Iterator[Rows], settings: Settings, *, cells: bool = True) -> Iterator[Rows]:
    """The same blocks, as long as rows, cells and time stay within the limits.

    Args:
        blocks: The rows.
        settings: The limits.
        cells: Whether cells are measured here; what goes to the workspace is measured there.

    Raises:
        LimitExceededError: One was passed.
    """
    until = time.monotonic() + settings.parse_seconds
    count = 0
    for rows in blocks:
        count += len(rows)
        if count > settings.max_rows:
            raise LimitExceededError("rows", f"over {settings.max_rows}", settings.max_rows, "IMPORT_PIPELINE_MAX_ROWS")
        # a character takes at most four bytes: only cells near the limit are measured exactly
        longest = max(map(len, chain.from_iterable(rows)), default=0) if cells else 0
        if longest * 4 > settings.max_cell_bytes:
            size = max(len(cell.encode("utf-8", "replace")) for cell in chain.from_iterable(rows))
            if size > settings.max_cell_bytes:
                raise cell_too_large(size, settings)
        if time.monotonic() > until:
            raise _too_slow(settings.parse_seconds)
        yield rows


@contextmanager
def deadline(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what DuckDB does on a connection after some time.

    Raises:
        LimitExceededError: It took longer.
    """
    done = Event()
    watch = Thread(target=_interrupt, args=(connection, seconds, done), daemon=True)
    watch.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise _too_slow(seconds) from error
    finally:
        done.set()
        watch.join()


def _interrupt(connection: duckdb.DuckDBPyConnection, seconds: float, done: Event) -> None:
    """Interrupt again and again: between two statements there is nothing that could hear it."""
    pause = seconds
    while not done.wait(pause):
        connection.interrupt()
        pause = _AGAIN


def cell_too_large(size: int, settings: Settings) -> LimitExceededError:
    """The error for a cell of so many bytes."""
    return LimitExceededError("a cell of bytes", size, settings.max_cell_bytes, "IMPORT_PIPELINE_MAX_CELL_BYTES")


def _too_slow(seconds: float) -> LimitExceededError:
    return LimitExceededError("a reading time of over seconds", seconds, seconds, "IMPORT_PIPELINE_PARSE_SECONDS")
