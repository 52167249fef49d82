"""What fields of this import's own record type hold once it is written, told before that from the plan."""

from import_pipeline.phases.linking import incoming
from import_pipeline.phases.merging import changed_fields
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import quote
from import_pipeline.stores.records import store_table


def values_after(work: Work, field: str, only_changed: bool = False) -> str:
    """SELECT of the id of each record and its value of a field, as `value`.

    Args:
        work: The import, with a plan.
        field: A field of its record type.
        only_changed: Only the records that it creates or updates.
    """
    column = quote(field)
    created = f"incoming.{column}" if field in work.columns_of("transformed") else "NULL"
    updated = changed_fields(work).get(field, f"stored.{column}")
    planned = f"SELECT row_number, record_id, action FROM plan WHERE action IN ('create', 'update') AND {ALIVE}"
    changed = f"""
        SELECT planned.record_id AS id, CASE planned.action WHEN 'create' THEN {created} ELSE {updated} END AS value
        FROM ({planned}) AS planned
        JOIN {incoming(work)} AS incoming ON incoming.row_number = planned.row_number
        LEFT JOIN before AS stored ON stored.row_number = planned.row_number"""
    if only_changed:
        return changed
    return f"""
        {changed}
        UNION ALL
        SELECT id, {column} FROM {store_table(work.record_type.table)}
        WHERE id NOT IN (SELECT record_id FROM ({planned}))"""
