"""Which records an overwrite deletes: those that no row of the file means, failed and skipped rows included.

A row that failed is no reason to delete its record, so records that match such a row by any identifier are kept. So is
what came after the file: records that this import created for references, and what others wrote since phase 6.
"""

from import_pipeline.phases.identities import comparable
from import_pipeline.phases.referring import REFERENCES_CLEARED, STILL_REFERRED_TO, clears, find_referring, level_of
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import ID_FIELD, Action, Phase

_LISTED = 100
"""How many records that stay are listed one by one."""


def deletable_records(work: Work) -> str:
    """SQL of the ids of the records that the file does not name.

    It reads the store as it is: before phase 6, or after it, when the records that it created are in the plan.
    """
    import_id = literal(work.import_id)
    return f"""
        SELECT stored.id
        FROM {store_table(work.record_type.table)} AS stored
        WHERE stored.id NOT IN (SELECT record_id FROM plan WHERE record_id IS NOT NULL)
            AND stored.created_by_import IS DISTINCT FROM {import_id}
            AND coalesce(stored.updated_at <= (
                SELECT max(applied_at) FROM {store_table("applied_imports")}
                WHERE import_id = {import_id} AND phase = 'processing'
            ), true)
            {_not_named_by_rows_left_out(work)}
    """


def find_deletions(work: Work, *, planned: bool) -> None:
    """Make `overwritten`: the records that the overwrite deletes, whole; no record for the other actions.

    Args:
        work: The import at work.
        planned: Whether phase 6 is yet to come.
    """
    deleted = deletable_records(work) if work.spec.action is Action.OVERWRITE else "SELECT NULL WHERE false"
    found = work.create(
        "overwritten",
        f"SELECT id AS record_id, * FROM {store_table(work.record_type.table)} WHERE id IN ({deleted})",
    )
    if work.spec.action is Action.OVERWRITE:
        _hold_references(work, found, planned)
    elif work.spec.action is Action.DELETE and clears(work):
        _list_cleared(work)


def _hold_references(work: Work, found: int, planned: bool) -> None:
    """Take out of `overwritten` what others refer to, and list it; or list whose references are to be emptied."""
    code = REFERENCES_CLEARED if clears(work) else STILL_REFERRED_TO
    work.execute("DELETE FROM defects WHERE row_number IS NULL AND code = $code", {"code": code})
    held = find_referring(work, "SELECT record_id FROM overwritten", planned=planned) if found else 0
    if not held:
        return
    if not clears(work):
        work.execute("DELETE FROM overwritten WHERE record_id IN (SELECT record_id FROM still_referred_to)")
    more = literal(f"In all {held} {work.record_type.plural} that the file does not name are referred to by others.")
    further = f" UNION ALL SELECT NULL, {more}" if held > _LISTED else ""
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        SELECT $phase AS phase, $code AS code, $level AS level, record_id AS value, message
        FROM ((SELECT * FROM still_referred_to ORDER BY record_id LIMIT {_LISTED}){further})
        """,
        {"phase": str(Phase.VALIDATION), "code": code, "level": str(level_of(work))},
    )


def _list_cleared(work: Work) -> None:
    """List the rows whose records others refer to, by references that are to be emptied."""
    if find_referring(work, "SELECT record_id FROM plan WHERE action = 'delete'", planned=False):
        work.execute(
            """
            INSERT INTO defects BY NAME
            SELECT row_number, $phase AS phase, $code AS code, $level AS level, record_id AS value, message
            FROM still_referred_to JOIN plan USING (record_id)
            """,
            {"phase": str(Phase.VALIDATION), "code": REFERENCES_CLEARED, "level": str(level_of(work))},
        )


def count_deletions(work: Work) -> tuple[int, int]:
    """How many records are stored, and how many of them the overwrite deletes, by `overwritten`."""
    stored = work.number(f"SELECT count(*) FROM {store_table(work.record_type.table)}")
    return stored, work.number("SELECT count(*) FROM overwritten")


def _not_named_by_rows_left_out(work: Work) -> str:
    """Keep what a failed or skipped row names, typed or, where that failed, in its cells as they are.

    An identifier that only a hook fills stands in no column of the file, but in the typed rows all the same.
    """
    conditions = []
    mapped, typed = work.mapped(), set(work.columns_of("typed_rows"))
    left_out = "(SELECT row_number FROM plan WHERE action IN ('fail', 'skip'))"
    for field in (ID_FIELD, *work.record_type.identifiers):
        named = []
        if field in typed:
            named.append(
                f"SELECT {comparable(work, field, '', typed)} AS named FROM typed_rows WHERE row_number IN {left_out}"
            )
        if field in mapped:
            cell = f"nullif(trim({quote(mapped[field].column_name)}), '')"
            written = cell if field == ID_FIELD else identity_sql(work.record_type.field(field), cell)
            named.append(f"SELECT {written} AS named FROM source_text WHERE rowid + 1 IN {left_out}")
        if not named:
            continue
        stored = comparable(work, field, "stored.", set(work.record_type.field_names))
        conditions.append(f"""
            AND ({stored} IS NULL
                OR {stored} NOT IN (SELECT named FROM ({" UNION ALL ".join(named)}) WHERE named IS NOT NULL))""")
    return "".join(conditions)
