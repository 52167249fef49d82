"""Files and folders of a home are for its owner alone: 600 and 700, whatever the umask of whoever starts us.

They hold contact data, keys and what imports left. The umask of the process is the one place that reaches the files of
DuckDB, SQLite and Dagster too, and those of child processes.
"""

import contextlib
import os
from functools import cache
from pathlib import Path

from import_pipeline.settings import HOME_PARTS, Settings

_OTHERS = 0o077
_BESIDE = ("registry.sqlite-wal", "registry.sqlite-shm", "registry.sqlite-journal", "registry.sqlite-locks")


def make_private() -> None:
    """From now on this process, and those that it starts, make files that only their owner can read."""
    os.umask(_OTHERS)


def keep_home_private(settings: Settings) -> None:
    """Make what lies and will lie in a home private; a folder that others' things lie in too stays as it is."""
    make_private()
    _tighten(settings.home_path)


def is_usable(folder: Path) -> bool:
    """Whether this process may write in a folder, or make it where it is missing."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


@cache
def _tighten(home: Path) -> None:
    """Take from others what an earlier version, or the maker of an empty folder, gave them."""
    try:
        names = {path.name for path in home.iterdir()}
    except OSError:
        return  # it is made later, or what opens it says what is wrong
    known = names & {*HOME_PARTS, *_BESIDE}
    for path in [*(home / name for name in known), *([home] if known == names else [])]:
        with contextlib.suppress(OSError):  # it is somebody else's, who decides
            mode = path.stat(follow_symlinks=False).st_mode
            if mode & _OTHERS and not path.is_symlink():
                path.chmod(mode & 0o700)
