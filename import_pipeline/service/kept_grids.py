"""The grids of reviews that this process keeps, so that the next page costs no reading of files."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from import_pipeline.errors import ResultsMissingError
from import_pipeline.service import published
from import_pipeline.service.result_files import again_where_replaced, unless_replaced
from import_pipeline.service.review_grid import Grid
from import_pipeline.stores.import_record import ImportRecord

if TYPE_CHECKING:
    from import_pipeline.home import Home

MOST_GRIDS = 8
"""So many grids are kept, those that were asked for last;"""
MOST_CELLS = 30_000_000
"""fewer where they have so many cells in all."""
IDLE_SECONDS = 900.0
"""A grid that nobody asked for so long is not kept."""


@dataclass
class _Kept:
    """A grid that is kept, or is being made; whoever uses it holds the lock."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    grid: Grid | None = None
    used: float = field(default_factory=time.monotonic)


_kept: dict[tuple[object, ...], _Kept] = {}
_keeping = threading.Lock()


@contextmanager
def opened(home: "Home", record: ImportRecord) -> Iterator[Grid | None]:
    """Have the grid of an import to oneself, as it stands now, while the block runs.

    Args:
        home: The home.
        record: The import.

    Yields:
        None where the import did not stop yet, or stopped before its file was read.

    Raises:
        ResultsMissingError: What was published of it is no longer there.
    """
    found = published.find(home, record)
    if found is None:
        yield None
        return
    about, _ = found
    with _keeping:
        kept = _kept.setdefault((home.settings.home_path, record.id), _Kept())
        kept.used = time.monotonic()
        _forget_old(kept)
    with kept.lock:
        if kept.grid is not None and kept.grid.about.version != about.version:
            kept.grid.close()
            kept.grid = None
        grid = kept.grid = kept.grid or _made(home, record)
        home.registry.read(grid.catch_up)
        yield grid


@again_where_replaced
def _made(home: "Home", record: ImportRecord) -> Grid:
    """The grid of what an import published last: it may have stopped anew this moment."""
    found = published.find(home, record)
    if found is None:
        raise ResultsMissingError(record.id)
    about, files = found
    with unless_replaced(home, about):
        return Grid(home, about, files)


def _forget_old(but: _Kept) -> None:
    """Close grids that were not asked for, as far as nobody has them this moment."""
    newest_first = sorted(_kept.items(), key=lambda item: -item[1].used)
    idle_since, cells = time.monotonic() - IDLE_SECONDS, 0
    for place, (key, kept) in enumerate(newest_first):
        grid = kept.grid
        cells += grid.cells if grid is not None else 0
        is_old = kept.used < idle_since or place >= MOST_GRIDS or cells > MOST_CELLS
        if kept is but or not is_old or not kept.lock.acquire(blocking=False):
            continue
        try:
            del _kept[key]
            if kept.grid is not None:
                kept.grid.close()
                kept.grid = None
        finally:
            kept.lock.release()
