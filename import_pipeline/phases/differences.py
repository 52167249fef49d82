"""What an import does to each record, field by field: read from `plan`, `before`, `transformed` and `overwritten`.

The same tables say it of a dry run and of a finished import. What a field becomes is `merging.py`'s affair; here it is
only told, as text.
"""

from import_pipeline.phases.formulas import harmless
from import_pipeline.phases.merging import EXTRA, changed_fields
from import_pipeline.phases.result_files import outcome_of_action
from import_pipeline.phases.undo import touched_types
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Outcome

NOT_IN_FILE = "not_in_file"
"""The reason of a record that an overwrite deletes: no row of the file means it."""
CHANGE_TYPE = 'STRUCT(field VARCHAR, "before" VARCHAR, "after" VARCHAR)[]'
_COLUMNS = ("row_number", "record_id", "outcome", "reason")
_TEXTS = ("record_id", "reason", "field", "before", "after")


def rows_with_changes(work: Work, outcome: Outcome | None = None, limit: int | None = None, after: int = 0) -> str:
    """SELECT of row_number, record_id, outcome, reason and changes (a list of field, before, after as text).

    One line for every row of the file, in its order, then one for every record that an overwrite deletes, without a
    row number. Lists and JSON are told as JSON.

    Args:
        work: The import, with phase 4 behind it.
        outcome: Only lines with this outcome.
        limit: How many lines at most.
        after: How many lines to pass over.
    """
    wanted = f"WHERE outcome = {literal(str(outcome))}" if outcome is not None else ""
    bound = f"LIMIT {int(limit)} OFFSET {int(after)}" if limit is not None else f"OFFSET {int(after)}"
    if has_table(work.connection, "touched"):
        return _rows_of_undo(work, wanted, bound)
    created, updated, deleted, overwritten = _changes(work)
    return f"""
        WITH lines AS (
            SELECT row_number, record_id, {outcome_of_action()} AS outcome, reason, action FROM plan
            UNION ALL
            SELECT NULL, record_id, '{Outcome.DELETED}', '{NOT_IN_FILE}', 'overwrite' FROM overwritten
        ),
        page AS (
            SELECT * FROM lines {wanted} ORDER BY row_number NULLS LAST, record_id {bound}
        )
        SELECT page.row_number, page.record_id, outcome, reason,
            CASE action
                WHEN 'create' THEN {created}
                WHEN 'update' THEN {updated}
                WHEN 'delete' THEN {deleted}
                WHEN 'overwrite' THEN {overwritten}
                ELSE []
            END::{CHANGE_TYPE} AS changes
        FROM page
        LEFT JOIN transformed AS incoming ON incoming.row_number = page.row_number
        LEFT JOIN before AS stored ON stored.row_number = page.row_number
        LEFT JOIN overwritten AS absent ON absent.record_id = page.record_id
        ORDER BY page.row_number NULLS LAST, page.record_id
    """


def _rows_of_undo(work: Work, wanted: str, bound: str) -> str:
    """The same of an undo: what the records are, and what they were before the import that it undoes."""
    cases, joins = "", ""
    for record_type in touched_types(work):
        types = {field.name: field.type.sql_type for field in record_type.fields} | {EXTRA: "JSON"}
        before, after = (quote(f"{made}_{record_type.table}") for made in ("present", "image"))
        changes = differing(
            types,
            {name: f"{before}.{quote(name)}" for name in types},
            {name: f"{after}.{quote(name)}" for name in types},
        )
        cases += f" WHEN {literal(record_type.name)} THEN {changes}"
        joins += f" LEFT JOIN {before} ON {before}.row_number = page.row_number"
        joins += f" LEFT JOIN {after} ON {after}.row_number = page.row_number"
    return f"""
        WITH page AS (
            SELECT *
            FROM (SELECT row_number, record_id, {outcome_of_action()} AS outcome, reason, action, record_type FROM plan)
            {wanted} ORDER BY row_number {bound}
        )
        SELECT page.row_number, page.record_id, outcome, reason,
            CASE
                WHEN action NOT IN ('create', 'update', 'delete') THEN []
                ELSE CASE record_type {cases} END
            END::{CHANGE_TYPE} AS changes
        FROM page {joins}
        ORDER BY page.row_number
    """


def csv_of_changes(select: str) -> str:
    """SELECT of one line for each changed field, or one for a row without any; formulas are made harmless.

    Args:
        select: What `rows_with_changes` gave.
    """
    cells = ", ".join(f"{harmless(quote(name))} AS {quote(name)}" for name in _TEXTS)
    return f"""
        SELECT row_number, * EXCLUDE (row_number, position) REPLACE ({cells})
        FROM (
            SELECT {", ".join(_COLUMNS)}, change.field, change."before", change."after", position
            FROM (
                SELECT {", ".join(_COLUMNS)},
                    unnest(CASE WHEN len(changes) = 0 THEN [NULL] ELSE changes END) AS change,
                    generate_subscripts(CASE WHEN len(changes) = 0 THEN [NULL] ELSE changes END, 1) AS position
                FROM ({select})
            )
        )
        ORDER BY row_number NULLS LAST, record_id, position
    """


def _changes(work: Work) -> tuple[str, str, str, str]:
    """SQL of the changes of a created, an updated, a deleted and an overwritten record."""
    types = {field.name: field.type.sql_type for field in work.record_type.fields} | {EXTRA: "JSON"}
    present = set(work.columns_of("transformed"))
    none = dict.fromkeys(types, "NULL")
    incoming = {name: f"incoming.{quote(name)}" if name in present else "NULL" for name in types}
    stored = {name: f"stored.{quote(name)}" for name in types}
    absent = {name: f"absent.{quote(name)}" for name in types}
    return (
        differing(types, none, incoming),
        differing(types, stored, stored | changed_fields(work)),
        differing(types, stored, none),
        differing(types, absent, none),
    )


def differing(types: dict[str, str], before: dict[str, str], after: dict[str, str]) -> str:
    """SQL of the list of those fields whose value differs.

    Args:
        types: Field → its SQL type, in the order in which they are told.
        before: Field → SQL of its value before.
        after: Field → SQL of its value after.
    """
    changes = [
        f"CASE WHEN {before[name]} IS DISTINCT FROM {after[name]} THEN struct_pack(field := {literal(name)}, "
        f'"before" := {_as_text(before[name], sql_type)}, "after" := {_as_text(after[name], sql_type)}) END'
        for name, sql_type in types.items()
        if before[name] != after[name]
    ]
    return f"list_filter([{', '.join(changes)}], lambda change: change IS NOT NULL)" if changes else "[]"


def _as_text(value: str, sql_type: str) -> str:
    return f"CAST({f'to_json({value})' if sql_type.endswith('[]') and value != 'NULL' else value} AS VARCHAR)"
