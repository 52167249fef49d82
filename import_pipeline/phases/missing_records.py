"""The records that rows refer to and that are not stored: phase 6 creates those that create_missing allows."""

from datetime import datetime

from import_pipeline import record_types
from import_pipeline.phases.bookkeeping import BOOKKEEPING, bookkeeping
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import literal, quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.records import store_table


def create_missing_records(work: Work, now: datetime) -> None:
    """Create the records that rows refer to and the spec's create_missing allows."""
    targets = work.execute(
        """
        SELECT DISTINCT target, field FROM unknown_references
        WHERE row_number IN (SELECT row_number FROM plan WHERE action IN ('create', 'update'))
            AND list_contains($creatable::VARCHAR[], target)
        ORDER BY ALL
        """,
        {"creatable": sorted(work.spec.create_missing)},
    ).fetchall()
    for target, field in targets:
        target_type = record_types.get(target)
        named = work.record_type.field(field).reference_field or "external_id"
        names = _name_of_missing(work, named)
        creator = work.import_of("unknown_references.row_number")
        earlier = f"(SELECT count(*) FROM {store_table(target_type.table)} WHERE created_by_import = import_id)"
        number = f"{earlier} + row_number() OVER (PARTITION BY import_id ORDER BY first_row, comparable)"
        work.execute(
            f"""
            INSERT INTO {store_table(target_type.table)} BY NAME
            SELECT *, {digest_sql(["id", named, *names, *BOOKKEEPING])} AS digest
            FROM (
                SELECT
                    {work.record_prefix("missing.first_row")} || {literal(target + "_")} || ({number}) AS id,
                    key AS {quote(named)},
                    {"".join(f"{quote(name)}, " for name in names)}
                    {bookkeeping("import_id", *BOOKKEEPING)}
                FROM (
                    SELECT
                        comparable,
                        {creator} AS import_id,
                        min(row_number) AS first_row,
                        arg_min(key, row_number) AS key
                        {"".join(f", {sql} AS {quote(name)}" for name, sql in names.items())}
                    FROM unknown_references
                    WHERE target = $target AND field = $field
                        AND row_number IN (SELECT row_number FROM plan WHERE action IN ('create', 'update'))
                    GROUP BY ALL
                ) AS missing
                WHERE comparable NOT IN (
                    SELECT {identity_sql(target_type.field(named), quote(named))}
                    FROM {store_table(target_type.table)}
                    WHERE created_by_import = missing.import_id AND {quote(named)} IS NOT NULL
                )
            )
            """,
            {"now": now, "target": target, "field": field},
        )


def _name_of_missing(work: Work, named: str) -> dict[str, str]:
    """A company created by its external id gets the name that stands beside it in the row."""
    if named == "external_id" and "company_name" in work.row_fields():
        name = "min((SELECT company_name FROM rows WHERE rows.row_number = unknown_references.row_number))"
        return {"name": name}
    return {}
