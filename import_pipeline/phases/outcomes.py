"""What becomes of rows: the outcome of a planned action, and how many rows have which.

What the reason of an outcome says is in `defect_catalogue.py`.
"""

from import_pipeline.phases.counts import count_each
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal
from import_pipeline.words import OUTCOME_OF, Outcome

ALREADY_STORED = "already_stored"
"""The reason of a row that is skipped because its record is stored already."""
CHANGED_SINCE_PLAN = "changed_since_plan"
"""The reason of a row that was good when it was planned, and no longer when it was to be written."""


def outcome_of_action(action_sql: str = "action") -> str:
    """SQL of the outcome that a planned action has."""
    cases = " ".join(
        f"WHEN {literal(str(action))} THEN {literal(str(outcome))}" for action, outcome in OUTCOME_OF.items()
    )
    return f"CASE {action_sql} {cases} END"


def count_outcomes(work: Work) -> dict[str, dict[str, int]]:
    """Rows of the plan by outcome, all six of them, of each import of the batch."""
    found = count_each(work, "plan", outcome_of_action())
    none = {str(outcome): 0 for outcome in Outcome}
    return {import_id: none | dict(found[import_id]) for import_id in work.import_ids()}
