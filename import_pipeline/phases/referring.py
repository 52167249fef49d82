"""Who refers to the records that an import deletes: these stay, or the references to them are emptied.

Makes `referring(kind, by_id, record_id)`, a line for each reference to a record that is to go, and
`still_referred_to(record_id, message)`: the records that others refer to which stay. What refers only from records
that go as well holds nothing; a record that stays holds what it refers to itself, at any depth.
"""

from dataclasses import replace

from import_pipeline.phases.after import values_after
from import_pipeline.phases.bookkeeping import CHANGED, bookkeeping, keep_before_image
from import_pipeline.phases.ledger import Commit
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import literal, quote, quoted_list
from import_pipeline.stores.digests import DIGEST, digest_sql
from import_pipeline.stores.records import record_columns, store_table
from import_pipeline.stores.references import counted_kind, described, is_list, references_in, referring_fields
from import_pipeline.words import DefectLevel, OnReferenced

STILL_REFERRED_TO = "still_referred_to"
REFERENCES_CLEARED = "references_cleared"


def clears(work: Work) -> bool:
    """Whether references to deleted records are emptied, in place of keeping these records."""
    return work.spec.on_referenced is OnReferenced.CLEAR


def level_of(work: Work) -> DefectLevel:
    """How bad it is that others refer to a record that is to go."""
    return DefectLevel.INFO if clears(work) else DefectLevel.WARNING


def find_referring(work: Work, going: str, *, planned: bool) -> int:
    """Make `referring` and `still_referred_to`; gives the number of records of the latter.

    Args:
        work: The import at work.
        going: SELECT of the ids of the records that are to go, of the import's record type.
        planned: Whether the plan is yet to be carried out: references are then those that its rows leave.
    """
    target = work.record_type
    fields = referring_fields(target)
    if not fields:
        work.create(STILL_REFERRED_TO, "SELECT '' AS record_id, '' AS message WHERE false")
        return 0
    selects = []
    for record_type, field in fields:
        table = store_table(record_type.table)
        if planned and record_type.name == target.name:
            table = f"(SELECT id, value AS {quote(field.name)} FROM ({values_after(work, field.name)}))"
        selects.append(
            f"SELECT {literal(record_type.name)} AS kind, id AS by_id, key AS record_id "
            f"FROM ({references_in(table, record_type, field)}) WHERE key IN ({going})"
        )
    work.create("referring", f"SELECT DISTINCT * FROM ({' UNION ALL '.join(selects)})")
    own, stays = literal(target.name), f"(kind <> {literal(target.name)} OR by_id NOT IN (SELECT * FROM going))"
    closure = (
        ""
        if clears(work)
        else f"""
            UNION
            SELECT referring.record_id
            FROM held JOIN referring ON referring.kind = {own} AND referring.by_id = held.record_id"""
    )
    kinds = counted_kind("kind", "times")
    stays_after = stays if clears(work) else f"({stays} OR by_id IN (SELECT record_id FROM held))"
    return work.create(
        STILL_REFERRED_TO,
        f"""
        WITH RECURSIVE going AS MATERIALIZED ({going}),
        held (record_id) AS (
            SELECT record_id FROM referring WHERE {stays}{closure}
        ),
        counted AS (
            SELECT record_id, string_agg(times || ' ' || {kinds}, ' and ' ORDER BY kind) AS others
            FROM (SELECT record_id, kind, count(*) AS times FROM referring WHERE {stays_after} GROUP BY ALL)
            WHERE record_id IN (SELECT record_id FROM held)
            GROUP BY record_id
        )
        SELECT record_id, {_message(work)} AS message
        FROM counted JOIN {store_table(target.table)} AS stored ON stored.id = counted.record_id
        """,
    )


def _message(work: Work) -> str:
    named = described(work.record_type, "stored")
    if clears(work):
        return f"{named} || ' goes; the references to it in ' || others || ' are emptied.'"
    return (
        f"{named} || ' is still referred to by ' || others || ', so it stays. "
        "Delete these first, or import with on_referenced clear.'"
    )


def clear_references(work: Work, going: str, commit: Commit) -> None:
    """Empty the references to the records that go, by `referring`, with before-images of the records that have them.

    Args:
        work: The import at work, within the transaction in which it deletes these records.
        going: SELECT of the ids of the records that go.
        commit: What the deletion is written under.
    """
    by_type: dict[str, tuple[RecordType, list[str]]] = {}
    for record_type, field in referring_fields(work.record_type):
        column = quote(field.name)
        emptied = (
            f"nullif(list_filter({column}, lambda one: NOT list_contains(gone.ids, one)), [])"
            if is_list(field)
            else f"CASE WHEN NOT list_contains(gone.ids, {column}) THEN {column} END"
        )
        by_type.setdefault(record_type.name, (record_type, []))[1].append(f"{emptied} AS {column}")
    for record_type, emptied in by_type.values():
        table, kind = store_table(record_type.table), literal(record_type.name)
        own = f"AND by_id NOT IN ({going})" if record_type.name == work.record_type.name else ""
        referring = f"SELECT by_id FROM referring WHERE kind = {kind} {own}"
        held = f"SELECT NULL::BIGINT AS row_number, stored.* FROM {table} AS stored WHERE id IN ({referring})"
        if not work.number(f"CREATE OR REPLACE TEMPORARY TABLE cleared AS {held}"):
            continue
        keep_before_image(replace(work, record_type=record_type), "SELECT * FROM temp.cleared", "updated", commit)
        work.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM temp.cleared)")
        work.execute(
            f"""
            INSERT INTO {table} BY NAME
            SELECT *, {digest_sql(record_columns(record_type))} AS digest
            FROM (
                SELECT cleared.* EXCLUDE ({quoted_list(["row_number", *CHANGED, DIGEST])})
                    REPLACE ({", ".join(emptied)}),
                    {bookkeeping(literal(work.import_id), *CHANGED)}
                FROM temp.cleared AS cleared, (SELECT list(DISTINCT record_id) AS ids FROM referring) AS gone
            )
            """,
            {"now": commit.now},
        )
    work.execute("DROP TABLE IF EXISTS temp.cleared")
