"""Starting an import again from its first phase, on request: what it needs for that is there, or it is refused.

What a person asks for again is done even where an automatic way in had left it out: a repeat is imported.
"""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.intake.bucket import has_same_bytes
from import_pipeline.stores.import_record import ImportRecord

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake.bucket import StoredObject

_FORGOTTEN = {
    "resume_phase": None,
    "writing_since": None,
    "repeat_of": None,
    "asked_repeat_of": None,
    "waits_for": None,
    "sidecar_refused": False,
}


def from_the_beginning(home: "Home", record: ImportRecord) -> dict[str, Any]:
    """What is to be set of an import that starts again.

    Args:
        home: The home.
        record: The import, which ended without records.

    Returns:
        Fields of the import.

    Raises:
        MisuseError: Its file is not there, or not the same, or its sidecar is still wrong.
    """
    shown = {name: value for name, value in record.details.items() if name not in ("same_bytes_as", "preview")}
    changes: dict[str, Any] = _FORGOTTEN | {"details": shown}
    if record.undoes is not None:
        return changes
    obj = _its_file(home, record)
    changes |= {
        "object_key": obj.key,
        "object_version": obj.version,
        "size_bytes": obj.size,
        "has_upload_file": True,
    }
    spec = _spec_by_sidecar(home, record) if record.sidecar_refused else record.spec
    if record.repeat_of is not None:
        spec = spec | {"import_again": True}
    if record.is_by_hand:  # a draft may be among them, of which nobody has seen what it writes
        spec = spec | {"preview": True}
    return changes | {"spec": spec}


def _its_file(home: "Home", record: ImportRecord) -> "StoredObject":
    from import_pipeline.service.uploading import upload_key

    key = record.object_key or (upload_key(record.id) if record.upload_kind is not None else None)
    if key is None:
        raise MisuseError(f"Import {record.id!r} never had a file. Import the file again.")
    try:
        obj = home.bucket.stat(key)
    except NotFoundError:
        raise MisuseError(f"The file of import {record.id!r} is no longer there. Import the file again.") from None
    if record.object_version is not None and not has_same_bytes(obj.version, record.object_version):
        raise MisuseError(
            f"The file of import {record.id!r} was replaced since by another version, which is an import of its own."
        )
    return obj


def _spec_by_sidecar(home: "Home", record: ImportRecord) -> dict[str, Any]:
    """The spec that the object's sidecar asks for by now."""
    from import_pipeline.run_config.object_key import sidecar_key
    from import_pipeline.run_config.sidecar import MAX_SIDECAR_BYTES, spec_for_object

    assert record.object_key is not None
    try:
        sidecar = home.bucket.read_bytes(sidecar_key(record.object_key), MAX_SIDECAR_BYTES + 1)
    except NotFoundError:
        sidecar = None
    return spec_for_object(record.object_key, sidecar or None, created_by=record.created_by).model_dump(mode="json")
