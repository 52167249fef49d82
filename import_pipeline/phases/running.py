"""One way through a phase of a batch: begin its tables anew, run it with the store attached as it needs, and report.

Which statements a phase runs belongs in its own module; who is told about it is the service's affair.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from import_pipeline.errors import ReviewNeededError
from import_pipeline.intake import Reading
from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing, p5_validation, p6_processing, p7_cleanup
from import_pipeline.phases.batch_conflicts import leave_conflicting
from import_pipeline.phases.column_formats import in_one_line
from import_pipeline.phases.counts import count_rows
from import_pipeline.phases.gathering import Payload, gather
from import_pipeline.phases.ledger import is_applied
from import_pipeline.phases.notices import notices_of
from import_pipeline.phases.report import Notes, PhaseReport
from import_pipeline.phases.reports import reports_of
from import_pipeline.phases.review import ask_for_review
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.stores.records import attached_store
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Phase

_RUN = {
    Phase.PREPARSING: p2_preparsing.run,
    Phase.TRANSFORMING: p3_transforming.run,
    Phase.PARSING: p4_parsing.run,
    Phase.VALIDATION: p5_validation.run,
    Phase.PROCESSING: p6_processing.run,
    Phase.CLEANUP: p7_cleanup.run,
}


@dataclass(frozen=True)
class PhaseDone:
    """What a phase came to.

    Attributes:
        work: The batch, with the mapping that phase 1 decides.
        reports: What it tells of each import of the batch.
        readings: What phase 1 found about the file of each.
        unreadable: Imports that left in phase 1, because something is to be said about their files.
    """

    work: Work
    reports: Mapping[str, PhaseReport]
    readings: Mapping[str, Reading] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()


def run_prevalidation(
    work: Work, payloads: Iterator[Payload], read_before: tuple[Reading, float] | None = None
) -> PhaseDone:
    """Run phase 1.

    Args:
        work: The batch.
        payloads: The pinned copies of the files, in the folder of the workspaces, which is all that may be read.
        read_before: How the one file was read that is in this new workspace already, and how many seconds that took.
    """
    started = time.monotonic() - (read_before[1] if read_before else 0.0)
    if read_before is None:
        reset_from(work.connection, Phase.PREVALIDATION)
    if work.several is not None:
        gathered = gather(work, payloads)
        work, readings = gathered.work, gathered.readings
        if readings:
            p1.validate(work, gathered.column_formats)
        unreadable = frozenset(gathered.unreadable)
    else:
        work, reading = _read_alone(work, payloads, read_before[0] if read_before else None)
        readings, unreadable = ({work.import_id: reading} if reading is not None else {}), frozenset[str]()
    notes = {import_id: _notes_of(reading, work.spec) for import_id, reading in readings.items()}
    reports = reports_of(work, Phase.PREVALIDATION, started, work.total_rows_each(), notes) if readings else {}
    work.members.rows_out = _rows_out(reports)
    return PhaseDone(work, reports, readings, unreadable)


def _rows_out(reports: Mapping[str, PhaseReport]) -> dict[str, int]:
    return {import_id: report.rows_out for import_id, report in reports.items()}


def _read_alone(work: Work, payloads: Iterator[Payload], reading: Reading | None) -> tuple[Work, Reading | None]:
    payload = next(payloads, None)
    if payload is None:
        return work, None
    work.progress.part(0.0, 0.4)
    work = replace(work, corrections=payload.corrections)
    reading = reading or p1.read(work, payload.path)
    work.progress.total = reading.total_rows
    work.progress.part(0.4, 0.6)
    work = p1.map_columns(work, reading)
    column_formats = p1.validate(work)
    return work, replace(reading, column_formats=tuple(one.as_dict() for one in column_formats))


def _notes_of(reading: Reading, spec: ImportSpec) -> Notes:
    """What phase 1 tells of how a file was read and mapped."""
    return {
        "format": reading.format,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter or "",
        "quote": reading.quote or "",
        "header_row": reading.header_row or 0,
        "confidence": round(reading.confidence, 3),
        "runner_up": reading.runner_up or "",
        "written": in_one_line(reading.column_formats),
        "columns": len(reading.columns),
        "lines_not_rows": ", ".join(f"{count} {reason}" for reason, count in reading.lines_not_rows.items()),
        "unmapped_columns": ", ".join(name for name in reading.columns if name not in (spec.column_mapping or {})),
    }


def run_phase(work: Work, phase: Phase) -> PhaseDone:
    """Run one of the phases 2 to 7."""
    started = time.monotonic()
    # Where this process has run the phase before, later ones have found nothing yet; one that breaks is begun anew.
    rows_before, work.members.rows_out = work.members.rows_out, None
    if rows_before is None and phase.position < Phase.PROCESSING.position:
        reset_from(work.connection, phase)
    rows_in = rows_before or count_rows(work, "rows")
    review: Notes = {}
    with _attached(work, phase):
        _run(work, phase)
        if phase is Phase.VALIDATION:
            review = _reviewed(work)
    tells = phase in (Phase.VALIDATION, Phase.CLEANUP)
    notices = notices_of(work) if tells else {}
    told: Notes = {"overwritten": work.number("SELECT count(*) FROM overwritten")} | review if tells else {}
    notes = dict.fromkeys(work.import_ids(), told)
    if phase is Phase.CLEANUP:
        failed = count_rows(work, "plan", where="action = 'fail'")
        notes = {import_id: told | {"errors_file_rows": count} for import_id, count in failed.items()}
    reports = reports_of(work, phase, started, rows_in, notes, notices)
    work.members.rows_out = _rows_out(reports)
    return PhaseDone(work, reports)


def _run(work: Work, phase: Phase) -> None:
    if phase is Phase.PREPARSING and work.several is not None:
        leave_conflicting(work)
    _RUN[phase](work)


def _attached(work: Work, phase: Phase) -> AbstractContextManager[None]:
    """The store as a phase needs it: not at all, for reading, or for writing."""
    writes = phase is Phase.PROCESSING or (phase is Phase.CLEANUP and p7_cleanup.writes(work))
    if not writes and (phase is Phase.CLEANUP or (phase is Phase.PREPARSING and work.several is None)):
        return nullcontext()
    organization = work.spec.organization
    return attached_store(work.connection, work.settings, organization, write=writes, declared=work.record_type)


def _reviewed(work: Work) -> Notes:
    """Ask for review; a dry run writes nothing, so it only says what the import would stop with.

    Of an import that is in the store already, nobody is asked: what was matched anew met what it had written itself.
    """
    if is_applied(work, Phase.PROCESSING):
        return {}
    try:
        ask_for_review(work)
    except ReviewNeededError as review:
        if not work.spec.dry_run:
            raise
        return {"review": review.message}
    return {}
