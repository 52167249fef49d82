"""Ids that a file of stored records carries and that this organization does not have (phase 3).

In another organization, or after a deletion, such an id says nothing: its row is matched by its other identifiers, and
becomes a new record where these find none, on request with the id of the file.
"""

from import_pipeline.phases.explicit import EXPORTED_ID
from import_pipeline.phases.work import KEPT_IDS, Work
from import_pipeline.sql import Parameters, quote
from import_pipeline.stores.records import STORE, store_table
from import_pipeline.words import ID_FIELD, Action, DefectLevel, Phase

CODE = "unknown_id"


def release_unknown_ids(work: Work) -> bool:
    """Empty the id of the rows of an exported file whose record is not stored, each with a warning.

    For a list of records to delete nothing is released: there an unknown id names nothing that could be deleted.

    Returns:
        Whether the ids of rows changed, so that what was found by them has to be found anew.
    """
    if work.spec.keep_ids:
        work.create(KEPT_IDS, "SELECT 0::BIGINT AS row_number, '' AS id WHERE false")
    if EXPORTED_ID not in work.columns_of("rows") or work.spec.action is Action.DELETE:
        return False
    exported, stored = quote(EXPORTED_ID), store_table(work.record_type.table)
    known = f"CASE WHEN {exported} IN (SELECT id FROM {stored}) THEN {exported} END"
    changed = work.number(f"UPDATE typed_rows SET {ID_FIELD} = {known} WHERE {ID_FIELD} IS DISTINCT FROM ({known})")
    return bool(changed)


def keep_released_ids(work: Work) -> None:
    """Warn of the ids that were released, and make `kept_ids`: those that new records may take over."""
    if EXPORTED_ID not in work.columns_of("rows") or work.spec.action is Action.DELETE:
        return
    bind = Parameters()
    exported, plural = quote(EXPORTED_ID), bind.bind(work.record_type.plural)
    released = f"FROM rows WHERE {ID_FIELD} IS NULL AND {exported} IS NOT NULL"
    remedy = bind.bind("The row was matched by its other identifiers; where they find none, it is a new record.")
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        SELECT
            row_number,
            (SELECT min(name) FROM source_columns WHERE field = {bind.bind(ID_FIELD)}) AS "column",
            {bind.bind(ID_FIELD)} AS field,
            {bind.bind(str(Phase.TRANSFORMING))} AS phase,
            {bind.bind(CODE)} AS code,
            format('None of the stored {{}} has the id {{}}. {{}}', {plural}, {exported}, {remedy}) AS message,
            {exported} AS value,
            {bind.bind(str(DefectLevel.WARNING))} AS level
        {released}
        """,
        bind,
    )
    if work.spec.keep_ids:
        taken = " UNION ALL ".join(f"SELECT id FROM {table}" for table in _tables_with_ids(work))
        work.create(
            KEPT_IDS,
            f"SELECT min(row_number) AS row_number, {exported} AS id {released} AND {exported} NOT IN ({taken})"
            f" GROUP BY {exported}",
        )


def _tables_with_ids(work: Work) -> list[str]:
    """The record tables of all record types, those of declared ones included."""
    found = work.execute(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = $store AND column_name = 'id'", {"store": STORE}
    ).fetchall()
    return [store_table(table) for (table,) in found if not table.endswith("_history")]
