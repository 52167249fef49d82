"""The files of published results on this host, and what becomes of who reads them while newer ones take their place.

Which results an import has is `published.py`'s affair, as is what is read from them.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from import_pipeline.errors import ResultsReplacedError
from import_pipeline.stores import published
from import_pipeline.stores.published import Published

if TYPE_CHECKING:
    from import_pipeline.home import Home

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

COPIES = "results"
"""The folder of the home with copies of results that lie in a bucket elsewhere."""
_MOST_COPIES_BYTES = 2_000_000_000
_COPY_SECONDS = 3_600
"""A copy that was read within this time is not removed to make room."""
_TIMES = 5
"""So often results are read anew that are replaced again and again."""


def file_of(home: "Home", key: str) -> Path:
    """An object of results as a file of this host: where it lies, or a copy; since it never changes, that is kept.

    Raises:
        NotFoundError: There is no such object any more.
    """
    here = home.bucket.path_of(key)
    if here is not None:
        return here
    copy = home.settings.home_path / COPIES / key.replace("/", "_")
    with suppress(FileNotFoundError):
        os.utime(copy)  # it was read now; unlike `touch`, this makes no empty file where somebody just removed the copy
        return copy
    copy.parent.mkdir(parents=True, exist_ok=True)
    obj = home.bucket.stat(key)
    make_room(copy.parent, obj.size)
    home.bucket.download(obj, copy, obj.size)
    return copy


def make_room(folder: Path, size: int) -> None:
    """Remove the copies that were not read for the longest time, as far as there are too many."""
    copies: list[tuple[float, int, Path]] = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another reader has removed it, or has brought the rest of it
            found = path.stat()
            copies.append((found.st_mtime, found.st_size, path))
    held = sum(copy_size for _, copy_size, _ in copies)
    for read_at, copy_size, path in sorted(copies):
        if held + size <= _MOST_COPIES_BYTES or read_at > time.time() - _COPY_SECONDS:
            return
        with suppress(FileNotFoundError):
            path.unlink()
        held -= copy_size


@contextmanager
def unless_replaced(home: "Home", about: Published) -> Iterator[None]:
    """Read the files of results while the block runs; they go as soon as the import has stopped anew.

    Raises:
        ResultsReplacedError: They did, and so could not be read.
    """
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.PermissionException) as error:  # a file that is not there is none it may read
        newer = published.find(home.registry, about.import_id)
        if newer is None or newer.version == about.version:
            raise
        raise ResultsReplacedError(about.import_id) from error


def again_where_replaced(read: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Have a function that only reads results read the newer ones where these took their place meanwhile."""

    @wraps(read)
    def read_again(*given: Given.args, **named: Given.kwargs) -> Answer:
        for _ in range(_TIMES - 1):
            with suppress(ResultsReplacedError):
                return read(*given, **named)
        return read(*given, **named)

    return read_again
