"""What the registry is to know of an import when one of its phases has ended: counts, and at the end how it ended."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.phases.report import in_words
from import_pipeline.service.transitions import PhaseEnd
from import_pipeline.words import Outcome, Phase

if TYPE_CHECKING:
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.stores.import_record import ImportRecord


def is_last(record: "ImportRecord", phase: Phase) -> bool:
    """Whether an import ends with this phase: a dry run does with the last one before anything is written."""
    return phase is Phase.CLEANUP or (phase is Phase.VALIDATION and bool(record.spec.get("dry_run")))


def end_of_phase(record: "ImportRecord", report: "PhaseReport", found: Mapping[str, Any]) -> PhaseEnd:
    """What is noted of an import that goes on with the next phase.

    Args:
        record: The import.
        report: What the phase tells.
        found: Fields of the import that the phase found out.
    """
    numbers = _counts_so_far(report)
    counts = numbers if any(numbers.values()) or (numbers and record.processed_rows) else {}
    return _end(report, {**found, **counts})


def end_of_import(
    record: "ImportRecord", report: "PhaseReport", found: Mapping[str, Any], reason: str | None = None
) -> PhaseEnd:
    """What is noted of an import whose last phase has ended.

    Args:
        record: The import.
        report: What the phase tells.
        found: Fields of the import that the phase found out.
        reason: Why it is as it is, where its notices do not say it.
    """
    if record.spec.get("dry_run"):
        reason = _reason_of_dry_run(report)
    changes = {
        **found,
        "details": record.details | {"notices": report.notices},
        "overwritten_count": int(report.notes.get("overwritten", 0)),
        "has_errors_file": bool(report.notes.get("errors_file_rows", 0)),
        **_counts_of(report, Outcome),
    }
    return _end(report, changes, reason or in_words(report.notices) or None)


def _end(report: "PhaseReport", changes: Mapping[str, Any], reason: str | None = None) -> PhaseEnd:
    return PhaseEnd(
        import_id=report.import_id,
        phase=report.phase,
        rows_in=report.rows_in,
        rows_out=report.rows_out,
        seconds=report.seconds,
        changes=changes,
        reason=reason,
    )


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
