"""Which records an undo leaves as they are, and why: changed since, still needed by others, or in the way of others.

A record counts as unchanged if it still is what the undone import left: that import wrote it last, and its digest is
right. Of an undo that is undone, if it still equals the image that was put back. All that is kept is listed as defects.
"""

from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.records import history_table, record_columns, store_table

_LONGEST_CHAIN = 100  # of records of which each is kept because the one before is

CHANGED = "changed_since"
DELETED = "deleted_since"
GONE = "gone_already"
NO_IMAGE = "no_before_image"
NEEDED = "still_referred_to"
TAKEN = "identity_taken"

_MESSAGES = {
    DELETED: "The record was deleted since and stays deleted.",
    NO_IMAGE: "The record store does not hold what the record was before, so it stays as it is.",
    NEEDED: "A record that was written since refers to this one, so it stays.",
    TAKEN: "A record that was written since has the identifier that this one would get back, so it stays as it is.",
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
                history.import_id, strftime(history.changed_at, '%Y-%m-%d %H:%M'))
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


def keep_what_is_needed(work: Work, undone: str, types: list[RecordType]) -> None:
    """Take records from the plan that later records refer to, or whose identifier a later record has by now.

    Whatever is kept may need others, so it is looked at again until nothing more is kept.
    """
    since = f"(SELECT min(applied_at) FROM {store_table('applied_imports')} WHERE import_id = $undone)"
    for _ in range(_LONGEST_CHAIN):
        kept = _count_kept(work)
        for record_type in types:
            for select in _needed(record_type, types, since):
                _keep(work, select, NEEDED, undone)
            for select in _in_the_way(record_type, since):
                _keep(work, select, TAKEN, undone)
        if _count_kept(work) == kept:
            break
    for code, message in _MESSAGES.items():
        _tell(work, code, f"SELECT row_number, {literal(message)} AS message FROM plan WHERE reason = '{code}'")


def _count_kept(work: Work) -> int:
    return work.number("SELECT count(*) FROM plan WHERE action = 'skip'")


def _keep(work: Work, select: str, reason: str, undone: str) -> None:
    work.execute(
        f"UPDATE plan SET action = 'skip', reason = '{reason}' WHERE row_number IN ({select})", {"undone": undone}
    )


def _staying(record_type: RecordType, since: str) -> str:
    """SELECT of the records written since that this undo leaves as they are."""
    of_type = f"record_type = {literal(record_type.name)}"
    gone = f"SELECT record_id FROM plan WHERE {of_type} AND action IN ('update', 'delete')"
    return f"SELECT * FROM {store_table(record_type.table)} WHERE updated_at >= {since} AND id NOT IN ({gone})"


def _needed(record_type: RecordType, types: list[RecordType], since: str) -> list[str]:
    """SELECTs of the rows whose record would be deleted though records that stay refer to it."""
    selects = []
    for referring in types:
        for field in referring.fields:
            if field.reference != record_type.name:
                continue
            looked_up = record_type.field(field.reference_field or "external_id")
            is_list = field.type.sql_type.endswith("[]")
            key = f"unnest({quote(field.name)})" if is_list else quote(field.name)
            keys = f"SELECT {key} AS key FROM ({_staying(referring, since)})"
            named = f"SELECT {identity_sql(looked_up, 'key')} FROM ({keys})"
            own = identity_sql(looked_up, f"present.{quote(looked_up.name)}")
            by_id = " OR present.id IN (SELECT key FROM named)" if looked_up.name == "external_id" else ""
            selects.append(f"""
                WITH named (key) AS ({named})
                SELECT plan.row_number
                FROM plan JOIN {quote("present_" + record_type.table)} AS present USING (row_number)
                WHERE action = 'delete' AND ({own} IN (SELECT key FROM named){by_id})
                """)
    return selects


def _in_the_way(record_type: RecordType, since: str) -> list[str]:
    """SELECTs of the rows whose record would get back its strongest identifier though one that stays has it by now."""
    selects = []
    stronger = ""
    for name in record_type.identifiers:
        field, column = record_type.field(name), quote(name)
        image, present, other = (identity_sql(field, f"{alias}.{column}") for alias in ("image", "present", "other"))
        selects.append(f"""
            SELECT plan.row_number
            FROM plan
            JOIN {quote("image_" + record_type.table)} AS image USING (row_number)
            LEFT JOIN {quote("present_" + record_type.table)} AS present USING (row_number)
            JOIN ({_staying(record_type, since)}) AS other ON {other} = {image} AND other.id <> image.id
            WHERE action IN ('create', 'update') {stronger} AND {present} IS DISTINCT FROM {image}
            """)
        stronger += f" AND {image} IS NULL"
    return selects
