"""Going on with imports that stopped on their way: after the death of a run, a phase that broke, or on request.

Whether records were written is the record store's to say (its marks), so a phase that had ended without the registry
hearing of it simply runs again. With the mark of phase 6 an import is finished or undone, however often that fails.
When a run counts as dead is the orchestration's affair.
"""

import time
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError, WorkspaceBusyError
from import_pipeline.service.written import WRITING, is_written, may_be_written
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import RETRY_AT, ImportRecord
from import_pipeline.stores.workspace import has_table, open_workspace, workspace_path
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

RESUME_FROM = "resume_from"
ATTEMPTS = "attempts"
RESUMED_AFTER = "resumed_after"
MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 600
ABANDONED_SECONDS = 30.0
"""Between two of its phases nobody has the workspace of an import open; so long that never lasts."""
STARTABLE_AGAIN = (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, Status.EXPIRED)
OF_ATTEMPTS = (RESUME_FROM, ATTEMPTS, RESUMED_AFTER, RETRY_AT)
"""What the details say of attempts that are over once an import begins again or ends."""
_AT_ONCE = 500


def requeue(home: "Home", import_id: str, reason: str, run_id: str | None = None) -> ImportRecord:
    """Queue an import again whose run died, to go on where it was.

    After `MAX_ATTEMPTS` deaths it fails instead: what kills its runs would kill the next one too. One whose records are
    written is tried again for ever, with longer and longer pauses.

    Args:
        home: The home.
        import_id: An import that is processing or queued, though no run has it any more.
        reason: How its run ended, for people.
        run_id: That run: its death counts once.

    Raises:
        StateError: The import is neither processing nor queued.
    """
    record = imports.get(home.registry, import_id)
    if record.status not in (Status.PROCESSING, Status.QUEUED):
        raise StateError(import_id, record.status, "queued again", [])
    attempts = int(record.details.get(ATTEMPTS, 0)) + 1
    details = record.details | {ATTEMPTS: attempts, RESUMED_AFTER: run_id}
    if record.status is Status.PROCESSING:
        details[RESUME_FROM] = _first_unfinished(record)
    if attempts >= MAX_ATTEMPTS and may_be_written(home.settings, record):
        details[RETRY_AT] = int(time.time()) + _pause(attempts)
    elif attempts >= MAX_ATTEMPTS:
        told = (
            f"{reason} Its runs died {attempts} times, so it is not tried again by itself. Nothing was written; when "
            f"the cause is mended, `import-pipeline resume {import_id}` starts it again."
        )
        details.pop(WRITING, None)
        return imports.move(home.registry, import_id, Status.FAILED, reason=told, details=details)
    return imports.move(home.registry, import_id, Status.QUEUED, reason=reason, details=details)


def put_off(home: "Home", record: ImportRecord, phase: Phase, reason: str) -> ImportRecord:
    """Queue an import again whose records are written and one of whose last phases broke; it is tried again later.

    Args:
        home: The home.
        record: The import, which is processing.
        phase: The phase that broke.
        reason: What broke, for people.
    """
    attempts = int(record.details.get(ATTEMPTS, 0)) + 1
    # Without its tables a late phase has nothing to go on from; the mark keeps phase 6 from writing twice.
    goes_on = phase if _has_plan(home, record) else Phase.PREVALIDATION
    later = {ATTEMPTS: attempts, RESUME_FROM: str(goes_on), RETRY_AT: int(time.time()) + _pause(attempts)}
    return imports.move(
        home.registry,
        record.id,
        Status.QUEUED,
        only_from=(Status.PROCESSING,),
        reason=reason,
        details=record.details | later,
    )


def resume(home: "Home", import_id: str, organization: str | None = None) -> ImportRecord:
    """Start again an import that ended without records, or finish one whose records are written.

    Args:
        home: The home.
        import_id: The import.
        organization: Only if it belongs to it.

    Returns:
        The import, which is queued.

    Raises:
        NotFoundError: There is no such import, or it belongs to another organization.
        StateError: It is at work, waits for something, or has ended with its records.
        MisuseError: Its file is no longer there, or no longer the same.
    """
    record = imports.get(home.registry, import_id, organization)
    if record.status is Status.PROCESSING and requeue_if_abandoned(home, record):
        record = imports.get(home.registry, import_id)
    if record.status is Status.QUEUED:
        details = {name: value for name, value in record.details.items() if name not in (RETRY_AT, ATTEMPTS)}
        return imports.move(home.registry, import_id, Status.QUEUED, only_from=(Status.QUEUED,), details=details)
    if record.status not in STARTABLE_AGAIN:
        raise StateError(import_id, record.status, "resumed", [])
    details = {name: value for name, value in record.details.items() if name not in OF_ATTEMPTS}
    if is_written(home.settings, record):
        goes_on = _first_unfinished(record) if _has_plan(home, record) else str(Phase.PREVALIDATION)
        changes: dict[str, Any] = {"details": details | {RESUME_FROM: goes_on}}
    else:
        from import_pipeline.service.restarting import from_the_beginning

        details.pop(WRITING, None)
        changes = from_the_beginning(home, record, details)
    return imports.move(home.registry, import_id, Status.QUEUED, only_from=(record.status,), **changes)


def resume_abandoned(home: "Home", now: float | None = None) -> list[str]:
    """Queue imports again that were at work in a process without a run, as undos are, and that nobody works on now.

    Args:
        home: The home.
        now: Epoch seconds.

    Returns:
        The ids of these imports.
    """
    found = imports.list_imports(home.registry, status=Status.PROCESSING, limit=_AT_ONCE).items
    return [record.id for record in found if record.run_id is None and requeue_if_abandoned(home, record, now)]


def requeue_if_abandoned(home: "Home", record: ImportRecord, now: float | None = None) -> bool:
    """Queue an import again that is processing though nobody has worked on it for a while.

    Returns:
        Whether it was.
    """
    if record.updated_at >= (time.time() if now is None else now) - ABANDONED_SECONDS:
        return False
    try:
        if workspace_path(home.settings, record.id).exists():
            with open_workspace(home.settings, record.id):
                pass
        requeue(home, record.id, "The process that worked on it ended.")
    except (WorkspaceBusyError, StateError):  # it lives, or came to its end this moment
        return False
    return True


def refuse_where_another_run_works(home: "Home", record: ImportRecord, phase: Phase, run_id: str | None) -> None:
    """Refuse a run an import that another one has at work, or had until a moment ago.

    Two daemons of one home may start an import twice. The run that has it keeps it, the other one ends.

    Raises:
        WorkspaceBusyError: Another run works on the import, or had begun to.
    """
    if record.status is not Status.PROCESSING or record.run_id == run_id:
        return
    times = [record.updated_at, *(phase.ended_at or phase.started_at or 0 for phase in record.phases)]
    if phase is not Phase.PREVALIDATION or max(times) > time.time() - ABANDONED_SECONDS:
        raise WorkspaceBusyError(record.id)
    with open_workspace(home.settings, record.id):
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
    return {name: value for name, value in record.details.items() if name not in (RESUME_FROM, RETRY_AT)}


def _pause(attempts: int) -> int:
    return min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)


def _has_plan(home: "Home", record: ImportRecord) -> bool:
    """Whether the import's workspace is on this host and holds what the last phases work with."""
    if not workspace_path(home.settings, record.id).exists():
        return False
    with open_workspace(home.settings, record.id) as connection:
        return has_table(connection, "plan")


def _first_unfinished(record: ImportRecord) -> str:
    for phase in record.phases:
        if phase.status is not PhaseStatus.COMPLETED:
            return str(phase.name)
    return str(record.phases[-1].name)
