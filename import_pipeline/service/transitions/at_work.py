"""What happens to imports in the hands of a run: it takes them up, does their phases, and lets them go.

Each is passed over where the run has it no more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import (
    DoneBeforeError,
    ImportPipelineError,
    OverdueError,
    StateError,
    StoppedError,
    WorkspaceBusyError,
)
from import_pipeline.service.events import Moved, happen
from import_pipeline.service.standing import is_done_before, is_overdue, this_host
from import_pipeline.service.transitions.holders import ANY_RUN, OfRun, if_ours, is_at, is_free, lease
from import_pipeline.service.transitions.phases import PhaseEnd, begun, ended
from import_pipeline.service.transitions.waiting import lasting, wake
from import_pipeline.stores import leases
from import_pipeline.stores.import_changes import Change
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Outcome, Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.errors import ReviewNeededError
    from import_pipeline.home import Home


def begin(home: "Home", ids: Sequence[str], phase: Phase, run_id: str | None) -> Moved:
    """Put imports into the hands of a run of this process, for one phase.

    Refused are those that another process has or keeps (WorkspaceBusyError), those that have the phase behind them in a
    workspace of this host (DoneBeforeError), those whose time is over (OverdueError), and those that are not at this
    phase (StateError). A run that saw an import fail does not take it up again, another may.
    """

    def take(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        if is_done_before(home, record, phase):
            return DoneBeforeError(record.id, record.status)
        is_ours = record.status is Status.PROCESSING and record.run_id == run_id
        if is_ours and record.writing_since is None and is_overdue(home, record, now):
            return OverdueError(record.id, record.status)
        if not is_free(record, phase, run_id, now):
            return WorkspaceBusyError(record.id)
        if not is_at(record, phase, run_id):
            return StateError(record.id, record.status, Status.PROCESSING, [])
        values = {"run_id": run_id, "resume_phase": None, "retry_at": None, "waits_for": None} | lease(now)
        if record.status is Status.PROCESSING and record.run_id != run_id:
            values["run_since"] = now
        if phase is Phase.PREVALIDATION:
            values["workspace_host"] = this_host()
        return Change(Status.PROCESSING, values, phases={phase: begun(record, phase, now)})

    return happen(home, "begin", ids, take)


def note_writing(home: "Home", ids: Sequence[str], run_id: str | None) -> None:
    """Note that the records of imports are written next, all of them or none.

    Raises:
        StoppedError: One of them is not in the hands of the run any more; nothing is noted then.
    """

    def note(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        return if_ours(record, run_id) or Change(Status.PROCESSING, {"writing_since": now} | lease(now))

    for import_id, error in happen(home, "note_writing", ids, note, all_or_none=True).refused.items():
        raise StoppedError(import_id, str(error.culprits.get("status", "gone"))) from error


def end_phase(home: "Home", ends: Sequence[PhaseEnd], run_id: str | None) -> Moved:
    """Note how a phase of imports ended, before they go on with the next."""
    by_id = {end.import_id: end for end in ends}

    def note(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        end = by_id[record.id]
        changed = Change(Status.PROCESSING, {**end.changes, **lease(now)}, end.reason, {end.phase: end.columns(now)})
        return if_ours(record, run_id) or changed

    return happen(home, "end_phase", list(by_id), note)


def complete(home: "Home", ends: Sequence[PhaseEnd], run_id: str | None) -> Moved:
    """End imports whose last phase has ended; phases that ended before without a word may be given with it."""
    by_id: defaultdict[str, list[PhaseEnd]] = defaultdict(list)
    for end in sorted(ends, key=lambda end: end.phase.position):
        by_id[end.import_id].append(end)

    def end_it(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        changes = {name: value for end in by_id[record.id] for name, value in end.changes.items()}
        columns = {end.phase: end.columns(now) for end in by_id[record.id]}
        not_to_come = (one.name for one in record.phases if one.status is PhaseStatus.PENDING)  # as of a dry run
        columns = {name: ended(PhaseStatus.SKIPPED, now) for name in not_to_come} | columns
        return if_ours(record, run_id) or Change(Status.COMPLETED, changes, by_id[record.id][-1].reason, columns)

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
            values | {"details": lasting(record) | asked},
            reviews[record.id].message,
            {phase: ended(PhaseStatus.NEEDS_REVIEW, now)},
        )
        return if_ours(record, run_id) or changed

    return happen(home, "wait_for_review", list(reviews), wait)


def wait_for(home: "Home", ids: Sequence[str], holder: str, reason: str, run_id: str | None) -> Moved:
    """Let imports wait until one with the same bytes has ended; whoever ends it wakes them."""

    def wait(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        phases = {Phase.PREVALIDATION: ended(PhaseStatus.COMPLETED, now)}
        return if_ours(record, run_id) or Change(Status.UPLOADED, {"waits_for": holder}, reason, phases)

    moved = happen(home, "wait_for", ids, wait)
    if moved.records:
        wake(home, ids)  # it may have ended in this moment
    return moved


def leave_out(home: "Home", ids: Sequence[str], repeat_of: str, reason: str, run_id: str | None) -> Moved:
    """End imports whose bytes were imported before."""

    def leave(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        phases = {Phase.PREVALIDATION: ended(PhaseStatus.COMPLETED, now)}
        values = {"repeat_of": repeat_of, "details": {"same_bytes_as": repeat_of}}
        return if_ours(record, run_id) or Change(Status.CANCELLED, values, reason, phases)

    return happen(home, "leave_out", ids, leave)


def hand_over(home: "Home", ids: Sequence[str], resume_phase: Phase, run_id: OfRun = ANY_RUN) -> Moved:
    """Queue imports of which this process has done the first phases: a run goes on with the next."""

    def hand(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        handed = Change(Status.QUEUED, {"resume_phase": resume_phase})
        return handed if record.lease_owner is None else if_ours(record, run_id) or handed

    return happen(home, "hand_over", ids, hand)


def leave_batch(home: "Home", ids: Sequence[str], run_id: str | None) -> Moved:
    """Queue imports again that left their batch; until their run ends, it alone takes them up."""

    def leave(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        return if_ours(record, run_id) or Change(Status.QUEUED, {"run_id": None, "resume_phase": None})

    return happen(home, "leave_batch", ids, leave)


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
