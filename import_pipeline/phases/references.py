"""Which other records the rows refer to, and which of those are not stored (phase 5).

Makes `unknown_references(row_number, field, target, key, comparable)`: what the cell says, and the form in which it
is compared. A field that refers to an external id also takes the record's own id.
"""

from import_pipeline import record_types
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import Parameters, quote
from import_pipeline.stores.records import store_table

_CHANGING = "(SELECT row_number FROM plan WHERE action IN ('create', 'update'))"


def find_references(work: Work) -> None:
    """Make `unknown_references` of the rows that are to be written."""
    work.create(
        "unknown_references",
        "SELECT 0::BIGINT AS row_number, '' AS field, '' AS target, '' AS key, '' AS comparable WHERE false",
    )
    present = set(work.columns_of("transformed"))
    for field in work.record_type.fields:
        if field.reference and field.name in present:
            _find_unknown(work, field, field.reference, present)


def _find_unknown(work: Work, field: Field, target: str, present: set[str]) -> None:
    bind = Parameters()
    target_type = record_types.get(target)
    key = f"unnest({quote(field.name)})" if field.type.sql_type.endswith("[]") else quote(field.name)
    looked_up = target_type.field(field.reference_field or "external_id")
    comparable = identity_sql(looked_up, "key")
    known = f"SELECT {identity_sql(looked_up, quote(looked_up.name))} FROM {store_table(target_type.table)}"
    if looked_up.name == "external_id":
        known += f" UNION ALL SELECT id FROM {store_table(target_type.table)}"
    if target == work.record_type.name and looked_up.name in present:
        own = identity_sql(looked_up, quote(looked_up.name))
        known += f" UNION ALL SELECT {own} FROM transformed WHERE row_number IN {_CHANGING}"
    work.execute(
        f"""
        INSERT INTO unknown_references
        WITH named AS (
            SELECT row_number, key, {comparable} AS comparable
            FROM (SELECT row_number, {key} AS key FROM transformed WHERE row_number IN {_CHANGING})
            WHERE key IS NOT NULL
        ),
        unknown AS (
            SELECT comparable FROM named WHERE comparable IS NOT NULL
            EXCEPT
            ({known})
        )
        SELECT row_number, {bind.bind(field.name)}, {bind.bind(target)}, key, comparable
        FROM named
        WHERE comparable IN (SELECT comparable FROM unknown)
        """,
        bind,
    )
