"""Creating imports: a file that a person gives, or an object that lies in the bucket, is registered with its spec."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ImportPipelineError, LimitExceededError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.checking import check_spec
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.words import PAYLOADS, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake.bucket import StoredObject


def create_from_file(
    home: "Home",
    path: Path,
    spec: ImportSpec,
    source: Source,
    import_id: str | None = None,
    created_by: str | None = None,
) -> ImportRecord:
    """Take a person's file into the bucket and register its import; claims do not bind it.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
        SpecError: A row hook is no JavaScript function, or the fields declare no record type.
        LimitExceededError: The file is larger than max_file_bytes.
        PayloadError: It is no file that can be read.
    """
    from import_pipeline.intake.local_file import check_local_file

    check_spec(home.settings, spec)
    size = check_local_file(path)
    if size > home.settings.max_file_bytes:
        limit = home.settings.max_file_bytes
        raise LimitExceededError("bytes", size, limit, "IMPORT_PIPELINE_MAX_FILE_BYTES")
    record = register(home, spec, source, import_id, created_by, file_name=path.name, status=Status.REQUESTED)
    try:
        obj = home.bucket.upload(path, f"{PAYLOADS}/{record.id}/payload")
    except BaseException as error:  # an interruption, too, leaves no import that waits for its file for ever
        lost = "Its file did not come into the bucket. Import the file again."
        transitions.fail(home, {record.id: error.message if isinstance(error, ImportPipelineError) else lost})
        raise
    file = {"object_key": obj.key, "object_version": obj.version, "size_bytes": obj.size}
    return transitions.receive(home, [record.id], **file).one()


def create_from_object(
    home: "Home",
    obj: "StoredObject",
    spec: ImportSpec,
    source: Source,
    import_id: str | None = None,
    created_by: str | None = None,
    status: Status = Status.UPLOADED,
) -> ImportRecord:
    """Register the import of an object that lies in the bucket already, pinned to its present version."""
    check_spec(home.settings, spec)
    return register(
        home,
        spec,
        source,
        import_id,
        created_by,
        file_name=obj.key.rsplit("/", 1)[-1],
        status=status,
        object_key=obj.key,
        object_version=obj.version,
        size_bytes=obj.size,
        has_upload_file=True,
    )


def register(
    home: "Home", spec: ImportSpec, source: Source, import_id: str | None, created_by: str | None, **known: Any
) -> ImportRecord:
    """Register an import of what a spec says, with whatever else is known of it."""
    return imports.create(home.registry, new_import(spec, source, import_id, created_by, **known))


def new_import(
    spec: ImportSpec, source: Source, import_id: str | None = None, created_by: str | None = None, **known: Any
) -> NewImport:
    """The import of what a spec says, to be registered, with whatever else is known of it."""
    return NewImport(
        id=import_id,
        record_type=spec.record_type,
        organization=spec.organization,
        source=source,
        name=spec.name,
        spec=spec.model_dump(mode="json"),
        upload_mode=spec.upload_mode,
        created_by=created_by or spec.created_by,
        **known,
    )
