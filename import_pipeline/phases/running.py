"""One way through a phase: begin its tables anew, run it with the store attached as it needs, and report.

Which statements a phase runs belongs in its own module; who is told about it is the service's affair.
"""

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from import_pipeline.errors import ReviewNeededError
from import_pipeline.intake import Reading
from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing, p5_validation, p6_processing, p7_cleanup
from import_pipeline.phases.checks import checks_of
from import_pipeline.phases.column_formats import in_one_line
from import_pipeline.phases.ledger import is_applied
from import_pipeline.phases.notices import notices_of
from import_pipeline.phases.outcomes import count_outcomes
from import_pipeline.phases.report import Notice, PhaseReport
from import_pipeline.phases.review import ask_for_review
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.stores.records import attached_store
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Outcome, Phase

_READING_STORE = {
    Phase.TRANSFORMING: p3_transforming.run,
    Phase.PARSING: p4_parsing.run,
    Phase.VALIDATION: p5_validation.run,
}
SAMPLE_ROWS = 5


def run_prevalidation(work: Work, payload: Path) -> tuple[Work, Reading, PhaseReport]:
    """Run phase 1.

    Args:
        work: The import at work.
        payload: The pinned copy of the file, in the folder of the workspaces, which is all that may be read.

    Returns:
        The work with the mapping that was decided, what was found about the file, and the report.
    """
    started = time.monotonic()
    reset_from(work.connection, Phase.PREVALIDATION)
    work.progress.part(0.0, 0.4)
    reading = p1.read(work, payload)
    work.progress.total = reading.total_rows
    work.progress.part(0.4, 0.6)
    work = p1.map_columns(work, reading)
    writings = p1.validate(work)
    reading = replace(reading, writings=tuple(writing.as_dict() for writing in writings))
    return work, reading, _report(work, Phase.PREVALIDATION, started, work.total_rows(), notes_of(reading, work.spec))


def notes_of(reading: Reading, spec: ImportSpec) -> dict[str, str | int | float]:
    """What phase 1 tells of how the file was read and mapped."""
    return {
        "format": reading.format,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter or "",
        "quote": reading.quote or "",
        "header_row": reading.header_row or 0,
        "confidence": round(reading.confidence, 3),
        "runner_up": reading.runner_up or "",
        "written": in_one_line(reading.writings),
        "columns": len(reading.columns),
        "lines_not_rows": ", ".join(f"{count} {reason}" for reason, count in reading.lines_not_rows.items()),
        "unmapped_columns": ", ".join(name for name in reading.columns if name not in (spec.column_mapping or {})),
    }


def run_phase(work: Work, phase: Phase) -> PhaseReport:
    """Run one of the phases 2 to 6."""
    started = time.monotonic()
    rows_in = _rows_left(work)
    notes: dict[str, str | int | float] = {}
    notices: list[Notice] = []
    if phase is Phase.PREPARSING:
        reset_from(work.connection, phase)
        p2_preparsing.run(work)
    elif phase is Phase.PROCESSING:
        with _attached_for_writing(work):
            p6_processing.run(work)
    else:
        reset_from(work.connection, phase)
        with attached_store(work.connection, work.settings, work.spec.organization, declared=work.record_type):
            _READING_STORE[phase](work)
            if phase is Phase.VALIDATION:
                notes["overwritten"] = work.number("SELECT count(*) FROM overwritten")
                notes.update(_reviewed(work))
                notices = _notices(work)
    return _report(work, phase, started, rows_in, notes, notices)


def _notices(work: Work) -> list[Notice]:
    return notices_of(work).get(work.import_id, [])


def _reviewed(work: Work) -> dict[str, str]:
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


def run_cleanup(work: Work) -> PhaseReport:
    """Run phase 7."""
    started = time.monotonic()
    rows_in = _rows_left(work)
    with _attached_for_writing(work) if p7_cleanup.writes(work) else nullcontext():
        p7_cleanup.run(work)
    failed = count_outcomes(work)[Outcome.FAILED]
    deleted = work.number("SELECT count(*) FROM overwritten")
    notes: dict[str, str | int | float] = {"errors_file_rows": failed, "overwritten": deleted}
    return _report(work, Phase.CLEANUP, started, rows_in, notes, _notices(work))


def _attached_for_writing(work: Work) -> AbstractContextManager[None]:
    return attached_store(work.connection, work.settings, work.spec.organization, write=True, declared=work.record_type)


def _rows_left(work: Work) -> int:
    return work.number("SELECT count(*) FROM rows")


def _report(
    work: Work,
    phase: Phase,
    started: float,
    rows_in: int,
    notes: dict[str, str | int | float] | None = None,
    notices: list[Notice] | None = None,
) -> PhaseReport:
    defects = work.counts(
        "SELECT code, count(*) FROM defects WHERE phase = $phase GROUP BY code ORDER BY count(*) DESC, code",
        {"phase": str(phase)},
    )
    outcomes = count_outcomes(work) if phase.position >= Phase.PARSING.position else {}
    return PhaseReport(
        import_id=work.import_id,
        phase=phase,
        rows_in=rows_in,
        rows_out=_rows_left(work),
        defects=defects,
        outcomes=outcomes,
        sample=work.dictionaries(f"SELECT * FROM rows LIMIT {SAMPLE_ROWS}"),
        notes=notes or {},
        notices=notices or [],
        checks=checks_of(work, phase, outcomes),
        seconds=time.monotonic() - started,
    )
