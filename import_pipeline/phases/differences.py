"""What an import does to each record, field by field: read from `plan`, `before`, `transformed` and `overwritten`.

The same tables say it of a dry run and of a finished import. What a field becomes is `merging.py`'s affair; here it is
only told, as text.
"""

from import_pipeline.phases.formulas import harmless
from import_pipeline.phases.linking import incoming
from import_pipeline.phases.merging import EXTRA, changed_fields
from import_pipeline.phases.names import explicit_fields, remembered_names
from import_pipeline.phases.result_files import outcome_of_action
from import_pipeline.phases.undo import image, present, touched_types
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.references import shown, shown_columns
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Outcome

NOT_IN_FILE = "not_in_file"
"""The reason of a record that an overwrite deletes: no row of the file means it."""
CHANGE_TYPE = 'STRUCT(field VARCHAR, "before" VARCHAR, "after" VARCHAR)[]'
BEFORE, AFTER = "before ", "after "
_JOINS = """
        LEFT JOIN {incoming} AS incoming ON incoming.row_number = page.row_number
        LEFT JOIN before AS stored ON stored.row_number = page.row_number
        LEFT JOIN overwritten AS absent ON absent.record_id = page.record_id"""
_JOIN_NAMED = """
        LEFT JOIN named ON named.row_number IS NOT DISTINCT FROM page.row_number
            AND named.record_id IS NOT DISTINCT FROM page.record_id"""
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
    told = explicit_fields(work)
    created, updated, deleted, overwritten = _changes(work, told)
    return f"""
        WITH lines AS (
            SELECT row_number, record_id, {outcome_of_action()} AS outcome, reason, action FROM plan
            UNION ALL
            SELECT NULL, record_id, '{Outcome.DELETED}', '{NOT_IN_FILE}', 'overwrite' FROM overwritten
        ),
        page AS (
            SELECT * FROM lines {wanted} ORDER BY row_number NULLS LAST, record_id {bound}
        ){_named_references(work, told)}
        SELECT page.row_number, page.record_id, outcome, reason,
            CASE page.action
                WHEN 'create' THEN {created}
                WHEN 'update' THEN {updated}
                WHEN 'delete' THEN {deleted}
                WHEN 'overwrite' THEN {overwritten}
                ELSE []
            END::{CHANGE_TYPE} AS changes
        FROM page
        {_JOINS.format(incoming="transformed")}
        {_JOIN_NAMED if told else ""}
        ORDER BY page.row_number NULLS LAST, page.record_id
    """


def _named_references(work: Work, told: list[str]) -> str:
    """SQL of the table `named`: of each line the fields that refer to other records, before and after, as names."""
    if not told:
        return ""
    after, columns, fields = changed_fields(work), [], {}
    present = set(work.columns_of("transformed"))
    for name in told:
        column = quote(name)
        created = f"incoming.{column}" if name in present else "NULL"
        for when, cases in {
            BEFORE: {"update": f"stored.{column}", "delete": f"stored.{column}", "overwrite": f"absent.{column}"},
            AFTER: {"create": created, "update": after.get(name, f"stored.{column}")},
        }.items():
            chosen = " ".join(f"WHEN {literal(action)} THEN {sql}" for action, sql in cases.items())
            columns.append(f"CASE page.action {chosen} END AS {quote(when + name)}")
            fields[when + name] = work.record_type.field(name)
    select = f"""
        SELECT page.row_number, page.record_id, {", ".join(columns)}
        FROM page {_JOINS.format(incoming=incoming(work))}"""
    return f", named AS ({shown_columns(fields, select, remembered_names)})"


def _rows_of_undo(work: Work, wanted: str, bound: str) -> str:
    """The same of an undo: what the records are, and what they were before the import that it undoes."""
    cases, joins = "", ""
    for record_type in touched_types(work):
        types = {field.name: field.type.sql_type for field in record_type.fields} | {EXTRA: "JSON"}
        before, after = (quote(f"{made} {record_type.table}") for made in ("present", "image"))
        changes = differing(
            types,
            {name: f"{before}.{quote(name)}" for name in types},
            {name: f"{after}.{quote(name)}" for name in types},
        )
        cases += f" WHEN {literal(record_type.name)} THEN {changes}"
        for alias, table in ((before, present(record_type)), (after, image(record_type))):
            records = f"SELECT * FROM {table} WHERE row_number IN (SELECT row_number FROM page)"
            named = shown(record_type, records, remembered_names)
            joins += f" LEFT JOIN ({named}) AS {alias} ON {alias}.row_number = page.row_number"
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


def _changes(work: Work, told: list[str]) -> tuple[str, str, str, str]:
    """SQL of the changes of a created, an updated, a deleted and an overwritten record.

    Args:
        work: The import.
        told: The reference fields that may differ; the table `named` has them.
    """
    types = {field.name: field.type.sql_type for field in work.record_type.fields} | {EXTRA: "JSON"}
    present = set(work.columns_of("transformed"))
    none = dict.fromkeys(types, "NULL")
    incoming = {name: f"incoming.{quote(name)}" if name in present else "NULL" for name in types}
    stored = {name: f"stored.{quote(name)}" for name in types}
    absent = {name: f"absent.{quote(name)}" for name in types}
    before = {name: f"named.{quote(BEFORE + name)}" for name in told}
    after = {name: f"named.{quote(AFTER + name)}" for name in told}
    return (
        differing(types, none, incoming | {name: sql for name, sql in after.items() if name in present}),
        differing(types, stored | before, stored | changed_fields(work) | after),
        differing(types, stored | before, none),
        differing(types, absent | before, none),
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
