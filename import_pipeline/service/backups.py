"""Copies of a home, taken while imports run, and homes made of them.

A copy is one state. Whether an import has written its records is said by its mark in the store, never by the registry;
so all stores are locked against writers while the registry is copied, and each until it is copied itself. Then no
import is completed in the copy whose records are missing, nor has one written that the registry does not know; what
was at work goes on from there by the reconciler's table. The bucket is copied before and after: what the registry
names is there, though its import has replaced it since. A copied file is another version of its object: imports and
claims are led to that one.

Only a home with files is copied here. What lies on servers is copied by their own means (`deploy/GUIDE.md`).
"""

import contextlib
import json
import secrets
import shutil
import sqlite3
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import InvalidNameError, MisuseError, NotFoundError
from import_pipeline.intake.object_claims import claim_key
from import_pipeline.private_files import make_private
from import_pipeline.service.reconciling import Reconciled, reconcile
from import_pipeline.stores import leases, object_versions
from import_pipeline.stores.object_versions import RenamedVersion
from import_pipeline.stores.record_stores.choosing import open_store, organizations
from import_pipeline.stores.record_stores.file_store import store_path

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings

MANIFEST = "backup.json"
_VERSIONS = "objects.json"
_REGISTRY = "registry.sqlite"
_SINGLE = ("signing.key", "dagster/dagster.yaml")
_FOLDERS = ("records", "bucket", "dagster")
_STORE_FILES = ("", ".wal")


@dataclass(frozen=True)
class Backup:
    """What a copy of a home holds.

    Attributes:
        version: The program that made it.
        made_at: When, in UTC.
        organizations: Those whose records are in it.
        has_bucket: Whether the bucket is in it; one on S3 is not.
        size_bytes: Its size.
    """

    version: str
    made_at: str
    organizations: list[str] = field(default_factory=list)
    has_bucket: bool = True
    size_bytes: int = 0


def take(home: "Home", folder: Path) -> Backup:
    """Copy a home into a new folder, which appears when it is whole; imports may run.

    Writers of an organization wait while its records are copied.

    Args:
        home: The home.
        folder: Where to; it must not exist yet.

    Raises:
        MisuseError: The folder exists, or the home keeps something on a server.
        StoreBusyError: A record store was not free in time.
    """
    _refuse_servers(home.settings)
    if folder.exists():
        raise MisuseError(f"{folder} exists already. Name a folder that does not, by --to.", folder=str(folder))
    make_private()
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        made.mkdir()
        backup = _fill(home, made)
        made.replace(folder)
    except BaseException:  # an interruption, too, leaves no half copy
        shutil.rmtree(made, ignore_errors=True)
        raise
    return backup


def restore(home: "Home", folder: Path) -> Reconciled:
    """Make a home of a copy, and bring on what was at work when that was taken.

    Args:
        home: An empty home.
        folder: The copy.

    Returns:
        What became of imports that were at work.

    Raises:
        MisuseError: It is no whole copy, the home is not empty, or it keeps something on a server.
    """
    settings = home.settings
    _refuse_servers(settings)
    if not (folder / MANIFEST).is_file():
        raise MisuseError(f"{folder} is no whole backup: it has no {MANIFEST}. Name one that `backup` made.")
    there = [name for name in (_REGISTRY, *_SINGLE, *_FOLDERS) if _holds_something(settings.home_path / name)]
    if there:
        raise MisuseError(
            f"The home {settings.home_path} holds {', '.join(there)} already. Stop what runs there and move it away, "
            "or choose an empty home by IMPORT_PIPELINE_HOME.",
            home=str(settings.home_path),
        )
    make_private()
    settings.home_path.mkdir(parents=True, exist_ok=True)
    for name in _FOLDERS:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, settings.home_path / name, dirs_exist_ok=True)
    for name in (*_SINGLE[:1], _REGISTRY):  # the registry last: without it, it is no home yet
        if (folder / name).is_file():
            shutil.copy2(folder / name, settings.home_path / name)
    leases.end_all(home.registry)
    if (folder / _VERSIONS).is_file():
        _follow_objects(home, json.loads((folder / _VERSIONS).read_text("utf-8")))
    return reconcile(home)


def _follow_objects(home: "Home", versions: dict[str, str]) -> None:
    """Have imports and claims name the versions that the objects have as files of this home."""
    renamed = []
    for key, version_before in versions.items():
        obj = home.bucket.stat(key)
        if obj.version != version_before:
            claimed = [claim_key(home.bucket.name, one) for one in (replace(obj, version=version_before), obj)]
            renamed.append(RenamedVersion(key, version_before, obj.version, *claimed))
    object_versions.rename(home.registry, renamed)


def _fill(home: "Home", made: Path) -> Backup:
    settings = home.settings
    has_bucket = not settings.bucket_url
    versions: dict[str, str] = {}
    if has_bucket:
        _copy_objects(home, made / "bucket", versions)
    copied = _copy_registry_and_stores(home, made)
    if has_bucket:
        _copy_objects(home, made / "bucket", versions)
        (made / _VERSIONS).write_text(json.dumps(versions), encoding="utf-8")
    for path in settings.dagster_home.rglob("*.db"):
        _copy_database(path, made / "dagster" / path.relative_to(settings.dagster_home))
    for name in _SINGLE:
        if (settings.home_path / name).is_file():
            (made / name).parent.mkdir(exist_ok=True)
            shutil.copy2(settings.home_path / name, made / name)
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    backup = Backup(version("import-pipeline"), now, copied, has_bucket, size)
    (made / MANIFEST).write_text(json.dumps(asdict(backup), indent=2) + "\n", encoding="utf-8")
    return backup


def _copy_registry_and_stores(home: "Home", made: Path) -> list[str]:
    """Copy the registry while no store is written, and each store before it is written again."""
    settings = home.settings
    home.registry.read(lambda connection: None)  # it is made, where nothing was ever imported
    held: dict[str, ExitStack] = {}
    with ExitStack() as all_held:
        while True:
            for organization in organizations(settings):
                if organization not in held:
                    held[organization] = all_held.enter_context(ExitStack())
                    held[organization].enter_context(open_store(settings, organization).held(exclusive=False))
            if set(organizations(settings)) <= set(held):
                _copy_database(settings.home_path / _REGISTRY, made / _REGISTRY)
                if set(organizations(settings)) <= set(held):  # else one has written its first records meanwhile
                    break
        (made / "records").mkdir()
        for organization, its_lock in held.items():
            path = store_path(settings, organization)
            for suffix in _STORE_FILES:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy2(f"{path}{suffix}", made / "records" / f"{path.name}{suffix}")
            its_lock.close()
    return sorted(held)


def _copy_database(path: Path, to: Path) -> None:
    """Copy one state of a database of SQLite, whoever writes to it meanwhile."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _copy_objects(home: "Home", to: Path, versions: dict[str, str]) -> None:
    """Copy the objects of the bucket whose present version is not copied yet; nothing is taken from the copy.

    Args:
        home: The home.
        to: The copy.
        versions: Object → the version that was copied; it is added to.
    """
    to.mkdir(exist_ok=True)
    for obj in home.bucket.find():
        if versions.get(obj.key) == obj.version:
            continue
        copy = to / obj.key
        copy.parent.mkdir(parents=True, exist_ok=True)
        # It was deleted meanwhile, or has a name that no import can have: then nothing asks for its version.
        with contextlib.suppress(FileNotFoundError, NotFoundError, InvalidNameError):
            versions.pop(obj.key, None)
            shutil.copy2(home.settings.local_bucket / obj.key, copy)
            if home.bucket.stat(obj.key).version == obj.version:  # else it was replaced meanwhile
                versions[obj.key] = obj.version


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(one.is_file() for one in path.rglob("*")))


def _refuse_servers(settings: "Settings") -> None:
    if settings.registry_url or settings.dagster_storage_url or settings.store_kind != "file":
        raise MisuseError(
            "Registry, record stores or Dagster's storage are on a server, whose own backup copies all of it as one "
            "state: for PostgreSQL pg_basebackup, as GUIDE.md of `import-pipeline deploy` says."
        )
