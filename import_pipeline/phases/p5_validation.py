"""Phase 5, validation: ids that must exist do, and what rows refer to exists or is created with them.

Makes `unknown_references` (of which phase 6 creates what create_missing allows) and corrects the plan. Last, it asks
whether a person has to look before anything is written.
"""

from import_pipeline.errors import ReviewNeededError
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.deletions import count_deletions, find_deletions
from import_pipeline.phases.names import remember_names
from import_pipeline.phases.references import find_references
from import_pipeline.phases.work import Work
from import_pipeline.words import Action, InvalidData, Outcome, Phase

_LARGE_TABLE = 100
_LARGE_PART = 0.5
_NAMED_REASONS = 5


def run(work: Work) -> None:
    """Check ids and references, and predict what an overwrite deletes."""
    find_references(work)
    find_defects(work, Phase.VALIDATION)
    _leave_out_of_plan(work)
    find_deletions(work, planned=True)
    remember_names(work)


def _leave_out_of_plan(work: Work) -> None:
    """Take the rows that this phase left out from the plan."""
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


def ask_for_review(work: Work) -> None:
    """Stop before anything is written where the spec, or the size of a deletion, wants a person to look.

    Raises:
        ReviewNeededError: With the reason, and the figures as culprits.
    """
    failed = work.number("SELECT count(*) FROM plan WHERE action = 'fail'")
    _hold_to_thresholds(work, failed)
    if failed and work.spec.invalid_data is InvalidData.BLOCK:
        raise ReviewNeededError(
            f"{failed} rows failed and invalid_data is block, so nothing was written. "
            "Correct them and import again, or confirm with invalid_data remove_rows.",
            failed_rows=failed,
        )
    if work.spec.action is Action.OVERWRITE and not work.spec.confirm_deletions:
        stored, deleted = count_deletions(work)
        if stored > _LARGE_TABLE and deleted > stored * _LARGE_PART:
            raise ReviewNeededError(
                f"The overwrite would delete {deleted} of {stored} {work.record_type.plural}, which the file does not "
                "name. Nothing was written. Confirm with confirm_deletions if the file really is the whole truth.",
                stored_records=stored,
                deleted_records=deleted,
            )


def _hold_to_thresholds(work: Work, failed: int) -> None:
    spec, total = work.spec, work.total_rows()
    passed = []
    if spec.max_failed_rows is not None and failed > spec.max_failed_rows:
        passed.append(f"max_failed_rows is {spec.max_failed_rows}")
    if spec.max_failed_fraction is not None and failed > spec.max_failed_fraction * total:
        passed.append(f"max_failed_fraction is {spec.max_failed_fraction:g}")
    if passed:
        reasons = work.counts(
            "SELECT reason, count(*) FROM plan WHERE action = 'fail' GROUP BY reason ORDER BY count(*) DESC, reason"
        )
        named = ", ".join(f"{reason} {count}" for reason, count in list(reasons.items())[:_NAMED_REASONS])
        raise ReviewNeededError(
            f"{failed} of {total} rows failed ({named}) and {' and '.join(passed)}, so nothing was written. "
            "Correct the file or the mapping and import again, or confirm with a higher threshold.",
            failed_rows=failed,
            total_rows=total,
            failed_by_reason=reasons,
        )
