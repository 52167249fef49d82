"""From a run config to a registered import: finds the file that a person named and hands it to the service.

Dagster's UI asks nobody who they are, so what may be named is limited here: objects of the bucket, and local files
below the launch folders.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import InvalidNameError, MisuseError
from import_pipeline.orchestration.config import WHERE, ImportConfig
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake.bucket import StoredObject
    from import_pipeline.settings import Settings
    from import_pipeline.stores.import_record import ImportRecord

CREATED_BY = "launchpad"


def ensure_registered(home: "Home", config: ImportConfig, import_id: str) -> "ImportRecord":
    """The import of a partition key; one that the registry doesn't know is registered from the run config.

    Args:
        home: The home of this process.
        config: What was typed; all of it may be left out for a known import.
        import_id: The partition key.

    Raises:
        MisuseError: The key is unknown and no file is given, or it is the key of another file's import.
        PayloadError: The file cannot be taken.
        SpecError: The answer to what the import waits for cannot be used.
    """
    from import_pipeline.service import confirming, imports
    from import_pipeline.service.transitions import KEEP_SECONDS

    known = imports.find(home, import_id)
    if known is None:
        return register(home, config, import_id)
    if known.status is Status.NEEDS_REVIEW and _is_of_its_file(config, known):
        answer = _answer(config, known)
        if answer or config.confirm:
            return confirming.answer(home, import_id, answer, WHERE, accepts=config.confirm, keep_seconds=KEEP_SECONDS)
        return known
    if not _says_the_same(config, known):
        raise MisuseError(
            f"Import {import_id!r} of {known.file_name!r} is registered already, and the run config asks for something "
            f"else. It is {known.status}, so nothing of it can be changed. Leave the config at its defaults to run it "
            "again, or launch with a new partition key.",
            import_id=import_id,
        )
    return known


def _answer(config: ImportConfig, known: "ImportRecord") -> dict[str, Any]:
    """What a run config says that a registered import does not know yet."""
    typed, empty, kept = config.plain(), ImportConfig().plain(), known.spec
    said = {name: value for name, value in typed.items() if value != empty[name] and value != kept.get(name)}
    if "reading" in said:
        said["reading"] = {
            name: value for name, value in said["reading"].items() if value not in ({}, kept["reading"].get(name))
        }
    return {name: value for name, value in said.items() if value != {}}


def _is_of_its_file(config: ImportConfig, known: "ImportRecord") -> bool:
    """Whether a run config names no other file, organization or record type than a registered import has."""
    return (
        (not config.file or Path(config.file).name == known.file_name)
        and config.organization in ("", known.organization)
        and config.record_type in ("", known.record_type)
    )


def _says_the_same(config: ImportConfig, known: "ImportRecord") -> bool:
    """Whether a run config adds nothing to a registered import: it is empty, or the one that it was registered by."""
    if not config.file:
        return config.plain() == ImportConfig().plain()
    if Path(config.file).name != known.file_name:
        return False
    asked, kept = config.to_spec(CREATED_BY), ImportSpec.model_validate(known.spec)
    # A mapping that was found or confirmed since then is kept in the registered spec.
    decided = {name: getattr(kept, name) for name in ("column_mapping", "mapping_direction")}
    return asked.model_copy(update=decided) == kept


def register(home: "Home", config: ImportConfig, import_id: str | None = None) -> "ImportRecord":
    """Register the import that a run config describes; without an id, one is minted.

    Raises:
        MisuseError: No file or no record type is given, or the file may not be named here.
        PayloadError: The file cannot be taken.
    """
    if not config.file:
        what = f"no import {import_id!r}" if import_id else "nothing to import"
        raise MisuseError(
            f"There is {what}: give `file` and `record_type` in the run config "
            "(ops: prevalidation: config: …) to register one, or choose the key of an import that exists.",
            import_id=import_id,
        )
    from import_pipeline.service import creating

    spec = config.to_spec(CREATED_BY)
    found = find_file(config.file, home)
    if isinstance(found, Path):
        return creating.create_from_file(
            home, found, spec, Source.LAUNCHPAD, import_id=import_id, created_by=CREATED_BY
        )
    return creating.create_from_object(home, found, spec, Source.LAUNCHPAD, import_id=import_id, created_by=CREATED_BY)


def find_file(name: str, home: "Home") -> "Path | StoredObject":
    """What a person means by a file's name: an object of the bucket, or a local file in a launch folder.

    Raises:
        MisuseError: There is no such file, it lies elsewhere, or the name fits an object and a file.
    """
    stored = _object(name, home)
    path = Path(name).expanduser().resolve()
    allowed = is_launchable(path, home.settings)
    if stored is not None:
        if allowed and path.is_file():
            raise MisuseError(
                f"{name!r} is an object of the bucket and a local file. "
                f"Write {'./' + name!r} for the file, or rename one of them.",
                file=name,
            )
        return stored
    if not allowed:
        folders = ", ".join(str(folder) for folder in launch_folders(home.settings))
        raise MisuseError(
            f"There is no object {name!r} in the bucket, and files are read only below {folders}. "
            "Put the file there, or name its folder in IMPORT_PIPELINE_LAUNCH_FOLDERS.",
            file=name,
        )
    if not path.is_file():
        raise MisuseError(
            f"There is no file {name!r}: neither an object of the bucket nor {path}. Check the spelling.", file=name
        )
    return path


def is_launchable(path: Path, settings: "Settings") -> bool:
    """Whether a local file may be named: below a launch folder, and not one of the program's own files."""
    if path.is_relative_to(settings.home_path) and not path.is_relative_to(settings.local_bucket):
        return False
    return any(path.is_relative_to(folder) for folder in launch_folders(settings))


def launch_folders(settings: "Settings") -> list[Path]:
    """The folders below which local files may be named."""
    return [*(folder.expanduser().resolve() for folder in settings.launch_folders), settings.local_bucket]


def _object(name: str, home: "Home") -> "StoredObject | None":
    if name.startswith(("/", ".", "~")):
        return None
    try:
        return home.bucket.stat(name) if home.bucket.exists(name) else None
    except InvalidNameError:
        return None
