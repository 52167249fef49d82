"""What the store notes on every record: when and by which import it was created and changed, and what it was before."""

from import_pipeline.phases.ledger import Commit
from import_pipeline.phases.work import Work
from import_pipeline.stores.records import history_table

CHANGED = ("updated_at", "updated_by_import")
BOOKKEEPING = ("created_at", "created_by_import", *CHANGED)


def bookkeeping(import_id: str, *columns: str) -> str:
    """SQL of what the store itself notes on a record that is written now, by an import whose id is SQL."""
    return ", ".join(f"{'$now::TIMESTAMP' if name.endswith('_at') else import_id} AS {name}" for name in columns)


def keep_before_image(work: Work, select: str, operation: str, commit: Commit) -> None:
    """Copy stored records into the history before they change.

    Args:
        work: The import at work.
        select: SELECT of row_number and all columns of the record table.
        operation: updated or deleted.
        commit: What the change is written under.
    """
    work.execute(
        f"""
        INSERT INTO {history_table(work.record_type)} BY NAME
        SELECT
            {commit.sequence_of(work, "image.row_number")} AS mark_sequence,
            {work.import_of("image.row_number")} AS import_id,
            {work.row_in_file("image.row_number")} AS row_number,
            $operation AS operation,
            $now::TIMESTAMP AS changed_at,
            image.* EXCLUDE (row_number)
        FROM ({select}) AS image
        """,
        {"operation": operation, "now": commit.now},
    )
