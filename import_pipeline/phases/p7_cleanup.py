"""Phase 7, cleanup: an overwrite deletes what the file does not name. The service then publishes the results.

Makes `overwritten` anew, which phase 5 predicted.
"""

from import_pipeline.phases.bookkeeping import keep_before_image
from import_pipeline.phases.deletions import find_deletions
from import_pipeline.phases.ledger import begin_commit, is_applied, mark_applied
from import_pipeline.phases.referring import clear_references, clears
from import_pipeline.phases.work import Work
from import_pipeline.stores.records import HISTORY_COLUMNS, history_table, store_table, transaction
from import_pipeline.words import Action, Phase, PlannedAction


def writes(work: Work) -> bool:
    """Whether this phase changes the record store."""
    return work.spec.action is Action.OVERWRITE


def run(work: Work) -> None:
    """Delete, for an overwrite, the records that the file does not name."""
    if not writes(work):
        return
    if is_applied(work, Phase.CLEANUP):
        work.execute(
            f"""
            CREATE OR REPLACE TABLE overwritten AS
            SELECT id AS record_id, * EXCLUDE ({", ".join(HISTORY_COLUMNS)}) FROM {history_table(work.record_type)}
            WHERE import_id = $import_id AND operation = 'deleted' AND row_number IS NULL
            """,
            {"import_id": work.import_id},
        )
        return
    find_deletions(work, planned=False)
    _delete(work)


def _delete(work: Work) -> None:
    table = store_table(work.record_type.table)
    absent = f"FROM {table} AS stored WHERE stored.id IN (SELECT record_id FROM overwritten)"
    with transaction(work.connection):
        commit = begin_commit(work)
        keep_before_image(work, f"SELECT NULL::BIGINT AS row_number, stored.* {absent}", "deleted", commit)
        deleted = work.number("SELECT count(*) FROM overwritten")
        if deleted and clears(work):  # else nobody has looked for references
            clear_references(work, "SELECT record_id FROM overwritten", commit)
        work.execute(f"DELETE {absent}")
        mark_applied(work, Phase.CLEANUP, commit, {work.import_id: {PlannedAction.DELETE: deleted}})
