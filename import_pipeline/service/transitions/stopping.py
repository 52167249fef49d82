"""What ends imports, or sends them back: a run that died, an error, a person, the clock, an undo.

What has written is never failed, cancelled or timed out: it is finished.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ImportPipelineError, StateError, WorkspaceBusyError, WrittenError
from import_pipeline.service import written
from import_pipeline.service.events import Moved, happen
from import_pipeline.service.standing import phase_to_resume
from import_pipeline.service.transitions.holders import ANY_RUN, OfRun, if_ours
from import_pipeline.service.transitions.phases import ended
from import_pipeline.stores import imports, leases
from import_pipeline.stores.import_changes import Change
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

MAX_ATTEMPTS = 5
"""What killed so many runs of an import would kill the next one, too."""
FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 600


def requeue(
    home: "Home",
    reasons: Mapping[str, str],
    run_id: OfRun = ANY_RUN,
    *,
    broke: Phase | None = None,
    died: str | None = None,
    counts: bool = True,
) -> Moved:
    """Queue imports again whose run died or cannot go on now: from where their workspace stands, or from phase 1.

    With the mark of phase 6 they are tried for ever, with longer and longer pauses; without it they fail after
    MAX_ATTEMPTS, since what ended so many runs would end the next one, too.

    Args:
        home: The home.
        reasons: Why, for people, by id.
        run_id: Only those in the hands of this run.
        broke: The phase that could not be done though its process lives: it is tried again after a pause.
        died: The run that died, even where it had not taken them up: its death counts once.
        counts: Whether this is one of the MAX_ATTEMPTS; not where nobody had taken up the run. Then there is a pause.
    """
    before = {record.id: record for record in imports.read(home.registry, list(reasons))}
    are_written = {one.id for one in before.values() if written.may_be_written(home.settings, one)}
    resume_phases = {one.id: phase_to_resume(home, one, broke) for one in before.values()}

    def queue(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        former = before[record.id]
        if (record.run_id, record.writing_since) != (former.run_id, former.writing_since):
            return StateError(record.id, record.status, Status.QUEUED, [])
        attempts = record.attempts + counts
        values: dict[str, Any] = {"attempts": attempts, "lease_owner": None, "lease_until": None}
        failed_phase = {} if broke is None else {broke: ended(PhaseStatus.FAILED, now)}
        if record.id not in are_written:
            values["writing_since"] = None
            if counts and attempts >= MAX_ATTEMPTS:
                return _given_up(record, reasons[record.id], values, failed_phase)
        if record.status is Status.PROCESSING:
            values["resume_phase"] = resume_phases[record.id]
        if died is not None:
            values["run_id"] = died
        if broke is not None or not counts or attempts >= MAX_ATTEMPTS:
            values["retry_at"] = now + _pause(max(1, attempts))
        return Change(Status.QUEUED, values, reasons[record.id], failed_phase)

    def unless_lost(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        return (None if run_id is ANY_RUN else if_ours(record, run_id)) or queue(record, now)

    return happen(home, "requeue", list(reasons), unless_lost)


def _given_up(
    record: ImportRecord, reason: str, values: dict[str, Any], phases: Mapping[Phase, Mapping[str, Any]]
) -> Change:
    given_up = (
        f"{reason} Its runs died {values['attempts']} times, so it is not tried again by itself. Nothing was written; "
        f"when the cause is removed, `import-pipeline resume {record.id}` starts it again."
    )
    return Change(Status.FAILED, values, given_up, phases)


def _pause(attempts: int) -> int:
    return min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)


def finish(home: "Home", reasons: Mapping[str, str]) -> Moved:
    """Queue imports that ended though their records are written; only those of which the mark says so."""
    before = {record.id: record for record in imports.read(home.registry, list(reasons))}
    marked = {one.id: phase_to_resume(home, one) for one in before.values() if written.is_written(home.settings, one)}
    imports.note_nothing_written(home.registry, [before[unmarked] for unmarked in before.keys() - marked.keys()])

    def queue(record: ImportRecord, _: int) -> Change | None:
        return Change(Status.QUEUED, {"resume_phase": marked[record.id]}, reasons[record.id])

    return happen(home, "finish", list(marked), queue)


def fail(home: "Home", reasons: Mapping[str, str], run_id: OfRun = ANY_RUN, *, phase: Phase | None = None) -> Moved:
    """End imports that cannot go on; those that have written are passed over (WrittenError): they are finished.

    Args:
        home: The home.
        reasons: Why, for people, by id.
        run_id: Only those in the hands of this run.
        phase: The phase that failed.
    """
    before = imports.read(home.registry, list(reasons))
    are_written = {one.id for one in before if written.may_be_written(home.settings, one)}
    unsure = {one.id: one.writing_since for one in before}

    def end_it(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        if record.id in are_written or record.writing_since != unsure[record.id]:
            return WrittenError(record.id)
        phases = {} if phase is None else {phase: ended(PhaseStatus.FAILED, now)}
        changed = Change(Status.FAILED, {"writing_since": None}, reasons[record.id], phases)
        return (None if run_id is ANY_RUN else if_ours(record, run_id)) or changed

    return happen(home, "fail", list(reasons), end_it)


def cancel(
    home: "Home", ids: Sequence[str], reason: str = "Cancelled on request.", *, phase: Phase | None = None
) -> Moved:
    """Stop imports that have not ended, wherever they run: the run notices, and drops what it did.

    Passed over are those that have ended (StateError) and those whose records are being written (WrittenError): they
    stay, and can be undone.
    """

    def stop(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        if record.writing_since is not None:
            return WrittenError(record.id)
        phases = {} if phase is None else {phase: ended(PhaseStatus.FAILED, now)}
        return Change(Status.CANCELLED, {}, reason, phases)

    return happen(home, "cancel", ids, stop)


def time_out(home: "Home", ids: Sequence[str], cause: str | None = None) -> Moved:
    """End imports that took too long; those that may have written are passed over (WrittenError).

    Args:
        home: The home.
        ids: The imports.
        cause: What is known of it, for people.
    """
    cause = cause or f"It took longer than {home.settings.run_seconds} seconds (IMPORT_PIPELINE_RUN_SECONDS)."

    def end_it(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        if record.writing_since is not None:
            return WrittenError(record.id)
        reason = f"{cause} Nothing was written; `import-pipeline resume {record.id}` starts it again."
        return Change(Status.TIMED_OUT, {}, reason)

    return happen(home, "time_out", ids, end_it)


def expire(home: "Home", ids: Sequence[str], reason: str) -> Moved:
    """End imports whose file did not come in time, or which nobody started."""
    return happen(home, "expire", ids, lambda _, now: Change(Status.EXPIRED, {}, reason))


def end_by_undo(home: "Home", ids: Sequence[str]) -> Moved:
    """End imports whose records are written and whose last phase is not done: they are about to be undone."""
    reason = "It was undone before its last phase was done."
    over = {"resume_phase": None, "attempts": 0, "retry_at": None}

    def end_it(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        return (
            WorkspaceBusyError(record.id)
            if leases.is_held_elsewhere(record, now)
            else Change(Status.COMPLETED, over, reason)
        )

    return happen(home, "end_by_undo", ids, end_it)


def revert(home: "Home", ids: Sequence[str], undo_id: str) -> Moved:
    """Note that imports are undone."""
    return happen(home, "revert", ids, lambda _, now: Change(Status.REVERTED, {}, f"Undone by {undo_id}."))


def restore(home: "Home", ids: Sequence[str], undo_id: str) -> Moved:
    """Note that the undo of imports is undone: they are done again."""
    return happen(home, "restore", ids, lambda _, now: Change(Status.COMPLETED, {}, f"Done again by {undo_id}."))
