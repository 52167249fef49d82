"""Phase 5, validation: ids that must exist do, and what rows refer to exists or is created with them.

Makes `unknown_references` (of which phase 6 creates what create_missing allows) and corrects the plan. What a person
has to look at before anything is written is `review.py`'s affair.
"""

from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.deletions import find_deletions
from import_pipeline.phases.passed_over import MOST_TURNS, pass_over_failed
from import_pipeline.phases.references import find_references
from import_pipeline.phases.work import Work
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Phase

_LONGEST_CHAIN = 100  # of rows that refer to one another, the first of which fails


def run(work: Work) -> None:
    """Check ids and references, and predict what an overwrite deletes."""
    for _ in range(MOST_TURNS):
        _find_what_fails(work)
        if not pass_over_failed(work):
            break
        _plan_without_passed_over(work)
    find_deletions(work)


def _find_what_fails(work: Work) -> None:
    failed, before = 0, -1
    for _ in range(_LONGEST_CHAIN):
        find_references(work)
        find_defects(work, Phase.VALIDATION)
        failed, before = _fail_in_plan(work), failed
        if failed == before or not any(field.reference == work.record_type.name for field in work.record_type.fields):
            break


def _plan_without_passed_over(work: Work) -> None:
    """Plan again: of rows that repeat each other, one that is good takes the place of one that failed."""
    reset_from(work.connection, Phase.PREPARSING)
    p2_preparsing.run(work)
    p3_transforming.run(work)
    p4_parsing.run(work)


def _fail_in_plan(work: Work) -> int:
    """Take the rows that this phase left out from the plan; gives how many they are."""
    work.execute(
        """
        UPDATE plan SET action = 'fail', record_id = NULL, reason = left_out.reason
        FROM left_out
        WHERE left_out.row_number = plan.row_number AND left_out.phase = 'validation'
        """
    )
    return work.number("SELECT count(*) FROM left_out WHERE phase = 'validation'")
