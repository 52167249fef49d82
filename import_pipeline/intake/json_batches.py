"""How many bytes of JSON lines DuckDB's reader takes at once, so that rows are written as they come and only once.

DuckDB makes row groups of what one batch of lines holds. A batch of fewer lines than a row group is copied together
with others before it is written. Where what is left of a batch behind its whole row groups is small, these are merged
at the next checkpoint, which writes the table a second time; what is more than half a row group stays as it is.
"""

import math
from pathlib import Path

import duckdb

from import_pipeline.stores.instance import memory_bytes, threads

ROW_GROUP = 122_880
"""Rows of a row group of DuckDB."""
_REST = 0.75
"""What part of a row group is left behind the whole ones: lines may be longer or shorter by an eighth than expected."""
LEAST_BYTES = 1 << 24
"""DuckDB takes so many bytes at once in any case."""
_SHARE_OF_MEMORY = 4
"""The batches of all threads take no more than this part of DuckDB's memory."""
_PLACES = 16
_PIECE_BYTES = 1 << 16


def bytes_at_once(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """How many bytes each thread is to read at once: as said above where memory allows, else as few as DuckDB takes.

    Args:
        connection: The workspace.
        path: A file of lines.
    """
    a_line = _bytes_of_line(path)
    whole = max(1, math.ceil(LEAST_BYTES / a_line / ROW_GROUP - _REST))
    wanted = int((whole + _REST) * ROW_GROUP * a_line)
    most = memory_bytes(connection) // _SHARE_OF_MEMORY // threads(connection)
    return wanted if wanted <= min(most, path.stat().st_size) else LEAST_BYTES


def _bytes_of_line(path: Path) -> float:
    """How long a line is on average, by pieces from all over the file."""
    step = max(path.stat().st_size // _PLACES, 1)
    with path.open("rb") as file:
        pieces: list[bytes] = []
        for place in range(_PLACES):
            file.seek(place * step)
            pieces.append(file.read(_PIECE_BYTES))
    return sum(map(len, pieces)) / max(sum(piece.count(b"\n") for piece in pieces), 1)
