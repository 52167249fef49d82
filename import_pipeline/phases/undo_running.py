"""One way through a phase of an undo: the first plans, the sixth carries out.

The phases between have nothing to do: the rows of an undo are stored records, which need neither typing nor matching.
"""

import time

from import_pipeline.phases.report import Notes
from import_pipeline.phases.reports import reports_of
from import_pipeline.phases.running import PhaseDone
from import_pipeline.phases.undo import Undone, apply_undo, plan_undo
from import_pipeline.phases.work import Work
from import_pipeline.stores.records import attached_store
from import_pipeline.words import Phase

_CHANGING = "action IN ('create', 'update', 'delete')"


def run_undo_phase(work: Work, phase: Phase, undone: Undone) -> PhaseDone:
    """Run one phase of an undo.

    Args:
        work: The undo at work.
        phase: The phase.
        undone: What is undone.
    """
    started = time.monotonic()
    if phase in (Phase.PREVALIDATION, Phase.PROCESSING):
        organization, writes = work.spec.organization, phase is Phase.PROCESSING
        with attached_store(work.connection, work.settings, organization, write=writes, declared=work.record_type):
            (apply_undo if writes else plan_undo)(work, undone)
    notes: Notes = {}
    if phase is Phase.CLEANUP:
        notes["errors_file_rows"] = work.number("SELECT count(*) FROM plan WHERE action = 'fail'")
    rows_in = work.total_rows_each()
    reports = reports_of(
        work, phase, started, rows_in, {work.import_id: notes}, rows="plan", still_in=_CHANGING, planned=True
    )
    return PhaseDone(work, reports)
