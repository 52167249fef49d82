"""Keeping house: files, workspaces and registry rows of imports whose time is over, and what crashes left behind.

Each kind has its own setting. Nothing of an import that has not ended or can still be undone is touched, claims and the
history in the record store stay, and what lies in the bucket's uploads folder is its owner's. Every step may be
repeated, and is made good by the next one if it is cut short: files go first, what names them goes last. Dagster's own
traces are in `orchestration/keeping_house.py`.
"""

import logging
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.service import publishing, result_files
from import_pipeline.stores import imports, published, retention
from import_pipeline.stores.retention import AT_ONCE, Overdue
from import_pipeline.words import PAYLOADS

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings
    from import_pipeline.stores.import_record import ImportRecord

log = logging.getLogger(__name__)

DAY = 86_400
LEFTOVER_SECONDS = DAY
"""A file of work under way that nobody wrote to for so long was left by a crash."""

_OF_IMPORT = re.compile(
    r"(?P<id>[A-Za-z0-9][A-Za-z0-9_-]{0,63})\."
    r"(?P<kind>duckdb(?:\.wal(?:\.\w+)?|\.tmp)?|payload(?:\.utf8)?|spill|results|errors\.csv|results\.csv)"
)
_OF_PROCESS = re.compile(r"process-(\d+)\.spill")


@dataclass
class Cleared:
    """How many things of a kind were, or in a dry run would be, cleared away."""

    count: int = 0
    bytes: int = 0

    def add(self, count: int = 1, size: int = 0) -> None:
        """Count something more."""
        self.count += count
        self.bytes += size


@dataclass
class House:
    """One round of keeping house.

    Attributes:
        settings: How long what is kept.
        until: When it stops, on the monotonic clock; the next round goes on.
        dry_run: Only count.
        now: Epoch seconds.
        cleared: Kind of thing → how much of it went.
        unfinished: Whether something was left for the next round.
    """

    settings: "Settings"
    until: float
    dry_run: bool = False
    now: float = field(default_factory=time.time)
    cleared: dict[str, Cleared] = field(default_factory=lambda: defaultdict(Cleared))
    unfinished: bool = False

    def overdue(self, days: int) -> Overdue:
        """Which imports are over after so many days."""
        return Overdue(int(self.now - days * DAY), int(self.now - self.settings.undo_days * DAY))

    def has_time(self) -> bool:
        """Whether there is time for more; where there is not, the round is unfinished."""
        if time.monotonic() < self.until:
            return True
        self.unfinished = True
        return False


def clear_payloads(home: "Home", house: House) -> None:
    """Remove the files that were given for imports which ended `keep_uploads_days` ago."""
    overdue, cleared = house.overdue(house.settings.keep_uploads_days), house.cleared["uploads"]
    if house.dry_run:
        cleared.add(*retention.count_payloads(home.registry, overdue))
        return
    while house.has_time() and (found := retention.payloads(home.registry, overdue)):
        for payload in found:
            home.bucket.delete(payload.object_key)
        retention.forget_payloads(home.registry, [payload.import_id for payload in found])
        cleared.add(len(found), sum(payload.size_bytes for payload in found))


def clear_payload_of(home: "Home", record: "ImportRecord") -> None:
    """Remove the file of an import before its time, because its owner asks for it; it cannot be resumed after that."""
    if record.has_upload_file and record.object_key is not None and record.object_key.startswith(f"{PAYLOADS}/"):
        home.bucket.delete(record.object_key)
        retention.forget_payloads(home.registry, [record.id])


def clear_workspaces(home: "Home", house: House) -> None:
    """Remove the workspaces of imports that ended, and those of no import, once nobody wrote to them for a day.

    What is in a workspace alone, because an earlier version or a process that died left it there, is published first.
    """
    by_import = _files_by_import(house.settings.workspaces)
    ids = sorted(by_import)
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        unknown = set(chunk) - retention.among_known(home.registry, chunk)
        gone = retention.among_ended(home.registry, chunk) | unknown
        for import_id in (one for one in chunk if one in gone):
            if not house.has_time():
                return
            paths = list(by_import[import_id].values())
            if not _is_left_behind(paths, house):
                continue
            if import_id not in unknown and not house.dry_run and not _published(home, import_id):
                continue
            has_workspace = "duckdb" in by_import[import_id]
            house.cleared["workspaces" if has_workspace and import_id not in unknown else "leftovers"].add(
                1 if has_workspace and import_id not in unknown else len(paths), _remove(paths, house)
            )


def _published(home: "Home", import_id: str) -> bool:
    """Publish what is known of an import, unless that was done; whether it needs its workspace no longer."""
    if published.find(home.registry, import_id) is None:
        try:
            publishing.publish_stopped(home, imports.get(home.registry, import_id))
        except Exception:  # whatever it is, nothing is lost: the workspace stays, and the others are looked after
            log.exception("The workspace of import %s stays: its results could not be published.", import_id)
            return False
    return True


def clear_leftovers(house: House) -> None:
    """Remove what crashes left of transfers and of DuckDB's overflow, once nobody wrote to it for a day."""
    settings = house.settings
    places = {
        settings.workspaces: lambda name: name.endswith(".part") or _is_of_dead_process(name),
        settings.home_path / "incoming": lambda name: True,
        settings.home_path / result_files.COPIES: lambda name: True,
        settings.local_bucket / UNFINISHED: lambda name: True,
    }
    for folder, is_passing in places.items():
        for path in _entries(folder):
            if not house.has_time():
                return
            if is_passing(path.name):
                _clear_if_left_behind([path], house)


def clear_imports(
    home: "Home", house: House, before_forgetting: Callable[[Sequence[str]], None] = lambda ids: None
) -> None:
    """Remove imports which ended `keep_imports_days` ago: their files, then their rows in the registry.

    Args:
        home: The home.
        house: This round.
        before_forgetting: Told which imports are about to go, to remove what only their ids lead to.
    """
    overdue, cleared = house.overdue(house.settings.keep_imports_days), house.cleared["imports"]
    if house.dry_run:
        cleared.add(retention.count_forgettable(home.registry, overdue))
        return
    while house.has_time() and (ids := retention.forgettable(home.registry, overdue)):
        before_forgetting(ids)
        for import_id in ids:
            home.bucket.delete(f"{PAYLOADS}/{import_id}/payload")
        publishing.unpublish(home, ids)
        files = _files_by_import(house.settings.workspaces)
        for import_id in ids:
            _remove(files.get(import_id, {}).values(), house)
        gone = retention.forget_imports(home.registry, ids, overdue)
        cleared.add(gone)
        if not gone:  # all of them came to life again
            return


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.iterdir())


def _files_by_import(folder: Path) -> dict[str, dict[str, Path]]:
    """Import → what kind of file → the file."""
    found: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    for path in _entries(folder):
        named = _OF_IMPORT.fullmatch(path.name)
        if named and not _OF_PROCESS.fullmatch(path.name):
            found[named["id"]][named["kind"]] = path
    return found


def _is_of_dead_process(name: str) -> bool:
    import psutil

    named = _OF_PROCESS.fullmatch(name)
    return named is not None and not psutil.pid_exists(int(named[1]))


def _is_left_behind(paths: Sequence[Path], house: House) -> bool:
    return bool(paths) and max(map(_last_written, paths)) < house.now - LEFTOVER_SECONDS


def _clear_if_left_behind(paths: Sequence[Path], house: House) -> None:
    if _is_left_behind(paths, house):
        house.cleared["leftovers"].add(len(paths), _remove(paths, house))


def _last_written(path: Path) -> float:
    """When a file, or anything in a folder, was last written to; now where it vanishes meanwhile."""
    try:
        inside = [child.lstat().st_mtime for child in path.rglob("*")] if path.is_dir() else []
        return max([path.lstat().st_mtime, *inside])
    except FileNotFoundError:
        return time.time()


def _remove(paths: Iterable[Path], house: House) -> int:
    """Remove files and folders; gives their size in bytes."""
    size = 0
    for path in paths:
        try:
            parts = [path, *path.rglob("*")] if path.is_dir() else [path]
            size += sum(part.lstat().st_size for part in parts)
        except FileNotFoundError:
            continue
        if house.dry_run:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return size
