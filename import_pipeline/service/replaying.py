"""Replaying an import: only its failed rows, as a linked import of their own, once what was wrong is corrected."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, StateError
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.service import creating
from import_pipeline.service.downloads import ERRORS_CSV, make_download
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Action, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

_AS_WE_WRITE = {"encoding": "utf-8", "delimiter": ",", "quote": '"', "escape": '"', "header_row": 1}


def replay(
    home: "Home",
    import_id: str,
    rows: Path | None = None,
    *,
    organization: str | None = None,
    column_mapping: dict[str, str] | None = None,
    source: Source = Source.TERMINAL,
    created_by: str | None = None,
    is_draft: bool = False,
    **changes: Any,
) -> ImportRecord:
    """Register the import of the failed rows of another one, asked for as that one was, with some changes.

    Phase 1 drops the columns that the errors file has more than the first file, and takes its apostrophes back.
    An overwrite is replayed as a merge: its failed rows are not the whole truth.

    Args:
        home: The home.
        import_id: The import that had failed rows.
        rows: A corrected errors file; left out, the rows are taken as they were.
        organization: Only if the import belongs to it.
        column_mapping: Another mapping.
        source: The way in.
        created_by: Who asked.
        is_draft: Whether a person looks at it, and may change it, before it starts.
        changes: Other parts of the spec, such as value_mappings.

    Returns:
        The new import, uploaded: it is run like any other.

    Raises:
        StateError: The import has not ended.
        MisuseError: It has no failed rows, or was a dry run or an undo.
    """
    record = imports.get(home.registry, import_id, organization)
    if record.status not in (Status.COMPLETED, Status.REVERTED):
        raise StateError(import_id, record.status, "replayed", [])
    if record.undoes is not None or record.spec.get("dry_run"):
        raise MisuseError(f"Import {import_id!r} is a dry run or an undo: it has no rows to replay.")
    if rows is None and not record.has_errors_file:
        raise MisuseError(f"No row of import {import_id!r} failed, so there is nothing to replay.")
    if column_mapping is not None:
        changes |= {"column_mapping": without_unmapped(column_mapping), "mapping_direction": None}
    spec = _spec(record, rows is None).replaced(**changes)
    replayed = (
        _create_from_errors(home, import_id, spec, source, created_by)
        if rows is None
        else creating.create_from_file(home, rows, spec, source, created_by=created_by)
    )
    kind = {"upload_kind": "draft"} if is_draft else {}
    return imports.update(home.registry, replayed.id, retry_of=import_id, **kind)


def _create_from_errors(
    home: "Home", import_id: str, spec: ImportSpec, source: Source, created_by: str | None
) -> ImportRecord:
    folder = incoming_path(home)
    folder.mkdir()
    try:
        errors = folder / ERRORS_CSV
        make_download(home, import_id, ERRORS_CSV, errors)
        return creating.create_from_file(home, errors, spec, source, created_by=created_by)
    finally:
        remove_incoming(folder)


def _spec(record: ImportRecord, as_we_write: bool) -> ImportSpec:
    """The spec of the import, for a file of another dialect; how numbers and dates are written stays.

    What was decided over the whole column stays, too: the failed rows alone may say something else, or nothing.
    """
    spec = ImportSpec.model_validate(record.spec)
    kept = spec.reading.model_dump(include={"decimal", "date_format", "date_orders", "decimals"})
    for column_format in record.details.get("reading", {}).get("column_formats", ()):
        by_column = kept.get(f"{column_format['setting']}s")
        if by_column is not None:
            by_column[column_format["column"]] = column_format["value"]
    return spec.replaced(
        reading=ReadOptions(**kept, **(_AS_WE_WRITE if as_we_write else {})),
        preview=False,
        action=Action.MERGE if spec.action is Action.OVERWRITE else spec.action,
    )
