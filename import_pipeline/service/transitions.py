"""Transitions: what may happen to imports, and the one way in which each of it happens.

Every function takes a list of imports, is one transaction, and passes over those that are not any more where the event
may happen; from where to where each leads is in `events.py`. Whether records were written is asked of the record store
before, and an import that has begun to write since is passed over, too.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import (
    ImportPipelineError,
    StartedError,
    StateError,
    StoppedError,
    WorkspaceBusyError,
    WrittenError,
)
from import_pipeline.service import written
from import_pipeline.service.events import Moved, happen
from import_pipeline.service.standing import phase_to_resume, this_host
from import_pipeline.stores import imports, leases
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.imports import Change
from import_pipeline.words import PHASES_IN_SYNC, Outcome, Phase, PhaseMode, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.errors import ReviewNeededError
    from import_pipeline.home import Home

MAX_ATTEMPTS = 5
"""What killed so many runs of an import would kill the next one, too."""
FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 600
KEEP_SECONDS = 120
"""So long a queued import is left to the process that keeps it for itself."""


_LASTING = ("remembered_mapping",)


class AnyRun(Enum):
    """Stands for whatever run has an import."""

    ANY_RUN = "any run"


ANY_RUN = AnyRun.ANY_RUN
OfRun = str | None | AnyRun


@dataclass(frozen=True, kw_only=True)
class PhaseEnd:
    """How one phase of one import ended well.

    Attributes:
        rows_in: How many rows came into it; None where it has nothing to do with rows.
        rows_out: How many of them go on.
        changes: Fields of the import to set: what the phase found out, or counts so far.
        reason: For people.
        started_at: When it began, in epoch seconds, where that was not noted then.
        seconds: How long it took.
    """

    import_id: str
    phase: Phase
    rows_in: int | None = None
    rows_out: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    started_at: int | None = None
    seconds: float | None = None

    def columns(self, now: int) -> dict[str, Any]:
        """What is to be set of the phase."""
        counts: dict[str, Any] = {"seconds": self.seconds}
        if self.rows_in is not None and self.rows_out is not None:
            counts |= {"total": self.rows_in, "processed": self.rows_in, "success": self.rows_out}
            counts["error"] = self.rows_in - self.rows_out
        if self.started_at is not None:
            counts["started_at"] = self.started_at
        return counts | _ended(PhaseStatus.COMPLETED, now)


def begin(home: "Home", ids: Sequence[str], phase: Phase, run_id: str | None) -> Moved:
    """Put imports into the hands of a run of this process, for one phase.

    Refused are those that another process has or keeps (WorkspaceBusyError), and those that are not at this phase
    (StateError). A run that saw an import fail does not take it up again, another may.
    """

    def take(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        if not _is_free(record, phase, run_id, now):
            return WorkspaceBusyError(record.id)
        if not _is_at(record, phase, run_id):
            return StateError(record.id, record.status, Status.PROCESSING, [])
        values = {"run_id": run_id, "resume_phase": None, "retry_at": None, "waits_for": None} | _lease(now)
        if record.status is Status.PROCESSING and record.run_id != run_id:
            values["run_since"] = now
        if phase is Phase.PREVALIDATION:
            values["workspace_host"] = this_host()
        return Change(Status.PROCESSING, values, phases={phase: _begun(record, phase, now)})

    return happen(home, "begin", ids, take)


def note_writing(home: "Home", ids: Sequence[str], run_id: str | None) -> None:
    """Note that the records of imports are written next, all of them or none.

    Raises:
        StoppedError: One of them is not in the hands of the run any more; nothing is noted then.
    """

    def note(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        return _if_ours(record, run_id) or Change(Status.PROCESSING, {"writing_since": now} | _lease(now))

    for import_id, error in happen(home, "note_writing", ids, note, all_or_none=True).refused.items():
        raise StoppedError(import_id, str(error.culprits.get("status", "gone"))) from error


def end_phase(home: "Home", ends: Sequence[PhaseEnd], run_id: str | None) -> Moved:
    """Note how a phase of imports ended, before they go on with the next."""
    by_id = {end.import_id: end for end in ends}

    def note(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        end = by_id[record.id]
        changed = Change(Status.PROCESSING, {**end.changes, **_lease(now)}, end.reason, {end.phase: end.columns(now)})
        return _if_ours(record, run_id) or changed

    return happen(home, "end_phase", list(by_id), note)


def complete(home: "Home", ends: Sequence[PhaseEnd], run_id: str | None) -> Moved:
    """End imports whose last phase has ended; phases that ended before without a word may be given with it."""
    by_id: defaultdict[str, list[PhaseEnd]] = defaultdict(list)
    for end in sorted(ends, key=lambda end: end.phase.position):
        by_id[end.import_id].append(end)

    def end_it(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        changes = {name: value for end in by_id[record.id] for name, value in end.changes.items()}
        columns = {end.phase: end.columns(now) for end in by_id[record.id]}
        return _if_ours(record, run_id) or Change(Status.COMPLETED, changes, by_id[record.id][-1].reason, columns)

    return happen(home, "complete", list(by_id), end_it)


def wait_for_review(
    home: "Home", reviews: Mapping[str, "ReviewNeededError"], phase: Phase, run_id: str | None
) -> Moved:
    """Let imports wait for a person; what is asked, and what going on would change, comes with the errors."""

    def wait(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        asked = dict(reviews[record.id].culprits)
        previewed = asked.get("preview")
        values: dict[str, Any] = {
            "accepting": asked.get("accepting"),
            "asked_repeat_of": asked.pop("asked_repeat_of", None),
        }
        if previewed is not None:
            values["has_errors_file"] = previewed[Outcome.FAILED] > 0
        changed = Change(
            Status.NEEDS_REVIEW,
            values | {"details": _lasting(record) | asked},
            reviews[record.id].message,
            {phase: _ended(PhaseStatus.COMPLETED, now)},
        )
        return _if_ours(record, run_id) or changed

    return happen(home, "wait_for_review", list(reviews), wait)


def wait_for(home: "Home", ids: Sequence[str], holder: str, reason: str, run_id: str | None) -> Moved:
    """Let imports wait until one with the same bytes has ended; whoever ends it wakes them."""

    def wait(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        ended = {Phase.PREVALIDATION: _ended(PhaseStatus.COMPLETED, now)}
        return _if_ours(record, run_id) or Change(Status.UPLOADED, {"waits_for": holder}, reason, ended)

    moved = happen(home, "wait_for", ids, wait)
    if moved.records:
        wake(home, ids)  # it may have ended in this moment
    return moved


def leave_out(home: "Home", ids: Sequence[str], repeat_of: str, reason: str, run_id: str | None) -> Moved:
    """End imports whose bytes were imported before."""

    def leave(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        ended = {Phase.PREVALIDATION: _ended(PhaseStatus.COMPLETED, now)}
        values = {"repeat_of": repeat_of, "details": {"same_bytes_as": repeat_of}}
        return _if_ours(record, run_id) or Change(Status.CANCELLED, values, reason, ended)

    return happen(home, "leave_out", ids, leave)


def hand_over(home: "Home", ids: Sequence[str], resume_phase: Phase, run_id: OfRun = ANY_RUN) -> Moved:
    """Queue imports of which this process has done the first phases: a run goes on with the next."""

    def hand(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        handed = Change(Status.QUEUED, {"resume_phase": resume_phase})
        return handed if record.lease_owner is None else _if_ours(record, run_id) or handed

    return happen(home, "hand_over", ids, hand)


def leave_batch(home: "Home", ids: Sequence[str], run_id: str | None) -> Moved:
    """Queue imports again that left their batch; until their run ends, it alone takes them up."""

    def leave(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        return _if_ours(record, run_id) or Change(Status.QUEUED, {"run_id": None, "resume_phase": None})

    return happen(home, "leave_batch", ids, leave)


def keep(home: "Home", ids: Sequence[str], seconds: float = KEEP_SECONDS) -> Moved:
    """Keep queued imports for this process, which means to run them; those that another one keeps stay with it."""

    def take(record: ImportRecord, now: int) -> Change | None:
        is_free = record.lease_owner is None or leases.is_over(record, now)
        return Change(Status.QUEUED, _kept(now, seconds)) if is_free else None

    return happen(home, "keep", ids, take)


def release(home: "Home", ids: Sequence[str], owner: str | None = None) -> Moved:
    """Let imports go that a process has or keeps for itself, without another word.

    Nobody goes on by itself with one that is processing; one that is queued is started by a run.

    Args:
        home: The home.
        ids: The imports.
        owner: The process; this one by default.
    """
    owner = leases.this_process() if owner is None else owner

    def let_go(record: ImportRecord, _: int) -> Change | None:
        is_its = record.lease_owner == owner
        return Change(record.status, {"lease_owner": None, "lease_until": None}) if is_its else None

    return happen(home, "release", ids, let_go)


def note_upload(home: "Home", ids: Sequence[str], begun_at: int | None) -> Moved:
    """Note when the file of imports began to come, or that it came to nothing."""
    return happen(home, "note_upload", ids, lambda _, now: Change(Status.REQUESTED, {"upload_begun_at": begun_at}))


def receive(home: "Home", ids: Sequence[str], **file: Any) -> Moved:
    """Note that the file of imports is in the bucket.

    Args:
        home: The home.
        ids: The imports.
        file: What is known of it: its key, version and size.
    """
    return happen(home, "receive", ids, lambda _, now: Change(Status.UPLOADED, file | {"has_upload_file": True}))


def reopen(home: "Home", ids: Sequence[str]) -> Moved:
    """Wait for another file in the place of one that cannot be read."""
    unknown = {"object_key": None, "object_version": None, "size_bytes": None, "has_upload_file": False}
    return happen(home, "reopen", ids, lambda _, now: Change(Status.REQUESTED, unknown))


def revise(home: "Home", import_id: str, respecify: Callable[[ImportRecord], dict[str, Any]]) -> Moved:
    """Change what is asked of a draft, or of an import that waits for a person; nothing starts by it.

    A preview of what was asked before counts no more: the import is previewed anew when it goes on.

    Args:
        home: The home.
        import_id: The import.
        respecify: Given the import as it is now, gives the fields to set; what it raises leaves it as it is.
    """

    def change(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        if not record.is_draft and record.status is not Status.NEEDS_REVIEW:
            return StateError(record.id, record.status, "changed", [])
        return Change(record.status, respecify(record) | record.without_preview)

    moved = happen(home, "revise", [import_id], change)
    started = {
        one: StartedError(one, error.culprits["status"])
        for one, error in moved.refused.items()
        if isinstance(error, StateError)
    }
    return Moved(moved.records, moved.refused | started)


def preview(home: "Home", ids: Sequence[str], *, keep_seconds: float | None = None, updated_by: str | None) -> Moved:
    """Queue imports for a preview, whatever they wait for: they stop again before anything is written.

    From then on a person brings them on by hand, as they do with a draft.

    Args:
        home: The home.
        ids: The imports.
        keep_seconds: How long they are left to this process, which means to run them itself.
        updated_by: Who asks for it.
    """

    def queue(record: ImportRecord, now: int) -> Change:
        values: dict[str, Any] = {"spec": record.spec | {"preview": True}, "details": _lasting(record)}
        values |= {"accepting": None, "upload_kind": "draft", "updated_by": updated_by}
        return Change(Status.QUEUED, values | _kept(now, keep_seconds))

    return happen(home, "start", ids, queue)


def start(home: "Home", ids: Sequence[str], *, keep_seconds: float | None = None, **changes: Any) -> Moved:
    """Queue imports whose file is there.

    Args:
        home: The home.
        ids: The imports.
        keep_seconds: How long they are left to this process, which means to run them itself.
        changes: Fields to set, for example the spec. Where it says what to do, it is done even with the same bytes.
    """

    def queue(record: ImportRecord, now: int) -> Change:
        spec = changes.get("spec")
        again = {"spec": spec | {"import_again": True}} if spec is not None and record.asked_repeat_of else {}
        values = changes | again | {"accepting": None, "asked_repeat_of": None}
        return Change(Status.QUEUED, values | _kept(now, keep_seconds))

    return happen(home, "start", ids, queue)


def confirm(home: "Home", record: ImportRecord, spec: Mapping[str, Any], *, keep_seconds: float | None = None) -> Moved:
    """Let an import go on with what a person decided, unless another decision came first.

    Args:
        home: The home.
        record: The import, as it was when the decision was made.
        spec: What it is to do.
        keep_seconds: How long it is left to this process, which means to run it itself.
    """

    def decide(now_is: ImportRecord, now: int) -> Change | StateError:
        if (now_is.spec, now_is.accepting) != (record.spec, record.accepting):
            return StateError(record.id, now_is.status, "confirmed", [])
        values = {"spec": dict(spec), "details": _lasting(now_is), "accepting": None, "asked_repeat_of": None}
        return Change(Status.QUEUED, values | _kept(now, keep_seconds))

    return happen(home, "confirm", [record.id], decide)


def wake(home: "Home", ids: Sequence[str]) -> Moved:
    """Queue imports that waited for one with the same bytes, if that has ended."""
    waiting = {record.id: record.waits_for for record in imports.read(home.registry, ids) if record.waits_for}
    holders = {one.id: one for one in imports.read(home.registry, list(waiting.values()))}

    def queue(record: ImportRecord, _: int) -> Change | None:
        holder = holders.get(record.waits_for or "")
        waits = record.waits_for is None or (holder is not None and not holder.status.is_final)
        return None if waits else Change(Status.QUEUED, {"waits_for": None})

    return happen(home, "wake", list(waiting), queue)


def requeue(
    home: "Home",
    reasons: Mapping[str, str],
    run_id: OfRun = ANY_RUN,
    *,
    broke: Phase | None = None,
    died: str | None = None,
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
    """
    before = {record.id: record for record in imports.read(home.registry, list(reasons))}
    are_written = {one.id for one in before.values() if written.may_be_written(home.settings, one)}
    resume_phases = {one.id: phase_to_resume(home, one, broke) for one in before.values()}

    def queue(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        former = before[record.id]
        if (record.run_id, record.writing_since) != (former.run_id, former.writing_since):
            return StateError(record.id, record.status, Status.QUEUED, [])
        attempts = record.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "lease_owner": None, "lease_until": None}
        failed_phase = {} if broke is None else {broke: _ended(PhaseStatus.FAILED, now)}
        if record.id not in are_written:
            values["writing_since"] = None
            if attempts >= MAX_ATTEMPTS:
                return _given_up(record, reasons[record.id], values, failed_phase)
        if record.status is Status.PROCESSING:
            values["resume_phase"] = resume_phases[record.id]
        if died is not None:
            values["run_id"] = died
        if broke is not None or attempts >= MAX_ATTEMPTS:
            values["retry_at"] = now + _pause(attempts)
        return Change(Status.QUEUED, values, reasons[record.id], failed_phase)

    def if_ours(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        return (None if run_id is ANY_RUN else _if_ours(record, run_id)) or queue(record, now)

    return happen(home, "requeue", list(reasons), if_ours)


def _given_up(
    record: ImportRecord, reason: str, values: dict[str, Any], phases: Mapping[Phase, Mapping[str, Any]]
) -> Change:
    told = (
        f"{reason} Its runs died {values['attempts']} times, so it is not tried again by itself. Nothing was written; "
        f"when the cause is mended, `import-pipeline resume {record.id}` starts it again."
    )
    return Change(Status.FAILED, values, told, phases)


def finish(home: "Home", reasons: Mapping[str, str]) -> Moved:
    """Queue imports that ended though their records are written; only those of which the mark says so."""
    before = {record.id: record for record in imports.read(home.registry, list(reasons))}
    marked = {one.id: phase_to_resume(home, one) for one in before.values() if written.is_written(home.settings, one)}
    for unmarked in before.keys() - marked.keys():
        imports.update(home.registry, unmarked, writing_since=None)

    def queue(record: ImportRecord, _: int) -> Change | None:
        return Change(Status.QUEUED, {"resume_phase": marked[record.id]}, reasons[record.id])

    return happen(home, "finish", list(marked), queue)


def resume(home: "Home", record: ImportRecord, changes: Mapping[str, Any], keep_seconds: float | None = None) -> Moved:
    """Start an import again that ended without its last phase, or at once one that is to be tried again later.

    Args:
        home: The home.
        record: The import, as it was when that was decided.
        changes: Fields to set.
        keep_seconds: How long it is left to this process, which means to run it itself.
    """

    def queue(now_is: ImportRecord, now: int) -> Change | StateError:
        if now_is.status is not record.status:
            return StateError(record.id, now_is.status, "resumed", [])
        return Change(Status.QUEUED, {"attempts": 0, "retry_at": None, **changes} | _kept(now, keep_seconds))

    return happen(home, "resume", [record.id], queue)


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
        phases = {} if phase is None else {phase: _ended(PhaseStatus.FAILED, now)}
        changed = Change(Status.FAILED, {"writing_since": None}, reasons[record.id], phases)
        return (None if run_id is ANY_RUN else _if_ours(record, run_id)) or changed

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
        phases = {} if phase is None else {phase: _ended(PhaseStatus.FAILED, now)}
        return Change(Status.CANCELLED, {}, reason, phases)

    return happen(home, "cancel", ids, stop)


def time_out(home: "Home", ids: Sequence[str], told: str | None = None) -> Moved:
    """End imports that took too long; those that may have written are passed over (WrittenError).

    Args:
        home: The home.
        ids: The imports.
        told: What is known of it, for people.
    """
    told = told or f"It took longer than {home.settings.run_seconds} seconds (IMPORT_PIPELINE_RUN_SECONDS)."

    def end_it(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        if record.writing_since is not None:
            return WrittenError(record.id)
        reason = f"{told} Nothing was written; `import-pipeline resume {record.id}` starts it again."
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


def _lasting(record: ImportRecord) -> dict[str, Any]:
    """What people are still shown of an import that was asked about and goes on."""
    return {name: value for name, value in record.details.items() if name in _LASTING}


def _is_free(record: ImportRecord, phase: Phase, run_id: str | None, now: int) -> bool:
    """Whether a run of this process may have the import: nobody else has it, or it was left by who had it."""
    if record.lease_owner is None or leases.is_over(record, now):
        return record.status is not Status.PROCESSING or record.run_id == run_id or _is_left(record, phase)
    if record.status is Status.QUEUED:
        return leases.is_of_family(record.lease_owner)
    return record.lease_owner == leases.this_process() and record.run_id == run_id


def _is_left(record: ImportRecord, phase: Phase) -> bool:
    """Whether another run may go on: after one that died with the first phase, after one that ended with the next."""
    return phase is Phase.PREVALIDATION or record.lease_owner is None


def _is_at(record: ImportRecord, phase: Phase, run_id: str | None) -> bool:
    """Whether this phase is the next of an import."""
    if record.status is Status.PROCESSING:
        return True
    if record.status in (Status.FAILED, Status.TIMED_OUT):
        before = record.phases[: phase.position - 1]
        is_new = run_id is None or record.run_id != run_id
        return is_new and all(earlier.status is PhaseStatus.COMPLETED for earlier in before)
    return phase in (record.resume_phase, Phase.PREVALIDATION)


def _if_ours(record: ImportRecord, run_id: OfRun) -> StateError | None:
    """Why an import is not in the hands of this run of this process any more, if it is not."""
    is_ours = record.status is Status.PROCESSING and record.lease_owner == leases.this_process()
    if is_ours and run_id in (ANY_RUN, record.run_id):
        return None
    return StateError(record.id, record.status, "changed by this run", [])


def _lease(now: int) -> dict[str, Any]:
    return {"lease_owner": leases.this_process(), "lease_until": now + leases.LEASE_SECONDS}


def _kept(now: int, seconds: float | None) -> dict[str, Any]:
    return {} if seconds is None else {"lease_owner": leases.this_process(), "lease_until": now + int(seconds)}


def _begun(record: ImportRecord, phase: Phase, now: int) -> dict[str, Any]:
    in_sync = phase.position <= PHASES_IN_SYNC[record.upload_mode]
    mode = PhaseMode.SYNC if in_sync else PhaseMode.ASYNC
    begun = {"mode": mode.value, "status": PhaseStatus.RUNNING.value, "total": record.total_rows}
    return begun | {"processed": 0, "success": 0, "error": 0, "started_at": now, "ended_at": None, "seconds": None}


def _ended(status: PhaseStatus, now: int) -> dict[str, Any]:
    return {"status": status.value, "ended_at": now}


def _pause(attempts: int) -> int:
    return min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
