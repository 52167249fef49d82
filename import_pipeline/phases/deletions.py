"""Which records an overwrite deletes: those that no row of the file means, failed and skipped rows included.

A row that failed is no reason to delete its record, so records that match such a row by any identifier are kept.
"""

from import_pipeline.phases.p2_preparsing import comparable
from import_pipeline.phases.work import ID_FIELD, Work
from import_pipeline.sql import quote
from import_pipeline.stores.records import store_table


def deletable_records(work: Work) -> str:
    """SQL of the ids of the records that the file does not name.

    It reads the store as it is: before phase 6, or after it, when the records that it created are in the plan.
    """
    return f"""
        SELECT stored.id
        FROM {store_table(work.record_type.table)} AS stored
        WHERE stored.id NOT IN (SELECT record_id FROM plan WHERE record_id IS NOT NULL)
            {_not_named_by_rows_left_out(work)}
    """


def count_deletions(work: Work) -> tuple[int, int]:
    """How many records are stored, and how many of them the overwrite deletes."""
    stored = work.number(f"SELECT count(*) FROM {store_table(work.record_type.table)}")
    return stored, work.number(f"SELECT count(*) FROM ({deletable_records(work)})")


def _not_named_by_rows_left_out(work: Work) -> str:
    """Keep what a failed or skipped row names, read from its cells as they are: they may be all that is known of it."""
    conditions = []
    for field, mapped in work.mapped().items():
        if field != ID_FIELD and field not in work.record_type.identifiers:
            continue
        cell = f"nullif(trim({quote(mapped.column_name)}), '')"
        conditions.append(f"""
            AND ({comparable(work, field, f"stored.{quote(field)}")} IS NULL
                OR {comparable(work, field, f"stored.{quote(field)}")} NOT IN (
                SELECT named FROM (
                    SELECT {comparable(work, field, cell)} AS named FROM source_text
                    WHERE rowid + 1 IN (SELECT row_number FROM plan WHERE action IN ('fail', 'skip'))
                ) WHERE named IS NOT NULL))""")
    return "".join(conditions)
