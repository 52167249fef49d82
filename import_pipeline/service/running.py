"""Taking an import through its phases, and deciding what becomes of it when one ends, stops or breaks.

How a phase gets what it needs is in `executing.py`, how it works in `phases/`; who stops it in `watching.py`.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ReviewNeededError, StateError, StoppedError, WorkspaceBusyError
from import_pipeline.phases.report import in_words
from import_pipeline.service import publishing, remembering, resuming, undoing
from import_pipeline.service.overdue import is_overdue, time_out
from import_pipeline.service.reasons import reason_of, told_after_writing
from import_pipeline.service.resuming import is_done_before, refuse_where_another_run_works, resumes_with, without_mark
from import_pipeline.service.retry import with_retries
from import_pipeline.service.watching import watched
from import_pipeline.service.written import WRITING, may_be_written
from import_pipeline.stores import imports, phase_log
from import_pipeline.stores.engine import drop_workspace_of
from import_pipeline.stores.import_record import SAME_BYTES, ImportRecord
from import_pipeline.words import Outcome, Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport

log = logging.getLogger(__name__)

LASTING_DETAILS = ("upload", "retry_of", "columns", "page_003", "page_004", remembering.REMEMBERED)
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
    if is_done_before(record, phase):
        reason = "Done by an earlier run of this import."
        return PhaseReport(import_id, phase, skipped=True, done_before=True, reason=reason)
    begun = _begin(home, record, phase, run_id)
    if begun is None:
        was_stopped = record.status is Status.CANCELLED and SAME_BYTES not in record.details
        if was_stopped or record.status is Status.TIMED_OUT:  # between two phases, so that nothing was interrupted
            raise StoppedError(import_id, record.status, record.reason)
        reason = record.reason or f"The import is {record.status}."
        if imports.get(home.registry, import_id).phases[phase.position - 1].status is PhaseStatus.PENDING:
            phase_log.end(home.registry, import_id, phase, PhaseStatus.SKIPPED)
        return PhaseReport(import_id, phase, skipped=True, reason=reason)
    if is_overdue(home, begun) and time_out(home, import_id):
        raise StoppedError(import_id, Status.TIMED_OUT, imports.get(home.registry, import_id).reason)
    phase_log.start(home.registry, import_id, phase, executing.mode_of(record, phase), record.total_rows)
    try:
        with watched(home, begun, phase) as watch:
            report = with_retries(
                lambda: executing.execute_phase(home, begun, phase, watch), home.settings.retry_seconds
            )
    except ReviewNeededError as review:
        publishing.publish_stopped(home, record)
        phase_log.end(home.registry, import_id, phase, PhaseStatus.COMPLETED)
        details = lasting_details(record) | review.culprits
        imports.move(home.registry, import_id, Status.NEEDS_REVIEW, reason=review.message, details=details)
        drop_workspace_of(home.settings, import_id)  # it is validated from the beginning once it is decided
        return PhaseReport(import_id, phase, stopped=True, reason=review.message)
    except WorkspaceBusyError:
        raise
    except BaseException as error:
        after = imports.get(home.registry, import_id)
        is_ours = after.status is Status.PROCESSING and after.run_id == begun.run_id
        if is_ours and WRITING not in after.details and cancels(error):
            after = imports.move(home.registry, import_id, Status.CANCELLED, reason=INTERRUPTED)
            is_ours = False
        _publish_what_is_known(home, after)
        if is_ours or after.status.is_final:
            phase_log.end(home.registry, import_id, phase, PhaseStatus.FAILED)
        if not is_ours:
            raise StoppedError(import_id, after.status, after.reason) from error
        _break_off(home, after, phase, error)
        raise
    _end(home, record, report)
    return report


def _publish_what_is_known(home: "Home", record: ImportRecord) -> None:
    """Publish how far an import came that broke off; what is in the way of that is no reason to tell another cause."""
    try:
        publishing.publish_stopped(home, record)
    except Exception:
        log.exception("What is known of the rows of import %s was not published.", record.id)


def _break_off(home: "Home", record: ImportRecord, phase: Phase, error: BaseException) -> None:
    """Note that a phase broke: the import failed, or, where its records are written, is finished later."""
    if WRITING in record.details and may_be_written(home.settings, record):
        told = told_after_writing(error, record.id, home.settings)
        with suppress(StateError):  # somebody else took it up, or undid it, this moment
            resuming.put_off(home, record, phase, told)
        return
    details = {name: value for name, value in record.details.items() if name != WRITING}
    with suppress(StateError):
        told = reason_of(error, home.settings)
        imports.move(
            home.registry, record.id, Status.FAILED, only_from=(Status.PROCESSING,), reason=told, details=details
        )


def _begin(home: "Home", record: ImportRecord, phase: Phase, run_id: str | None) -> ImportRecord | None:
    """The import, which is processing from now on; None where the phase may not run now."""
    startable = {Status.UPLOADED, Status.QUEUED} if phase is Phase.PREVALIDATION else set()
    changes: dict[str, Any] = {}
    if resumes_with(record, phase):
        startable |= {Status.QUEUED}
        changes = {"details": without_mark(record)}
    if record.status in (Status.FAILED, Status.TIMED_OUT) and (run_id is None or record.run_id != run_id):
        ended = all(earlier.status is PhaseStatus.COMPLETED for earlier in record.phases[: phase.position - 1])
        startable |= {record.status} if ended else set()
    if record.status is Status.PROCESSING or record.status in startable:
        refuse_where_another_run_works(home, record, phase, run_id)
        return imports.move(home.registry, record.id, Status.PROCESSING, run_id=run_id, **changes)
    return None


def _end(home: "Home", record: ImportRecord, report: "PhaseReport") -> None:
    """Note what the phase did, and close the import after the last one."""
    if imports.get(home.registry, record.id).status is not Status.PROCESSING:
        phase_log.end(home.registry, record.id, report.phase, PhaseStatus.COMPLETED)
        return
    counts = {"total": report.rows_in, "processed": report.rows_in, "success": report.rows_out}
    errors, seconds = report.rows_in - report.rows_out, report.seconds
    phase_log.end(
        home.registry, record.id, report.phase, PhaseStatus.COMPLETED, **counts, error=errors, seconds=seconds
    )
    dry_run = bool(record.spec.get("dry_run"))
    if report.phase is Phase.CLEANUP or (dry_run and report.phase is Phase.VALIDATION):
        report = replace(report, notices=[*remembering.notices_of(record), *report.notices])
        reason = _reason_of_dry_run(report) if dry_run else in_words(report.notices) or None
        if undoing.UNDOES in record.details and not dry_run:
            reason = undoing.settle(home, record, report)
        details = imports.get(home.registry, record.id).details | {"notices": report.notices}
        imports.move(
            home.registry,
            record.id,
            Status.COMPLETED,
            reason=reason,
            details=details,
            overwritten_count=int(report.notes.get("overwritten", 0)),
            has_errors_file=bool(report.notes.get("errors_file_rows", 0)),
            **_counts_of(report, Outcome),
        )
        drop_workspace_of(home.settings, record.id)
        return
    numbers = _counts_so_far(report)
    if any(numbers.values()) or (numbers and record.processed_rows):
        imports.update(home.registry, record.id, **numbers)


def _counts_so_far(report: "PhaseReport") -> dict[str, Any]:
    """What is certain of the rows when a phase has ended: from the sixth on all, before it only who is left out."""
    if report.phase.position < Phase.PARSING.position:
        return {}
    is_written = report.phase.position >= Phase.PROCESSING.position
    return _counts_of(report, Outcome if is_written else (Outcome.FAILED, Outcome.SKIPPED))


def _counts_of(report: "PhaseReport", outcomes: Iterable[Outcome]) -> dict[str, Any]:
    counts = {f"{one}_count": report.outcomes.get(one, 0) for one in outcomes}
    return counts | {"processed_rows": sum(counts.values())}


def lasting_details(record: ImportRecord) -> dict[str, Any]:
    """The details of an import that stay whatever a person is asked and answers: how it came."""
    return {name: record.details[name] for name in LASTING_DETAILS if name in record.details}


def _reason_of_dry_run(report: "PhaseReport") -> str:
    told = "A dry run: nothing was written, the counts say what would happen."
    review = report.notes.get("review")
    told = f"{told} {in_words(report.notices)}".rstrip()
    return f"{told} The import itself would wait for a person: {review}" if review else told
