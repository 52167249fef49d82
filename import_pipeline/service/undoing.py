"""Undoing an import: an import of its own that gives every record back what it was, unless it changed since.

It goes through the phases like any import, so that a crash in the midst of it is made good as everywhere. Which records
are kept is decided in `phases/undo_keeping.py`.
"""

import time
from typing import TYPE_CHECKING

from import_pipeline.errors import MisuseError, StateError, UndoneError, WorkspaceBusyError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import reconciling, running, transitions, written
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.stores.new_import_rows import new_import_id
from import_pipeline.words import Phase, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

_DAY = 86_400


def undo(
    home: "Home",
    import_id: str,
    *,
    organization: str | None = None,
    dry_run: bool = False,
    source: Source = Source.TERMINAL,
    created_by: str | None = None,
) -> ImportRecord:
    """Undo an import, or say what that would do; gives the undo, which has ended.

    An undo that broke off is taken up again. What an undo kept can be undone once more. An import whose records are
    written and whose last phase is not done is ended by its undo.

    Raises:
        NotFoundError: There is no such import, or it belongs to another organization.
        StateError: It wrote nothing, is at work, or is undone already.
        MisuseError: It was a dry run, or too long ago.
        WorkspaceBusyError: Somebody else undoes it this moment.
    """
    record = reconciling.look_after(home, imports.get(home.registry, import_id, organization))
    check_undoable(home, record)
    if record.status is not Status.COMPLETED and not dry_run:
        record = transitions.end_by_undo(home, [record.id]).one()
    begun = None if dry_run else _broken_off(home, record)
    undo_id = begun or _register(home, record, dry_run, source, created_by)
    for phase in Phase:
        report = running.run_phase_of(home, undo_id, phase)
        if report.skipped and not report.done_before:
            break
    return imports.get(home.registry, undo_id)


def check_undoable(home: "Home", record: ImportRecord) -> None:
    """Refuse what cannot be undone.

    Raises:
        StateError: The import wrote nothing, is at work, or is undone already.
        MisuseError: It was a dry run, or too long ago.
    """
    if record.status is Status.REVERTED:
        raise UndoneError(record.id, str(record.undone_by))
    half_done = written.is_half_done(home.settings, record)
    if record.status is not Status.COMPLETED and not half_done:
        raise StateError(record.id, record.status, "undone", [])
    if record.spec.get("dry_run"):
        raise MisuseError(f"Import {record.id!r} was a dry run: it wrote nothing, so there is nothing to undo.")
    days = home.settings.undo_days
    ended_at = record.updated_at if half_done else record.ended_at or 0
    if ended_at < time.time() - days * _DAY:
        raise MisuseError(
            f"Import {record.id!r} ended more than {days} days ago and cannot be undone any more. "
            "Correct its records by an import, or raise IMPORT_PIPELINE_UNDO_DAYS."
        )


def _broken_off(home: "Home", record: ImportRecord) -> str | None:
    """The undo of this import that was begun and has not ended well, if there is one."""
    begun = imports.find(home.registry, record.undone_by or "")
    ended = (Status.COMPLETED, Status.REVERTED, Status.CANCELLED)
    return begun.id if begun is not None and begun.status not in ended else None


def _register(home: "Home", record: ImportRecord, dry_run: bool, source: Source, created_by: str | None) -> str:
    spec = ImportSpec.model_validate(record.spec)
    name = f"Undo of {record.name or record.file_name or record.id}"[:127]
    new = NewImport(
        id=new_import_id(),
        record_type=record.record_type,
        organization=record.organization,
        source=source,
        name=name,
        status=Status.UPLOADED,
        undoes=record.id,
        spec=spec.replaced(dry_run=dry_run, name=name).model_dump(mode="json"),
        file_name=record.file_name,
        created_by=created_by,
    )
    if dry_run:
        return imports.create(home.registry, new).id
    if not imports.create_undo(home.registry, new, record):
        raise WorkspaceBusyError(record.id)
    return str(new.id)
