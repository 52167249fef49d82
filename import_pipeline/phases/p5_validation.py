"""Phase 5, validation: ids that must exist do, and what rows refer to exists or is created with them.

Makes `unknown_references` (of which phase 6 creates what create_missing allows) and corrects the plan. What a person
has to look at before anything is written is `review.py`'s affair.
"""

from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing
from import_pipeline.phases.batch_conflicts import leave_after_planning
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.deletions import find_deletions
from import_pipeline.phases.names import remember_names
from import_pipeline.phases.passed_over import MOST_TURNS, pass_over_failed
from import_pipeline.phases.references import find_references
from import_pipeline.phases.work import Work
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Outcome, Phase


def run(work: Work) -> None:
    """Check ids and references, and predict what an overwrite deletes."""
    for _ in range(MOST_TURNS):
        _find_what_fails(work)
        if work.several is not None:
            leave_after_planning(work)
            break
        if not pass_over_failed(work):
            break
        _plan_without_passed_over(work)
    find_deletions(work, planned=True)
    remember_names(work)


def _find_what_fails(work: Work) -> None:
    """Look until nothing more fails: a row that fails takes those along that refer to it or rely on it."""
    relying_before = 0
    while True:
        find_references(work)
        find_defects(work, Phase.VALIDATION)
        _leave_out_of_plan(work)
        relying = work.number("SELECT count(*) FROM left_out WHERE row_number IN (SELECT row_number FROM relies_on)")
        if relying == relying_before:
            return
        relying_before = relying


def _plan_without_passed_over(work: Work) -> None:
    """Plan again: of rows that repeat each other, one that is good takes the place of one that failed."""
    reset_from(work.connection, Phase.PREPARSING)
    p2_preparsing.run(work)
    p3_transforming.run(work)
    p4_parsing.run(work)


def _leave_out_of_plan(work: Work) -> None:
    """Take the rows that this phase left out from the plan."""
    if not work.has_lines("left_out", f"phase = '{Phase.VALIDATION}'"):
        return
    work.execute(
        f"""
        UPDATE plan SET
            action = CASE outcome WHEN '{Outcome.FAILED}' THEN 'fail' ELSE 'skip' END,
            record_id = NULL,
            reason = left_out.reason
        FROM (
            SELECT row_number, min(outcome) AS outcome, min(reason) AS reason
            FROM left_out WHERE phase = '{Phase.VALIDATION}' GROUP BY row_number
        ) AS left_out
        WHERE left_out.row_number = plan.row_number
        """
    )
