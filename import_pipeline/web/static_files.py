"""The files that the page is made of: read once, served from memory by a fixed list of names.

A path that a caller sends is only ever looked up in that list, so none leads anywhere else on the disk.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

TYPES: Mapping[str, str] = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "png": "image/png",
}
"""Ending of a file's name → its type. Files with other endings are not served."""
_ALREADY_SMALL = ("woff2", "png")
_LOOKS = ("look/base.css", "look/steps.css", "look/grid.css")
_ICON = "look/icon.svg"


@dataclass(frozen=True)
class StaticFile:
    """One file.

    Attributes:
        content: Its bytes.
        compressed: The same as gzip; None where that saves nothing.
        content_type: What it is.
        etag: Changes with its bytes.
    """

    content: bytes
    compressed: bytes | None
    content_type: str
    etag: str


class StaticFiles:
    """All files below a folder that browsers may have.

    Args:
        folder: Where they lie; the package's own by default.
    """

    def __init__(self, folder: Traversable | None = None) -> None:
        found = _below(folder if folder is not None else files("import_pipeline.web") / "static", "")
        self._files = {path: _read(path, file) for path, file in found}

    def get(self, path: str) -> StaticFile | None:
        """The file with this path below the folder, written with `/`; None where the list has none."""
        return self._files.get(path)

    @property
    def stylesheets(self) -> list[str]:
        """The paths of what gives the page its look, the ground first."""
        return [path for path in _LOOKS if path in self._files]

    @property
    def icon(self) -> str | None:
        """The path of the picture that stands for the page."""
        return _ICON if _ICON in self._files else None


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _below(entry, f"{path}/")
        elif _ending(path) in TYPES:
            yield path, entry


def _read(path: str, file: Traversable) -> StaticFile:
    content = file.read_bytes()
    compressed = None if _ending(path) in _ALREADY_SMALL else gzip.compress(content, 9, mtime=0)
    if compressed is not None and len(compressed) >= len(content):
        compressed = None
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return StaticFile(content, compressed, TYPES[_ending(path)], etag)


def _ending(path: str) -> str:
    return path.rpartition(".")[2]
