"""Keeping house: files, workspaces and registry rows of imports whose time is over, and what crashes left behind.

Each kind has its own setting. Nothing of an import that has not ended or can still be undone is touched, claims and the
history in the record store stay, and what lies in the bucket's uploads folder is its owner's. Every step may be
repeated, and is made good by the next one if it is cut short: files go first, what names them goes last. Dagster's own
traces are in `orchestration/keeping_house.py`.
"""

import os
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.service.batches import ERRORS_FILE, RESULTS_FILE
from import_pipeline.stores import retention
from import_pipeline.stores.retention import AT_ONCE, Overdue
from import_pipeline.words import PAYLOADS, RESULTS

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings
    from import_pipeline.stores.import_record import ImportRecord

DAY = 86_400
LEFTOVER_SECONDS = DAY
"""A file of work under way that nobody wrote to for so long was left by a crash."""

_OF_IMPORT = re.compile(
    r"(?P<id>[A-Za-z0-9][A-Za-z0-9_-]{0,63})\."
    r"(?P<kind>duckdb(?:\.wal(?:\.\w+)?|\.tmp)?|payload(?:\.utf8)?|spill|errors\.csv|results\.csv)"
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
    """Remove the workspaces of imports which ended `keep_workspaces_days` ago, and those of no import at all.

    What phases write beside a workspace only while they run goes a day after it was left behind.
    """
    overdue = house.overdue(house.settings.keep_workspaces_days)
    by_import = _files_by_import(house.settings.workspaces)
    ids = sorted(by_import)
    for start in range(0, len(ids), AT_ONCE):
        if not house.has_time():
            return
        chunk = ids[start : start + AT_ONCE]
        over, ended = (
            retention.among_overdue(home.registry, chunk, overdue),
            retention.among_ended(home.registry, chunk),
        )
        unknown = set(chunk) - retention.among_known(home.registry, chunk)
        for import_id in chunk:
            files = by_import[import_id]
            if import_id in over:
                house.cleared["workspaces"].add(1, _remove(files.values(), house))
            elif import_id in ended or import_id in unknown:
                passing = {kind: path for kind, path in files.items() if import_id in unknown or "duckdb" not in kind}
                _clear_if_left_behind(list(passing.values()), house)


def clear_leftovers(house: House) -> None:
    """Remove what crashes left of transfers and of DuckDB's overflow, once nobody wrote to it for a day."""
    settings = house.settings
    places = {
        settings.workspaces: lambda name: name.endswith(".part") or _is_of_dead_process(name),
        settings.home_path / "incoming": lambda name: True,
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
            for key in (f"{PAYLOADS}/{import_id}/payload", *_result_keys(import_id)):
                home.bucket.delete(key)
        files = _files_by_import(house.settings.workspaces)
        for import_id in ids:
            _remove(files.get(import_id, {}).values(), house)
        gone = retention.forget_imports(home.registry, ids, overdue)
        cleared.add(gone)
        if not gone:  # all of them came to life again
            return


def _result_keys(import_id: str) -> list[str]:
    return [f"{RESULTS}/{import_id}/{name}" for name in (ERRORS_FILE, RESULTS_FILE)]


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
    named = _OF_PROCESS.fullmatch(name)
    if named is None:
        return False
    try:
        os.kill(int(named[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _clear_if_left_behind(paths: Sequence[Path], house: House) -> None:
    if paths and max(map(_last_written, paths)) < house.now - LEFTOVER_SECONDS:
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
