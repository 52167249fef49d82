"""Phase 5, validation: ids that must exist do, and what rows refer to exists or is created with them.

Makes `unknown_references` (of which phase 6 creates what create_missing allows) and corrects the plan. What a person
has to look at before anything is written is `review.py`'s affair.
"""

from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.deletions import find_deletions
from import_pipeline.phases.names import remember_names
from import_pipeline.phases.passed_over import MOST_TURNS, pass_over_failed
from import_pipeline.phases.references import find_references
from import_pipeline.phases.work import Work
from import_pipeline.stores.references import reference_fields
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Outcome, Phase


def run(work: Work) -> None:
    """Check ids and references, and predict what an overwrite deletes."""
    for _ in range(MOST_TURNS):
        _find_what_fails(work)
        if not pass_over_failed(work):
            break
        _plan_without_passed_over(work)
    find_deletions(work, planned=True)
    remember_names(work)


def _find_what_fails(work: Work) -> None:
    """Look again while rows fail that others may rely on by an identifier, and below which further ones may be."""
    find_references(work)
    is_hierarchy = any(field.reference == work.record_type.name for field in reference_fields(work.record_type))
    failed, before = 0, -1
    while failed > before:
        find_defects(work, Phase.VALIDATION)
        failed, before = _leave_out_of_plan(work), failed
        if not is_hierarchy:
            break


def _plan_without_passed_over(work: Work) -> None:
    """Plan again: of rows that repeat each other, one that is good takes the place of one that failed."""
    reset_from(work.connection, Phase.PREPARSING)
    p2_preparsing.run(work)
    p3_transforming.run(work)
    p4_parsing.run(work)


def _leave_out_of_plan(work: Work) -> int:
    """Take the rows that this phase left out from the plan; gives how many they are."""
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
    return work.number("SELECT count(*) FROM left_out WHERE phase = 'validation'")
