"""Which records an undo leaves as they are, and why: changed since, still needed by others, or in the way of others.

A record counts as unchanged if it still is what the undone import left: that import wrote it last, and its digest is
right. Of an undo that is undone, if it still equals the image that was put back. All that is kept is listed as defects.
"""

from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.records import history_table, record_columns, store_table
from import_pipeline.stores.references import (
    counted_kind,
    described,
    reference_fields,
    references_in,
    referring_fields,
    target_of,
)

CHANGED = "changed_since"
DELETED = "deleted_since"
GONE = "gone_already"
NO_IMAGE = "no_before_image"
NEEDED = "still_referred_to"
TAKEN = "identifier_taken"
DANGLING = "unknown_reference"

_MESSAGES = {
    DELETED: "The record was deleted since and stays deleted.",
    NO_IMAGE: "The record store does not hold what the record was before, so it stays as it is.",
}


def keep_what_changed(work: Work, undone: str, undid: str | None, types: list[RecordType]) -> None:
    """Take records from the plan that are not what the undone import left, or whose image is missing."""
    for record_type in types:
        name, table = literal(record_type.name), record_type.table
        work.execute(
            f"""
            UPDATE plan SET action = decided.action, reason = decided.reason
            FROM (
                SELECT touched.row_number,
                    CASE
                        WHEN operation <> 'created' AND image.id IS NULL THEN '{NO_IMAGE}'
                        WHEN operation = 'created' AND present.id IS NULL THEN '{GONE}'
                        WHEN operation <> 'created' AND {digest_sql(record_columns(record_type), "present")}
                            = {digest_sql(record_columns(record_type), "image")} THEN '{GONE}'
                        WHEN operation = 'updated' AND present.id IS NULL THEN '{DELETED}'
                        WHEN operation = 'deleted' AND present.id IS NOT NULL THEN '{CHANGED}'
                        WHEN operation <> 'deleted' AND NOT coalesce(left_by.stands, false) THEN '{CHANGED}'
                    END AS reason,
                    CASE reason WHEN '{NO_IMAGE}' THEN 'fail' WHEN '{GONE}' THEN 'unchanged' ELSE 'skip' END AS action
                FROM touched
                LEFT JOIN {quote("present_" + table)} AS present ON present.row_number = touched.row_number
                LEFT JOIN {quote("image_" + table)} AS image ON image.row_number = touched.row_number
                LEFT JOIN ({_standing(record_type, undid)}) AS left_by ON left_by.row_number = touched.row_number
                WHERE touched.record_type = {name}
            ) AS decided
            WHERE decided.row_number = plan.row_number AND decided.reason IS NOT NULL
            """,
            {"undone": undid or undone},
        )
        _tell_of_changed(work, record_type, undone)


def _standing(record_type: RecordType, undid: str | None) -> str:
    """SELECT of row_number and whether the record still is what the undone import left."""
    present, columns = quote(f"present_{record_type.table}"), record_columns(record_type)
    if undid is not None:
        return f"""
            SELECT present.row_number, {digest_sql(columns, "present")} = {digest_sql(columns, "image")} AS stands
            FROM {present} AS present
            JOIN {history_table(record_type)} AS image ON image.id = present.id AND image.import_id = $undone
                AND image.operation <> 'created'
            """
    engine = f"SELECT max(engine) FROM {store_table('applied_imports')} WHERE import_id = $undone"
    return f"""
        SELECT row_number,
            updated_by_import = $undone AND (
                digest IS NULL OR ({engine}) IS DISTINCT FROM version() OR digest = {digest_sql(columns)}
            ) AS stands
        FROM {present}
        """


def _tell_of_changed(work: Work, record_type: RecordType, undone: str) -> None:
    """List who changed the records that are kept because they were changed."""
    _tell(
        work,
        CHANGED,
        f"""
        SELECT plan.row_number, CASE
            WHEN history.import_id IS NOT NULL THEN format('Changed since, by import {{}} on {{}}; it stays as it is.',
                history.import_id, strftime(history.changed_at, '%Y-%m-%d %H:%M UTC'))
            ELSE 'Changed since, by hand; it stays as it is.'
        END AS message
        FROM plan
        LEFT JOIN (
            SELECT id, arg_max(import_id, changed_at) AS import_id, max(changed_at) AS changed_at
            FROM {history_table(record_type)}
            WHERE changed_at > (SELECT min(applied_at) FROM {store_table("applied_imports")} WHERE import_id = $undone)
                AND import_id <> $undone
            GROUP BY id
        ) AS history ON history.id = plan.record_id
        WHERE plan.reason = '{CHANGED}' AND plan.record_type = {literal(record_type.name)}
        """,
        {"undone": undone},
    )


def _tell(work: Work, code: str, select: str, values: dict[str, str] | None = None) -> None:
    """Write the defects of what is kept, as SELECT of row_number and message says."""
    level = "error" if code == NO_IMAGE else "info"
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        SELECT kept.row_number, 'parsing' AS phase, '{code}' AS code, kept.message, plan.record_id AS value,
            '{level}' AS level
        FROM ({select}) AS kept JOIN plan USING (row_number)
        """,
        values,
    )


def keep_what_is_needed(work: Work, types: list[RecordType]) -> None:
    """Take records from the plan that others need, whose references are gone, or whose identifier another one has.

    What is kept stays as it is and may in turn need others or be in the way of others, so it goes on from there.
    """
    planned = {
        (record_type, action)
        for record_type, action in work.execute("SELECT DISTINCT record_type, action FROM plan").fetchall()
    }
    deleted = [one for one in types if (one.name, "delete") in planned]
    restored = [one for one in types if {(one.name, "update"), (one.name, "create")} & planned]
    selects = [
        *(_needed(target, referring, field) for target in deleted for referring, field in referring_fields(target)),
        *(_dangling(record_type, field) for record_type in restored for field in reference_fields(record_type)),
        *(_in_the_way(record_type, name) for record_type in restored for name in record_type.strong),
    ]
    if selects:
        work.create("holding", " UNION ALL ".join(f"({select})" for select in selects))
        held = work.create(
            "held",
            """
            WITH RECURSIVE held (row_number) AS (
                SELECT row_number FROM holding WHERE holder IS NULL
                UNION
                SELECT holding.row_number FROM held JOIN holding ON holding.holder = held.row_number
            )
            SELECT holding.* FROM holding JOIN held USING (row_number)
            WHERE holder IS NULL OR holder IN (SELECT row_number FROM held)
            """,
        )
        work.execute(
            """
            UPDATE plan SET action = 'skip', reason = held.reason
            FROM (SELECT row_number, min(reason) AS reason FROM held GROUP BY row_number) AS held
            WHERE held.row_number = plan.row_number
            """
        )
        for record_type in types if held else ():
            _tell_of_held(work, record_type)
    for code, message in _MESSAGES.items():
        _tell(work, code, f"SELECT row_number, {literal(message)} AS message FROM plan WHERE reason = '{code}'")


def _plan_of(record_type: RecordType, *actions: str) -> str:
    """SELECT of row_number and record_id of what is planned for a record type."""
    listed = ", ".join(map(literal, actions))
    return f"""
        SELECT row_number, record_id FROM plan
        WHERE record_type = {literal(record_type.name)} AND action IN ({listed})"""


def _needed(target: RecordType, referring: RecordType, field: Field) -> str:
    """SELECT of the rows that would delete a record to which others refer that stay.

    `holder` is the row that would change or delete the other one, if there is one: it holds if it is kept itself.
    """
    return f"""
        SELECT held.row_number, holder.row_number AS holder, '{NEEDED}' AS reason, {literal(referring.name)} AS kind,
            other.id AS other_id, NULL AS field
        FROM ({_plan_of(target, "delete")}) AS held
        JOIN ({references_in(store_table(referring.table), referring, field)}) AS other ON other.key = held.record_id
        LEFT JOIN ({_plan_of(referring, "update", "delete")}) AS holder ON holder.record_id = other.id"""


def _dangling(record_type: RecordType, field: Field) -> str:
    """SELECT of the rows that would bring back a reference to a record that is gone, or does not come back either."""
    target = target_of(field)
    stored, gone = store_table(target.table), f"SELECT record_id FROM ({_plan_of(target, 'delete')})"
    images = references_in(quote(f"image_{record_type.table}"), record_type, field, "row_number")
    return f"""
        SELECT held.row_number, holder.row_number AS holder, '{DANGLING}' AS reason, {literal(target.name)} AS kind,
            image.key AS other_id, {literal(field.name)} AS field
        FROM ({_plan_of(record_type, "update", "create")}) AS held
        JOIN ({images}) AS image ON image.row_number = held.row_number
        LEFT JOIN ({_plan_of(target, "create")}) AS holder ON holder.record_id = image.key
        WHERE image.key NOT IN (SELECT id FROM {stored} WHERE id NOT IN ({gone}))
            AND (holder.row_number IS NOT NULL OR image.key IN (SELECT id FROM {history_table(target)}))"""


def _in_the_way(record_type: RecordType, name: str) -> str:
    """SELECT of the rows whose record would get back an identifier that another one has which stays."""
    field, column = record_type.field(name), quote(name)
    image, present, other = (identity_sql(field, f"{alias}.{column}") for alias in ("image", "present", "other"))
    return f"""
        SELECT held.row_number, holder.row_number AS holder, '{TAKEN}' AS reason, {literal(record_type.name)} AS kind,
            other.id AS other_id, {literal(name)} AS field
        FROM ({_plan_of(record_type, "update", "create")}) AS held
        JOIN {quote("image_" + record_type.table)} AS image ON image.row_number = held.row_number
        LEFT JOIN {quote("present_" + record_type.table)} AS present ON present.row_number = held.row_number
        JOIN {store_table(record_type.table)} AS other ON {other} = {image} AND other.id <> image.id
        LEFT JOIN ({_plan_of(record_type, "update", "delete")}) AS holder ON holder.record_id = other.id
        WHERE {present} IS DISTINCT FROM {image}"""


def _tell_of_held(work: Work, record_type: RecordType) -> None:
    """List the kept records of one type, each with who needs it, what is in its way, or what is gone."""
    image, stored = quote(f"image_{record_type.table}"), store_table(record_type.table)
    kinds = counted_kind("kind", "times")
    kept = f"plan.record_type = {literal(record_type.name)} AND plan.reason = held.reason"
    _tell(
        work,
        NEEDED,
        f"""
        SELECT row_number, {described(record_type, "stored")} || ' is still referred to by ' || others
            || ', so it stays.' AS message
        FROM (
            SELECT row_number, string_agg(times || ' ' || {kinds}, ' and ' ORDER BY kind) AS others
            FROM (
                SELECT row_number, kind, count(DISTINCT other_id) AS times
                FROM held WHERE reason = '{NEEDED}' GROUP BY ALL
            )
            GROUP BY row_number
        )
        JOIN plan USING (row_number)
        JOIN {stored} AS stored ON stored.id = plan.record_id
        WHERE plan.record_type = {literal(record_type.name)} AND plan.reason = '{NEEDED}'
        """,
    )
    identifiers = " ".join(f"WHEN {literal(name)} THEN image.{quote(name)}" for name in record_type.strong)
    _tell(
        work,
        TAKEN,
        f"""
        SELECT row_number, min({described(record_type, "stored")} || ' has the ' || held.field || ' '
            || CASE held.field {identifiers} END || ' by now, so ' || {described(record_type, "image")}
            || ' does not get it back.') AS message
        FROM held
        JOIN plan USING (row_number)
        JOIN {stored} AS stored ON stored.id = held.other_id
        JOIN {image} AS image USING (row_number)
        WHERE {kept} AND held.reason = '{TAKEN}'
        GROUP BY row_number
        """,
    )
    _tell(
        work,
        DANGLING,
        f"""
        SELECT row_number, min(
            'The ' || held.kind || ' ' || held.other_id || ', to which ' || {described(record_type, "image")}
            || ' would refer by ' || held.field || ', is gone, so it is not given back.'
        ) AS message
        FROM held
        JOIN plan USING (row_number)
        JOIN {image} AS image USING (row_number)
        WHERE {kept} AND held.reason = '{DANGLING}'
        GROUP BY row_number
        """,
    )
