"""One way through a phase of an undo: the first plans, the sixth carries out, the last writes the files.

The phases between have nothing to do: the rows of an undo are stored records, which need neither typing nor matching.
"""

import time

from import_pipeline.phases.checks import checks_of
from import_pipeline.phases.outcomes import count_outcomes
from import_pipeline.phases.report import PhaseReport
from import_pipeline.phases.undo import Undone, apply_undo, plan_undo
from import_pipeline.phases.work import Work
from import_pipeline.stores.records import attached_store
from import_pipeline.words import Outcome, Phase

_CHANGING = "action IN ('create', 'update', 'delete')"
_SAMPLE_ROWS = 5


def run_undo_phase(work: Work, phase: Phase, undone: Undone) -> PhaseReport:
    """Run one phase of an undo.

    Args:
        work: The undo at work.
        phase: The phase.
        undone: What is undone.
    """
    started = time.monotonic()
    notes: dict[str, str | int | float] = {}
    if phase in (Phase.PREVALIDATION, Phase.PROCESSING):
        organization, writes = work.spec.organization, phase is Phase.PROCESSING
        with attached_store(work.connection, work.settings, organization, write=writes, declared=work.record_type):
            (apply_undo if writes else plan_undo)(work, undone)
    outcomes = count_outcomes(work)
    if phase is Phase.CLEANUP:
        notes["errors_file_rows"] = outcomes[Outcome.FAILED]
    return PhaseReport(
        import_id=work.import_id,
        phase=phase,
        rows_in=work.total_rows(),
        rows_out=work.number(f"SELECT count(*) FROM plan WHERE {_CHANGING}"),
        defects=work.counts(
            "SELECT code, count(*) FROM defects WHERE phase = $phase GROUP BY code ORDER BY count(*) DESC, code",
            {"phase": str(phase)},
        ),
        outcomes=outcomes,
        sample=work.dictionaries(f"SELECT * FROM plan ORDER BY row_number LIMIT {_SAMPLE_ROWS}"),
        notes=notes,
        checks=checks_of(work, phase, outcomes),
        seconds=time.monotonic() - started,
    )
