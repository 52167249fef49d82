"""Phase 5, validation: ids that must exist do, and what rows refer to exists or is created with them.

Makes `unknown_references` (of which phase 6 creates what create_missing allows) and corrects the plan. Last, it asks
whether a person has to look before anything is written.
"""

from import_pipeline.errors import ReviewNeededError
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.deletions import count_deletions
from import_pipeline.phases.references import find_references
from import_pipeline.phases.work import Work
from import_pipeline.words import Action, InvalidData, Phase

_LARGE_TABLE = 100
_LARGE_PART = 0.5


def run(work: Work) -> None:
    """Check ids and references."""
    find_references(work)
    find_defects(work, Phase.VALIDATION)
    work.execute(
        """
        UPDATE plan SET action = 'fail', record_id = NULL, reason = left_out.reason
        FROM left_out
        WHERE left_out.row_number = plan.row_number AND left_out.phase = 'validation'
        """
    )


def ask_for_review(work: Work) -> None:
    """Stop before anything is written where the spec, or the size of a deletion, wants a person to look.

    Raises:
        ReviewNeededError: With the reason, and the figures as culprits.
    """
    failed = work.number("SELECT count(*) FROM plan WHERE action = 'fail'")
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
