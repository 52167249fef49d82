"""Records found by their values, page by page, and the history of one record: which import did what to it, and when.

Read only. The history derives from the record store: before-images, row outcomes and marks. What an import left is the
next before-image, or the record as it is.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.service import showing
from import_pipeline.settings import Settings
from import_pipeline.sql import Parameters, literal, quote, quoted_list
from import_pipeline.stores import imports
from import_pipeline.stores.digests import DIGEST, digest_sql
from import_pipeline.stores.records import history_table, record_columns, shown_columns, store_table
from import_pipeline.stores.references import is_list, named_by, names_ever_stored, shown, target_of
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

_BOOKKEEPING = ("id", "created_at", "updated_at", "created_by_import", "updated_by_import")
_ORDER = ("coalesce(created_at, TIMESTAMP 'epoch')", "coalesce(created_by_import, '')", "length(id)", "id")


def find_records(
    settings: Settings,
    record_type: RecordType,
    organization: str,
    filters: Mapping[str, str],
    limit: int = 100,
    cursor: str | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    """A page of the stored records that have all these values, in the order in which they came.

    Args:
        settings: Gives the home.
        record_type: The record type.
        organization: Whose records.
        filters: Field, or `id`, `created_by_import`, `updated_by_import` → value as text. Identifiers compare as they
            do in imports, a list has the value in it, and an empty value means an empty field.
        limit: How many at most.
        cursor: The `next_cursor` of the page before.
        text: What one of the fields has to hold somewhere, whatever its case and accents; or the whole id.

    Returns:
        A dictionary of data (records), has_more and next_cursor (None on the last page).

    Raises:
        MappingError: A filter names no field.
        MisuseError: The cursor is none of ours.
    """
    bind = Parameters()
    conditions = [_has_value(record_type, name, value, bind) for name, value in filters.items()]
    if text:
        conditions.append(_holds(record_type, text, bind))
    if cursor is not None:
        places = ", ".join(bind.bind(value) for value in _read_cursor(cursor))
        first, *rest = places.split(", ")
        conditions.append(f"({', '.join(_ORDER)}) > ({first}::TIMESTAMP, {', '.join(rest)})")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    texts = ", ".join(f"CAST({one} AS VARCHAR)" for one in _ORDER)
    select = f"""
        SELECT {quoted_list(shown_columns(record_type))}, [{texts}] AS place
        FROM {store_table(record_type.table)} {where}
        ORDER BY {", ".join(_ORDER)} LIMIT {int(limit) + 1}
        """
    select = f"{shown(record_type, select)} ORDER BY {', '.join(_ORDER)}"
    with showing.opened_store(settings, record_type, organization) as connection:
        found = [] if connection is None else showing.dictionaries(connection, select, bind or None)
    places = [record.pop("place") for record in found]
    more = len(found) > limit
    return {
        "data": found[:limit],
        "has_more": more,
        "next_cursor": _cursor(places[limit - 1]) if more else None,
    }


def _holds(record_type: RecordType, text: str, bind: Parameters) -> str:
    """Whether some field of a record holds a text; references, which are ids, are left alone."""
    shown_texts = [
        f"array_to_string({quote(field.name)}, ' ')" if is_list(field) else f"CAST({quote(field.name)} AS VARCHAR)"
        for field in record_type.fields
        if not field.reference
    ]
    whole = f"lower(strip_accents(concat_ws(chr(10), {', '.join(shown_texts)})))"
    return f"(contains({whole}, lower(strip_accents({bind.bind(text)}::VARCHAR))) OR id = {bind.bind(text)})"


def _has_value(record_type: RecordType, name: str, value: str, bind: Parameters) -> str:
    if name in _BOOKKEEPING:
        return f"CAST({quote(name)} AS VARCHAR) = {bind.bind(value)}"
    field = record_type.field(name)
    column = quote(name)
    if field.reference and value:
        return _refers_to(field, value, bind)
    if field.type.sql_type.endswith("[]"):
        return f"list_contains({column}, {bind.bind(value)})" if value else f"len(coalesce({column}, [])) = 0"
    if not value:
        return f"{column} IS NULL"
    if field.type.sql_type == "VARCHAR":
        given = f"{bind.bind(value)}::VARCHAR"
        same = f"{column} = {given}"
        return f"({same} OR {field.type.identity(column)} = {field.type.identity(given)})"
    return f"{column} = TRY_CAST({bind.bind(value)} AS {field.type.sql_type})"


def _refers_to(field: Field, value: str, bind: Parameters) -> str:
    """Whether a record refers to one that people know by this value, or that has it as its id."""
    looked_up, given = named_by(field), f"{bind.bind(value)}::VARCHAR"
    named = f"""
        SELECT id FROM {store_table(target_of(field).table)}
        WHERE {identity_sql(looked_up, quote(looked_up.name))} = {identity_sql(looked_up, given)}
        UNION ALL SELECT {given}"""
    if is_list(field):
        return f"list_has_any({quote(field.name)}, (SELECT list(id) FROM ({named})))"
    return f"{quote(field.name)} IN ({named})"


def _cursor(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> list[Any]:
    try:
        decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        created_at, import_id, length, record_id = json.loads(decoded)
        return [str(created_at), str(import_id), int(length), str(record_id)]
    except (binascii.Error, ValueError, TypeError) as error:
        raise MisuseError(f"{cursor!r} is no cursor. Take next_cursor of the page before, or begin without.") from error


def history(home: "Home", record_type: RecordType, record_id: str, organization: str) -> list[dict[str, Any]]:
    """What imports did to one record, the oldest first.

    Returns:
        Dictionaries of import_id, operation (created, updated, deleted), changed_at, row_number (None where no row of a
        file named the record), file_name, undoes (the import that was undone, or None), changes (field, before, after),
        before and after (the record's fields that are not empty, or None), and changed_by_hand: whether `after` holds
        changes that no import made.

    Raises:
        NotFoundError: There is no such record and never was one.
    """
    with showing.opened_store(home.settings, record_type, organization) as connection:
        events = [] if connection is None else _events_shown(connection, record_type, record_id)
        present = []
        if connection is not None:
            columns = quoted_list([*record_columns(record_type)])
            select = f"SELECT {columns}, {_by_hand(record_type)} FROM {store_table(record_type.table)} WHERE id = $id"
            present = showing.dictionaries(connection, shown(record_type, select), {"id": record_id})
    if not events and not present:
        remedy = f"`import-pipeline records {record_type.name}` shows what is stored."
        raise NotFoundError(record_type.name, record_id, remedy)
    images = [{name: event[name] for name in (*record_columns(record_type), "by_hand")} for event in events]
    following = [*images[1:], present[0] if present else {}]
    return [
        _told(home, record_type, event, image, after)
        for event, image, after in zip(events, images, following, strict=True)
    ]


def _told(
    home: "Home", record_type: RecordType, event: dict[str, Any], image: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    record = imports.find(home.registry, event["import_id"])
    undoes = record.undoes if record else None
    names = [*(field.name for field in record_type.fields), "extra"]
    old = {name: image[name] for name in names if image[name] is not None} if event["operation"] != "created" else None
    gone = event["operation"] == "deleted" or after.get(ID_FIELD) is None
    new = {name: after[name] for name in names if after[name] is not None} if not gone else None
    return {
        "import_id": event["import_id"],
        "operation": event["operation"],
        "changed_at": event["changed_at"] and event["changed_at"].replace(tzinfo=UTC),
        "row_number": event["row_number"] if undoes is None else None,
        "file_name": record.file_name if record else None,
        "undoes": undoes,
        "changed_by_hand": bool(not gone and after.get("by_hand")),
        "changes": [
            {"field": name, "before": (old or {}).get(name), "after": (new or {}).get(name)}
            for name in names
            if (old or {}).get(name) != (new or {}).get(name)
        ],
        "before": old,
        "after": new,
    }


def _by_hand(record_type: RecordType) -> str:
    """SQL of whether a record is not what its last import left; unknown where another DuckDB made its digest."""
    marks = store_table("applied_imports")
    return f"""
        digest <> {digest_sql(record_columns(record_type))} AND (
            SELECT max(engine) FROM {marks} WHERE {marks}.import_id = updated_by_import
        ) IS NOT DISTINCT FROM version() AS by_hand"""


def _events_shown(
    connection: "duckdb.DuckDBPyConnection", record_type: RecordType, record_id: str
) -> list[dict[str, Any]]:
    """What happened to a record, in the order of the marks, with references as people know them."""
    select = shown(record_type, _events(record_type), names_ever_stored)
    return showing.dictionaries(connection, f"{select} ORDER BY mark_sequence", {"id": record_id})


def _events(record_type: RecordType) -> str:
    """SELECT of what happened to the record `$id`, with the record as it was before, and the number of the mark."""
    history, outcomes = history_table(record_type), store_table("row_outcomes")
    columns = record_columns(record_type)
    named, none = quoted_list(columns), ", ".join(f"NULL AS {quote(name)}" for name in columns if name != DIGEST)
    return f"""
        WITH events AS (
            SELECT mark_sequence, import_id, row_number, operation, {named}, {_by_hand(record_type)}
            FROM {history} WHERE id = $id
            UNION ALL BY NAME
            SELECT mark_sequence, import_id, row_number, outcome AS operation, {none}, false AS by_hand
            FROM {outcomes}
            WHERE record_id = $id AND outcome = 'created' AND record_type = {literal(record_type.name)}
        )
        SELECT events.*, marks.applied_at AS changed_at
        FROM events LEFT JOIN {store_table("applied_imports")} AS marks ON marks.sequence = mark_sequence
        """
