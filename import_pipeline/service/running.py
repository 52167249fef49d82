"""Taking an import through its phases, and deciding what becomes of it when one ends, stops or breaks.

How a phase gets what it needs is in `executing.py`, how it works in `phases/`; who stops it in `watching.py`.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ReviewNeededError, StateError, StoppedError, WorkspaceBusyError
from import_pipeline.phases.report import in_words
from import_pipeline.service import publishing, remembering, transitions, undo_phases
from import_pipeline.service.reasons import reason_of, told_after_writing
from import_pipeline.service.retry import with_retries
from import_pipeline.service.standing import is_done_before, is_overdue
from import_pipeline.service.transitions import PhaseEnd
from import_pipeline.service.watching import watched
from import_pipeline.service.written import may_be_written
from import_pipeline.stores import imports, phase_log
from import_pipeline.stores.engine import drop_workspace_of
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Outcome, Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport

log = logging.getLogger(__name__)

INTERRUPTED = "It was interrupted. Nothing is half-written; run the file again, or `import-pipeline resume ID`."


def run_phase(
    home: "Home",
    import_id: str,
    phase: Phase,
    run_id: str | None = None,
    cancels: Callable[[BaseException], bool] = lambda error: False,
) -> "PhaseReport":
    """Run one phase of an import, or say why there is nothing to do.

    A broken pipeline ends the import as failed and is raised again; bad rows do not raise. What breaks once records are
    written is raised too, but the import is queued to be finished. Where a person has to decide, the import waits as
    needs_review and the report says `stopped`.

    Args:
        home: The home.
        import_id: The import.
        phase: The phase; the ones before it must have ended.
        run_id: The run that works on it. A run that saw the import fail does not take it up again, another may.
        cancels: Whether what broke the phase was somebody who wanted the run to end, and so the import.

    Raises:
        StoppedError: The import was cancelled, or its time was over; its status says so.
        WorkspaceBusyError: Another run works on it.
    """
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.service import executing

    record = imports.get(home.registry, import_id)
    if is_done_before(home, record, phase):
        reason = "Done by an earlier run of this import."
        return PhaseReport(import_id, phase, skipped=True, done_before=True, reason=reason)
    is_ours = record.status is Status.PROCESSING and record.run_id == run_id
    if is_ours and is_overdue(home, record) and transitions.time_out(home, [import_id]).records:
        raise StoppedError(import_id, Status.TIMED_OUT, imports.get(home.registry, import_id).reason)
    try:
        begun = transitions.begin(home, [import_id], phase, run_id).one()
    except StateError:
        return _passed_over(home, record, phase)
    try:
        with watched(home, [begun], phase) as watch:
            report = with_retries(
                lambda: executing.execute_phase(home, begun, phase, watch), home.settings.retry_seconds
            )
    except ReviewNeededError as review:
        publishing.publish_stopped(home, begun)
        transitions.wait_for_review(home, {import_id: review}, phase, run_id)
        drop_workspace_of(home.settings, import_id)  # it is validated from the beginning once it is decided
        return PhaseReport(import_id, phase, stopped=True, reason=review.message)
    except WorkspaceBusyError as error:  # whoever looks into it, or still has it open, is gone later
        transitions.requeue(home, {import_id: error.message}, run_id, broke=phase)
        raise
    except BaseException as error:
        _publish_what_is_known(home, begun)
        _break_off(home, begun, phase, error, cancels)
        raise
    _end(home, begun, report)
    return report


def _passed_over(home: "Home", record: ImportRecord, phase: Phase) -> "PhaseReport":
    """Say why a phase does not run: the import is not at it."""
    from import_pipeline.phases.report import PhaseReport

    was_stopped = record.status is Status.CANCELLED and record.repeat_of is None
    if was_stopped or record.status is Status.TIMED_OUT:  # between two phases, so that nothing was interrupted
        raise StoppedError(record.id, record.status, record.reason)
    if imports.get(home.registry, record.id).phases[phase.position - 1].status is PhaseStatus.PENDING:
        phase_log.end(home.registry, record.id, phase, PhaseStatus.SKIPPED)
    return PhaseReport(record.id, phase, skipped=True, reason=record.reason or f"The import is {record.status}.")


def _publish_what_is_known(home: "Home", record: ImportRecord) -> None:
    """Publish how far an import came that broke off; what is in the way of that is no reason to tell another cause."""
    try:
        publishing.publish_stopped(home, record)
    except Exception:
        log.exception("What is known of the rows of import %s was not published.", record.id)


def _break_off(
    home: "Home", begun: ImportRecord, phase: Phase, error: BaseException, cancels: Callable[[BaseException], bool]
) -> None:
    """Note that a phase broke: the import failed, or, where its records are written, is finished later.

    Raises:
        StoppedError: It was taken out of the hands of this run: that is why it broke.
    """
    record = imports.get(home.registry, begun.id)
    if record.status is Status.PROCESSING and record.run_id == begun.run_id:
        if record.writing_since is None and cancels(error):
            transitions.cancel(home, [begun.id], INTERRUPTED, phase=phase)
            record = imports.get(home.registry, begun.id)
        elif may_be_written(home.settings, record):
            told = told_after_writing(error, record.id, home.settings)
            transitions.requeue(home, {record.id: told}, record.run_id, broke=phase)
            return
        else:
            transitions.fail(home, {record.id: reason_of(error, home.settings)}, record.run_id, phase=phase)
            return
    elif record.status.is_final:
        phase_log.end(home.registry, begun.id, phase, PhaseStatus.FAILED)
    raise StoppedError(begun.id, record.status, record.reason) from error


def _end(home: "Home", record: ImportRecord, report: "PhaseReport") -> None:
    """Note what the phase did, and close the import after the last one."""
    rows: dict[str, Any] = {"rows_in": report.rows_in, "rows_out": report.rows_out, "seconds": report.seconds}
    dry_run = bool(record.spec.get("dry_run"))
    if report.phase is not Phase.CLEANUP and not (dry_run and report.phase is Phase.VALIDATION):
        numbers = _counts_so_far(report)
        changes = numbers if any(numbers.values()) or (numbers and record.processed_rows) else {}
        end = PhaseEnd(import_id=record.id, phase=report.phase, changes=changes, **rows)
        ended = transitions.end_phase(home, [end], record.run_id)
    else:
        report = replace(report, notices=[*remembering.notices_of(record), *report.notices])
        reason = _reason_of_dry_run(report) if dry_run else in_words(report.notices) or None
        if record.undoes is not None and not dry_run:
            reason = undo_phases.settle(home, record, report)
        changes = {
            "details": imports.get(home.registry, record.id).details | {"notices": report.notices},
            "overwritten_count": int(report.notes.get("overwritten", 0)),
            "has_errors_file": bool(report.notes.get("errors_file_rows", 0)),
            **_counts_of(report, Outcome),
        }
        end = PhaseEnd(import_id=record.id, phase=report.phase, changes=changes, reason=reason, **rows)
        ended = transitions.complete(home, [end], record.run_id)
        drop_workspace_of(home.settings, record.id)
    if not ended.records and not report.stopped:  # somebody else ended it in this moment
        phase_log.end(home.registry, record.id, report.phase, PhaseStatus.COMPLETED)


def _counts_so_far(report: "PhaseReport") -> dict[str, Any]:
    """What is certain of the rows when a phase has ended: from the sixth on all, before it only who is left out."""
    if report.phase.position < Phase.PARSING.position:
        return {}
    is_written = report.phase.position >= Phase.PROCESSING.position
    return _counts_of(report, Outcome if is_written else (Outcome.FAILED, Outcome.SKIPPED))


def _counts_of(report: "PhaseReport", outcomes: Iterable[Outcome]) -> dict[str, Any]:
    counts = {f"{one}_count": report.outcomes.get(one, 0) for one in outcomes}
    return counts | {"processed_rows": sum(counts.values())}


def _reason_of_dry_run(report: "PhaseReport") -> str:
    told = "A dry run: nothing was written, the counts say what would happen."
    review = report.notes.get("review")
    told = f"{told} {in_words(report.notices)}".rstrip()
    return f"{told} The import itself would wait for a person: {review}" if review else told
