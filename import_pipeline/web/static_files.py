"""The files that the page is made of: read once, served from memory by a fixed list of names.

A path that a caller sends is only ever looked up in that list, so none leads anywhere else on the disk. Pages name
files below a folder that stands for the version of all: browsers keep them for good, and after an update ask for new
ones. That holds as long as modules name each other by relative paths.
"""

import gzip
import hashlib
import posixpath
import re
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
_START = "app.js"
_FOR_OTHER_SITES = ("embed.js",)
"""What pages of other sites may load. Of all else they shall not even learn which version it is."""
_IMPORT = re.compile(rb'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)
_VERSION = re.compile(r"v-[0-9a-f]{12}")


@dataclass(frozen=True)
class StaticFile:
    """One file.

    Attributes:
        content: Its bytes.
        compressed: The same as gzip; None where that saves nothing.
        content_type: What it is.
        etag: Changes with its bytes.
        is_for_other_sites: Whether their pages may load it.
    """

    content: bytes
    compressed: bytes | None
    content_type: str
    etag: str
    is_for_other_sites: bool


class StaticFiles:
    """All files below a folder that browsers may have.

    Args:
        folder: Where they lie; the package's own by default.
    """

    def __init__(self, folder: Traversable | None = None) -> None:
        found = _below(folder if folder is not None else files("import_pipeline.web") / "static", "")
        self._files = {path: _read(path, file) for path, file in found}
        every = "".join(f"{path} {self._files[path].etag}\n" for path in sorted(self._files))
        self.version = f"v-{hashlib.sha256(every.encode()).hexdigest()[:12]}"
        """The folder below which pages name the files."""
        self.modules = self._needed_to_start()
        """The paths of all modules without which no page starts: browsers fetch them at once, not one after another."""

    def get(self, path: str) -> tuple[StaticFile | None, bool]:
        """Find a file.

        Args:
            path: Its path below the folder, written with `/`, or below a version of it.

        Returns:
            The file, None where the list has none, and whether this path will always lead to these bytes. One below
            another version, from a page that was opened before an update, leads to the file as it is now.
        """
        version, _, rest = path.partition("/")
        if not _VERSION.fullmatch(version):
            return self._files.get(path), False
        return self._files.get(rest), version == self.version

    @property
    def stylesheets(self) -> list[str]:
        """The paths of what gives the page its look, the ground first."""
        return [path for path in _LOOKS if path in self._files]

    @property
    def icon(self) -> str | None:
        """The path of the picture that stands for the page."""
        return _ICON if _ICON in self._files else None

    def _needed_to_start(self) -> list[str]:
        found, waiting = list[str](), [_START]
        while waiting:
            path = waiting.pop(0)
            if path in found or path not in self._files:
                continue
            found.append(path)
            named = (name.decode() for name in _IMPORT.findall(self._files[path].content))
            waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in named]
        return found


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
    return StaticFile(content, compressed, TYPES[_ending(path)], etag, path in _FOR_OTHER_SITES)


def _ending(path: str) -> str:
    return path.rpartition(".")[2]
