"""Undoing an import: an import of its own that gives every record back what it was, unless it changed since.

It goes through the phases like any import, so that a crash in the midst of it is made good as everywhere. Which records
are kept is decided in `phases/undo_keeping.py`.
"""

import time
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, StateError, UndoneError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import resuming, running, written
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.stores.import_rows import new_import_id
from import_pipeline.words import Phase, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.phases.work import Work

UNDOES = "undoes"
"""In the details of an undo: the import that it undoes."""
UNDONE_BY = "undone_by"
"""In the details of an import: its latest undo."""
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
    """
    record = imports.get(home.registry, import_id, organization)
    if record.status is Status.PROCESSING and resuming.requeue_if_abandoned(home, record):
        record = imports.get(home.registry, import_id)
    check_undoable(home, record)
    if record.status is not Status.COMPLETED and not dry_run:
        record = _end_half_done(home, record)
    begun = None if dry_run else _broken_off(home, record)
    undo_id = begun or _register(home, record, dry_run, source, created_by)
    for phase in Phase:
        report = running.run_phase(home, undo_id, phase)
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
        raise UndoneError(record.id, str(record.details.get(UNDONE_BY)))
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


def _end_half_done(home: "Home", record: ImportRecord) -> ImportRecord:
    """Take an import whose last phase is not done out of the hands of those who would finish it."""
    if record.status is not Status.QUEUED:
        record = imports.move(home.registry, record.id, Status.QUEUED, only_from=(record.status,))
    imports.move(home.registry, record.id, Status.PROCESSING, only_from=(Status.QUEUED,), run_id=None)
    reason = "It was undone before its last phase was done."
    details = {name: value for name, value in record.details.items() if name not in resuming.OF_ATTEMPTS}
    return imports.move(
        home.registry, record.id, Status.COMPLETED, only_from=(Status.PROCESSING,), reason=reason, details=details
    )


def _broken_off(home: "Home", record: ImportRecord) -> str | None:
    """The undo of this import that was begun and has not ended well, if there is one."""
    begun = imports.find(home.registry, str(record.details.get(UNDONE_BY, "")))
    ended = (Status.COMPLETED, Status.REVERTED, Status.CANCELLED)
    return begun.id if begun is not None and begun.status not in ended else None


def _register(home: "Home", record: ImportRecord, dry_run: bool, source: Source, created_by: str | None) -> str:
    spec = ImportSpec.model_validate(record.spec)
    name = f"Undo of {record.name or record.file_name or record.id}"[:127]
    undo_id = new_import_id()
    if not dry_run:  # first, so that an undo that was begun is found again wherever this is cut short
        imports.update(home.registry, record.id, details=record.details | {UNDONE_BY: undo_id})
    imports.create(
        home.registry,
        NewImport(
            id=undo_id,
            record_type=record.record_type,
            organization=record.organization,
            source=source,
            name=name,
            status=Status.UPLOADED,
            details={UNDOES: record.id},
            spec=spec.replaced(dry_run=dry_run, name=name).model_dump(mode="json"),
            file_name=record.file_name,
            created_by=created_by,
        ),
    )
    return undo_id


def execute_undo_phase(home: "Home", record: ImportRecord, work: "Work", phase: Phase) -> "PhaseReport":
    """Run one phase of an undo in its workspace."""
    from import_pipeline.phases.undo import Undone
    from import_pipeline.phases.undo_running import run_undo_phase

    undone = imports.get(home.registry, record.details[UNDOES])
    report = run_undo_phase(work, phase, Undone(undone.id, undone.details.get(UNDOES)))
    if phase is Phase.PREVALIDATION:
        imports.update(home.registry, record.id, total_rows=report.rows_in)
    return report


def settle(home: "Home", record: ImportRecord, report: "PhaseReport") -> str | None:
    """Say of the import that is undone that it is reverted; if it was an undo, what it undid is completed again.

    An undo that had to keep records leaves the import completed, so that it can be undone again.

    Returns:
        The reason of the undo: how many records it kept, if it kept some.
    """
    counts = summary(report.outcomes)
    kept = counts["kept"] + counts["errored"]
    if kept:
        undone = imports.get(home.registry, record.details[UNDOES])
        told = f"{report.rows_in - kept:,} of {report.rows_in:,} records taken back, {kept:,} kept."
        again = "Undo it again to take back what can go by then."
        imports.update(home.registry, undone.id, reason=f"Partly undone by {record.id}: {told} {again}")
        return told
    status, undone = Status.REVERTED, record.details.get(UNDOES)
    while undone is not None:
        other = imports.get(home.registry, undone)
        if {status, other.status} == {Status.COMPLETED, Status.REVERTED}:
            reason = f"Undone by {record.id}." if status is Status.REVERTED else f"Done again by {record.id}."
            imports.move(home.registry, undone, status, reason=reason)
        status = Status.COMPLETED if status is Status.REVERTED else Status.REVERTED
        undone = other.details.get(UNDOES)
    return None


def summary(counts: Any) -> dict[str, int]:
    """The outcomes of an undo in its own words: reverted, kept, errored; records that were gone already are neither."""
    reverted = sum(int(counts.get(name, 0)) for name in ("created", "updated", "deleted"))
    return {"reverted": reverted, "kept": int(counts.get("skipped", 0)), "errored": int(counts.get("failed", 0))}
