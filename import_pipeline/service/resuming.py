"""Going on with an import whose run died: from the first phase that had not ended, with what the workspace holds.

Whether records were written is the record store's to say (its marks), so a phase that had ended without the registry
hearing of it simply runs again. When a run counts as dead is the orchestration's affair.
"""

import time
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError, WorkspaceBusyError
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import open_workspace, workspace_path
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.imports import ImportService

RESUME_FROM = "resume_from"
ATTEMPTS = "attempts"
RESUMED_AFTER = "resumed_after"
MAX_ATTEMPTS = 5
ABANDONED_SECONDS = 30.0
"""Between two of its phases nobody has the workspace of an import open; so long that never lasts."""
_AT_ONCE = 500


def resume(service: "ImportService", import_id: str, reason: str, run_id: str | None = None) -> ImportRecord:
    """Queue an import again whose run died, to go on where it was.

    After `MAX_ATTEMPTS` deaths it fails instead: what kills its runs would kill the next one too.

    Args:
        service: The service.
        import_id: An import that is processing or queued, though no run has it any more.
        reason: How its run ended, for people.
        run_id: That run: its death counts once.

    Raises:
        StateError: The import is neither processing nor queued.
    """
    record = service.registry.get(import_id)
    if record.status not in (Status.PROCESSING, Status.QUEUED):
        raise StateError(import_id, record.status, "resumed", [])
    attempts = int(record.details.get(ATTEMPTS, 0)) + 1
    details = record.details | {ATTEMPTS: attempts, RESUMED_AFTER: run_id}
    if record.status is Status.PROCESSING:
        details[RESUME_FROM] = _first_unfinished(record)
    if attempts >= MAX_ATTEMPTS:
        told = f"{reason} Its runs died {attempts} times, so it is not tried again by itself; launch it when mended."
        return service.registry.move(import_id, Status.FAILED, reason=told, details=details)
    return service.registry.move(import_id, Status.QUEUED, reason=reason, details=details)


def resume_abandoned(service: "ImportService", now: float | None = None) -> list[str]:
    """Queue imports again that were at work in a process without a run, as undos are, and that nobody works on now.

    Args:
        service: The service.
        now: Epoch seconds.

    Returns:
        The ids of these imports.
    """
    before = (time.time() if now is None else now) - ABANDONED_SECONDS
    found = service.registry.list(status=Status.PROCESSING, limit=_AT_ONCE).items
    alone = [record for record in found if record.run_id is None and record.updated_at < before]
    return [record.id for record in alone if _resume_if_free(service, record)]


def _resume_if_free(service: "ImportService", record: ImportRecord) -> bool:
    try:
        if workspace_path(service.settings, record.id).exists():
            with open_workspace(service.settings, record.id):
                pass
        resume(service, record.id, "The process that worked on it ended.")
    except (WorkspaceBusyError, StateError):  # it lives, or came to its end this moment
        return False
    return True


def refuse_where_another_run_works(
    service: "ImportService", record: ImportRecord, phase: Phase, run_id: str | None
) -> None:
    """Let a run take an import out of the hands of another one only from its beginning, and once that one is gone.

    Two daemons of one home may start an import twice. The run that has it keeps it, the other one ends.

    Raises:
        WorkspaceBusyError: Another run works on the import, or had begun to.
    """
    if record.status is not Status.PROCESSING or record.run_id == run_id:
        return
    times = [record.updated_at, *(phase.ended_at or phase.started_at or 0 for phase in record.phases)]
    if phase is not Phase.PREVALIDATION or max(times) > time.time() - ABANDONED_SECONDS:
        raise WorkspaceBusyError(record.id)
    with open_workspace(service.settings, record.id):
        pass


def is_done_before(record: ImportRecord, phase: Phase) -> bool:
    """Whether a resumed import has this phase behind it already."""
    resumed_from = record.details.get(RESUME_FROM) if record.status is Status.QUEUED else None
    return resumed_from is not None and phase.position < Phase(resumed_from).position


def resumes_with(record: ImportRecord, phase: Phase) -> bool:
    """Whether a resumed import goes on with this phase."""
    return record.details.get(RESUME_FROM) == str(phase)


def without_mark(record: ImportRecord) -> dict[str, Any]:
    """The details of an import that has been taken up again."""
    return {name: value for name, value in record.details.items() if name != RESUME_FROM}


def _first_unfinished(record: ImportRecord) -> str:
    for phase in record.phases:
        if phase.status is not PhaseStatus.COMPLETED:
            return str(phase.name)
    return str(record.phases[-1].name)
