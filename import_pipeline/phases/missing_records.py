"""The records that rows refer to and that are not stored: phase 6 creates those that create_missing allows.

No row of the file is theirs, so that their creation stands in the history: a line without an image.
"""

from import_pipeline import record_types
from import_pipeline.phases.bookkeeping import BOOKKEEPING, bookkeeping
from import_pipeline.phases.ledger import Commit
from import_pipeline.phases.work import Work
from import_pipeline.sql import quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.records import history_table, store_table

_NEEDED = "row_number IN (SELECT row_number FROM plan WHERE action IN ('create', 'update'))"


def create_missing_records(work: Work, commit: Commit) -> None:
    """Create the records that rows refer to and the spec's create_missing allows, with the ids that rows refer to."""
    fields = work.execute(
        f"""
        SELECT DISTINCT field FROM unknown_references
        WHERE {_NEEDED} AND list_contains($creatable::VARCHAR[], target)
        ORDER BY field
        """,
        {"creatable": sorted(work.spec.create_missing)},
    ).fetchall()
    for (name,) in fields:
        field = work.record_type.field(name)
        target_type = record_types.get(field.reference or "")
        named = field.reference_field or "external_id"
        names = _name_of_missing(work, named)
        table, row = store_table(target_type.table), "unknown_references.row_number"
        work.execute(
            f"""
            CREATE OR REPLACE TEMPORARY TABLE missing AS
            SELECT
                record_id AS id,
                {work.import_of(row)} AS import_id,
                {commit.sequence_of(work, row)} AS mark_sequence,
                arg_min(key, row_number) AS {quote(named)}
                {"".join(f", {sql} AS {quote(one)}" for one, sql in names.items())}
            FROM unknown_references
            WHERE field = $field AND {_NEEDED} AND record_id NOT IN (SELECT id FROM {table})
            GROUP BY ALL
            """,
            {"field": name},
        )
        work.execute(
            f"""
            INSERT INTO {table} BY NAME
            SELECT *, {digest_sql(["id", named, *names, *BOOKKEEPING])} AS digest
            FROM (
                SELECT * EXCLUDE (import_id, mark_sequence), {bookkeeping("import_id", *BOOKKEEPING)} FROM temp.missing
            )
            """,
            {"now": commit.now},
        )
        work.execute(
            f"""
            INSERT INTO {history_table(target_type)} BY NAME
            SELECT mark_sequence, import_id, 'created' AS operation, $now::TIMESTAMP AS changed_at, id FROM temp.missing
            """,
            {"now": commit.now},
        )
        work.execute("DROP TABLE temp.missing")


def _name_of_missing(work: Work, named: str) -> dict[str, str]:
    """A company created by its external id gets the name that stands beside it in the row."""
    if named == "external_id" and "company_name" in work.row_fields():
        name = "min((SELECT company_name FROM rows WHERE rows.row_number = unknown_references.row_number))"
        return {"name": name}
    return {}
