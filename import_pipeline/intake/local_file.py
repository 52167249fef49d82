"""A file that a person names on this machine: whether it can be taken at all, before anything is copied."""

import os
from pathlib import Path

from import_pipeline.errors import PayloadError


def check_local_file(path: Path) -> int:
    """Look whether a path is a file with content that may be read.

    Returns:
        Its size in bytes.

    Raises:
        PayloadError: It is not there, no file, empty, or not readable.
    """
    if not path.exists():
        raise PayloadError(f"There is no file {str(path)!r}. Check the path.", path=str(path))
    if not path.is_file():
        raise PayloadError(f"{str(path)!r} is no file. Name a file; a folder is imported file by file.", path=str(path))
    if not os.access(path, os.R_OK):
        raise PayloadError(f"{str(path)!r} may not be read by this user. Change its permissions.", path=str(path))
    size = path.stat().st_size
    if size == 0:
        raise PayloadError(f"{str(path)!r} is empty. Export it again.", path=str(path))
    return size
