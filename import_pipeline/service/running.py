"""One way through a phase, for a batch of one import or of several: it begins, is watched, executed, and ends.

How the phase gets what it needs is in `batches.py`, how it works in `phases/`; who stops it in `watching.py`; what
becomes of imports whose phase broke in `breaking_off.py`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from import_pipeline.errors import (
    DoneBeforeError,
    MappingError,
    OverdueError,
    PayloadError,
    ReviewNeededError,
    SpecError,
    StateError,
    StoppedError,
)
from import_pipeline.logs import about
from import_pipeline.service import publishing, remembering, transitions
from import_pipeline.service.breaking_off import break_off, still_ours
from import_pipeline.service.phase_ends import end_of_import, end_of_phase, is_last
from import_pipeline.service.retry import with_retries
from import_pipeline.service.transitions import PhaseEnd
from import_pipeline.service.undone import settle
from import_pipeline.service.watching import watched
from import_pipeline.stores import imports, phase_log
from import_pipeline.stores.engine import drop_workspace_of
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.service.batches import Batch, Executed
    from import_pipeline.service.watching import Watch

log = logging.getLogger(__name__)


@dataclass
class PhaseResult:
    """What a phase of a batch came to.

    Attributes:
        reports: Import id → what the phase tells of it, or why there was nothing to do.
        errors: Import id → why it did not end well: it was stopped, is at work elsewhere, or the pipeline broke.
    """

    reports: dict[str, "PhaseReport"] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)


def run_phase_of(
    home: "Home",
    import_id: str,
    phase: Phase,
    run_id: str | None = None,
    cancels: Callable[[BaseException], bool] = lambda error: False,
) -> "PhaseReport":
    """Run one phase of one import, or say why there is nothing to do; what `run_phase` notes as an error is raised.

    Args:
        home: The home.
        import_id: The import.
        phase: The phase; the ones before it must have ended.
        run_id: The run that works on it.
        cancels: Whether what broke the phase was somebody who wanted the run to end, and so the import.

    Raises:
        StoppedError: The import was cancelled, or its time was over; its status says so.
        WorkspaceBusyError: Another run works on it.
    """
    from import_pipeline.service.batches import Batch

    result = run_phase(Batch(home, [import_id], run_id, cancels), phase)
    for error in result.errors.values():
        raise error
    return result.reports[import_id]


def run_phase(batch: "Batch", phase: Phase) -> PhaseResult:
    """Run one phase of the imports of a batch; afterwards those are in it that go on with the next.

    A broken pipeline ends an import as failed; bad rows do not. What breaks once records are written is an error, too,
    but the import is queued to be finished. Where a person has to decide, the import waits as needs_review and its
    report says `stopped`. A run that saw an import fail does not take it up again, another may. Who leaves a batch of
    several is queued again: for a later one, or, where the batch as a whole broke, to go by itself.

    Args:
        batch: The batch.
        phase: The phase; the ones before it must have ended.
    """
    result, asked = PhaseResult(), list(batch.import_ids)
    records = _begin(batch, phase, result)
    behind = [report.import_id for report in result.reports.values() if report.done_before]
    batch.import_ids = []
    if records:
        _run(batch, records, phase, result)
    batch.import_ids = sorted([*batch.import_ids, *behind], key=asked.index)
    return result


def _run(batch: "Batch", records: Sequence[ImportRecord], phase: Phase, result: PhaseResult) -> None:
    ids, organization = [record.id for record in records], records[0].organization
    with about(imports=ids, run=batch.run_id, phase=phase, organization=organization):
        _run_watched(batch, records, phase, result)
        for error in result.errors.values():
            level = logging.INFO if isinstance(error, PayloadError) else logging.WARNING  # bad files are usual
            log.log(level, "The phase did not end well: %s", type(error).__name__)  # its text may quote a row
        log.info("Phase %s ended for %d imports", phase, len(ids))


def _run_watched(batch: "Batch", records: Sequence[ImportRecord], phase: Phase, result: PhaseResult) -> None:
    try:
        executed = _execute(batch, records, phase)
    except ReviewNeededError as review:
        [record] = records
        _wait_for_person(batch, record, phase, review, result)
    except BaseException as error:  # an interruption, too, must leave each import in a known state before it goes on
        slip = _as_question(records, phase, error)
        if slip is not None:
            _wait_for_person(batch, records[0], phase, slip, result)
        else:
            result.errors |= break_off(batch, records, phase, error)
    else:
        _end(batch, records, phase, executed, result)


def _wait_for_person(
    batch: "Batch", record: ImportRecord, phase: Phase, review: ReviewNeededError, result: PhaseResult
) -> None:
    publishing.publish_stopped(batch.home, record)
    transitions.wait_for_review(batch.home, {record.id: review}, phase, batch.run_id)
    drop_workspace_of(batch.home.settings, record.id)  # it is validated from the beginning once it is decided
    result.reports[record.id] = _stopped(record.id, phase, review.message)


def _as_question(records: Sequence[ImportRecord], phase: Phase, error: BaseException) -> ReviewNeededError | None:
    """What a person can correct who asked for a preview: a file read wrongly, a mapping that does not fit it.

    Else the import would fail for good, and with it all that was decided so far.
    """
    is_preview = len(records) == 1 and bool(records[0].spec.get("preview"))
    if not is_preview or phase.position >= Phase.PROCESSING.position:
        return None
    if not isinstance(error, PayloadError | MappingError | SpecError) or error.transient:
        return None
    return ReviewNeededError(f"{error.message} Nothing was written.", refused=error.message)


def _begin(batch: "Batch", phase: Phase, result: PhaseResult) -> list[ImportRecord]:
    """The imports of the batch that are at this phase, processing from now on."""
    home = batch.home
    begun = transitions.begin(home, batch.import_ids, phase, batch.run_id)
    for import_id, refusal in begun.refused.items():
        if isinstance(refusal, DoneBeforeError):
            result.reports[import_id] = _skipped(import_id, phase, "Done by an earlier run of this import.", True)
        elif isinstance(refusal, OverdueError):
            transitions.time_out(home, [import_id])
            after = imports.get(home.registry, import_id)
            result.errors[import_id] = StoppedError(import_id, after.status, after.reason)
        elif isinstance(refusal, StateError):
            _pass_over(home, import_id, phase, result)
        else:
            result.errors[import_id] = refusal
    return begun.records


def _pass_over(home: "Home", import_id: str, phase: Phase, result: PhaseResult) -> None:
    """Say why a phase does not run: the import is not at it."""
    record = imports.get(home.registry, import_id)
    was_stopped = record.status is Status.CANCELLED and record.repeat_of is None
    if was_stopped or record.status is Status.TIMED_OUT:  # between two phases, so that nothing was interrupted
        result.errors[record.id] = StoppedError(record.id, record.status, record.reason)
        return
    if record.phases[phase.position - 1].status is PhaseStatus.PENDING:
        phase_log.end(home.registry, record.id, phase, PhaseStatus.SKIPPED)
    reason = record.reason or f"The import is {record.status}."
    result.reports[record.id] = _skipped(record.id, phase, reason)


def _execute(batch: "Batch", records: Sequence[ImportRecord], phase: Phase) -> "Executed":
    """Execute the phase, and once more without the imports that were cancelled before it could write."""
    from import_pipeline.service.batches import execute_phase

    with watched(batch.home, records, phase) as watch:
        while True:
            try:
                return with_retries(
                    lambda: execute_phase(batch, _in_hand(watch, records), phase, watch),
                    batch.home.settings.retry_seconds,
                )
            except StoppedError:
                ours = still_ours(batch, records)
                if not ours or set(ours) == set(watch.ids):
                    raise
                watch.ids = ours


def _in_hand(watch: "Watch", records: Sequence[ImportRecord]) -> list[ImportRecord]:
    return [record for record in records if record.id in watch.ids]


def _end(
    batch: "Batch", records: Sequence[ImportRecord], phase: Phase, executed: "Executed", result: PhaseResult
) -> None:
    """Note what the phase did, close the imports after the last one, and queue again those that left the batch."""
    if executed.done is None:
        result.reports |= {record.id: _stopped(record.id, phase, executed.reason) for record in records}
        return
    reports = executed.done.reports
    result.reports |= reports
    ended = [record for record in records if record.id in reports]
    left = [record.id for record in records if record.id not in reports]
    if left:
        transitions.leave_batch(batch.home, left, batch.run_id)
        batch.left |= set(left)
    batch.import_ids = [record.id for record in ended]
    if not ended:
        return
    if is_last(ended[0], phase):
        ends = [_end_of_import(batch.home, record, reports[record.id], executed) for record in ended]
        moved = transitions.complete(batch.home, ends, batch.run_id)
        if not batch.is_several:
            drop_workspace_of(batch.home.settings, ended[0].id)
        batch.import_ids = []
    else:
        ends = [end_of_phase(record, reports[record.id], executed.changes.get(record.id, {})) for record in ended]
        moved = transitions.end_phase(batch.home, ends, batch.run_id)
    for import_id in moved.refused:  # somebody else ended it in this moment, if no other run has it meanwhile
        if imports.get(batch.home.registry, import_id).run_id == batch.run_id:
            phase_log.end(batch.home.registry, import_id, phase, PhaseStatus.COMPLETED)


def _end_of_import(home: "Home", record: ImportRecord, report: "PhaseReport", executed: "Executed") -> PhaseEnd:
    settles = record.undoes is not None and not record.spec.get("dry_run")
    reason = settle(home, record, report) if settles else None
    report = replace(report, notices=[*remembering.notices_of(record), *report.notices])
    return end_of_import(record, report, executed.changes.get(record.id, {}), reason)


def _skipped(import_id: str, phase: Phase, reason: str, done_before: bool = False) -> "PhaseReport":
    from import_pipeline.phases.report import PhaseReport

    return PhaseReport(import_id, phase, skipped=True, done_before=done_before, reason=reason)


def _stopped(import_id: str, phase: Phase, reason: str | None) -> "PhaseReport":
    from import_pipeline.phases.report import PhaseReport

    return PhaseReport(import_id, phase, stopped=True, reason=reason)
