"""What an import does to each record: the record before and after, and the fields in which the two differ.

Read from `plan`, `before`, `transformed` and `overwritten`. The same tables say it of a dry run and of a finished
import. What a field becomes is `merging.py`'s affair.
"""

from typing import TYPE_CHECKING

from import_pipeline.phases.linking import incoming
from import_pipeline.phases.merging import EXTRA, changed_fields
from import_pipeline.phases.names import explicit_fields, remembered_names
from import_pipeline.phases.outcomes import outcome_of_action
from import_pipeline.phases.slices import ALL_ROWS, Slice
from import_pipeline.phases.undo import image, present, touched_types
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.references import shown, shown_columns
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Action, Outcome

if TYPE_CHECKING:
    import duckdb

NOT_IN_FILE = "not_in_file"
"""The reason of a record that an overwrite deletes: no row of the file means it."""
CHANGE_TYPE = 'STRUCT(field VARCHAR, "before" VARCHAR, "after" VARCHAR)[]'
BEFORE, AFTER = "before ", "after "
_JOINS = """
        LEFT JOIN {incoming} AS incoming ON incoming.row_number = page.row_number AND {of_incoming}
        LEFT JOIN before AS stored ON stored.row_number = page.row_number AND {of_stored}
        LEFT JOIN overwritten AS absent ON absent.record_id = page.record_id"""
_JOIN_NAMED = """
        LEFT JOIN named ON named.row_number IS NOT DISTINCT FROM page.row_number
            AND named.record_id IS NOT DISTINCT FROM page.record_id"""


def planned_rows(work: Work, part: Slice = ALL_ROWS) -> str:
    """SELECT of row_number, record_id, outcome, reason, before and after: structures of the fields that can differ.

    One line for every row of the file, then one for every record that an overwrite deletes, without a row number. Of
    a row that changes nothing, both are empty. References are told by what people call the records.

    Args:
        work: The import, with phase 5 behind it.
        part: Of which rows; records without one come with the first of them. An undo knows no parts.
    """
    if has_table(work.connection, "touched"):
        return _rows_of_undo(work)
    named_fields = explicit_fields(work)
    before, after = _records(work, named_fields)
    return f"""
        WITH page AS (
            SELECT row_number, record_id, {outcome_of_action()} AS outcome, reason, action FROM plan
            WHERE {part.holds("row_number")}
            UNION ALL
            SELECT NULL, record_id, '{Outcome.DELETED}', '{NOT_IN_FILE}', 'overwrite' FROM overwritten
            WHERE {part.is_first}
        ){_named_references(work, named_fields, part)}
        SELECT page.row_number, page.record_id, page.outcome, page.reason,
            CASE WHEN page.action IN ('update', 'delete', 'overwrite') THEN {before} END AS "before",
            CASE WHEN page.action IN ('create', 'update') THEN {after} END AS "after"
        FROM page
        {_joins("transformed", part)}
        {_JOIN_NAMED if named_fields else ""}
    """


def _joins(incoming: str, part: Slice) -> str:
    of_incoming, of_stored = part.holds("incoming.row_number"), part.holds("stored.row_number")
    return _JOINS.format(incoming=incoming, of_incoming=of_incoming, of_stored=of_stored)


def _named_references(work: Work, named_fields: list[str], part: Slice) -> str:
    """SQL of the table `named`: of each line the fields that refer to other records, before and after, as names."""
    if not named_fields:
        return ""
    after, columns, fields = changed_fields(work), [], {}
    present = set(work.columns_of("transformed"))
    for name in named_fields:
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
        FROM page {_joins(incoming(work), part)}"""
    return f", named AS ({shown_columns(fields, select, remembered_names)})"


def _rows_of_undo(work: Work) -> str:
    """The same of an undo: what the records are, and what they were before the import that it undoes."""
    types = _types_of_all(work)
    befores, afters, joins = "", "", ""
    for record_type in touched_types(work):
        own = {field.name for field in record_type.fields} | {EXTRA}
        for made, table in (("present", present(record_type)), ("image", image(record_type))):
            alias = quote(f"{made} {record_type.table}")
            record = _structure(types, {name: f"{alias}.{quote(name)}" if name in own else "NULL" for name in types})
            case = f" WHEN {literal(record_type.name)} THEN {record}"
            befores, afters = (befores + case, afters) if made == "present" else (befores, afters + case)
            named = shown(record_type, f"SELECT * FROM {table}", remembered_names)
            joins += f" LEFT JOIN ({named}) AS {alias} ON {alias}.row_number = page.row_number"
    changing = "action IN ('create', 'update', 'delete')"
    return f"""
        SELECT page.row_number, page.record_id, {outcome_of_action()} AS outcome, reason,
            CASE WHEN {changing} THEN CASE record_type {befores} END END AS "before",
            CASE WHEN {changing} THEN CASE record_type {afters} END END AS "after"
        FROM plan AS page {joins}
    """


def _types_of_all(work: Work) -> dict[str, str]:
    """The fields of all record types that an undo may touch → SQL type; text where two types say otherwise."""
    types: dict[str, str] = {}
    for record_type in touched_types(work):
        for field in record_type.fields:
            known = types.setdefault(field.name, field.type.sql_type)
            types[field.name] = known if known == field.type.sql_type else "VARCHAR"
    return types | {EXTRA: "JSON"}


def _records(work: Work, named_fields: list[str]) -> tuple[str, str]:
    """SQL of the structures of a record before and after: one each, for all actions, is made far quicker than several.

    Args:
        work: The import.
        named_fields: The reference fields that may differ; the table `named` has them.
    """
    types = {field.name: field.type.sql_type for field in work.record_type.fields} | {EXTRA: "JSON"}
    present, changed = set(work.columns_of("transformed")), changed_fields(work)
    if work.spec.action is Action.MERGE:  # no record goes, so that only these can differ
        types = {name: types[name] for name in types if name in present or name in changed} or types
    deletes = work.spec.action is Action.OVERWRITE
    before, after = {}, {}
    for name in types:
        stored, absent = f"stored.{quote(name)}", f"absent.{quote(name)}"
        # a new record has nothing stored
        created = f"incoming.{quote(name)}" if name in present else "NULL"
        updated = changed.get(name, stored)
        before[name] = f"CASE page.action WHEN 'overwrite' THEN {absent} ELSE {stored} END" if deletes else stored
        after[name] = (
            stored if updated == stored else f"CASE page.action WHEN 'create' THEN {created} ELSE {updated} END"
        )
    before |= {name: f"named.{quote(BEFORE + name)}" for name in named_fields}
    after |= {name: f"named.{quote(AFTER + name)}" for name in named_fields}
    return _structure(types, before), _structure(types, after)


def _structure(types: dict[str, str], values: dict[str, str]) -> str:
    cells = ", ".join(f"{quote(name)} := CAST({values[name]} AS {sql_type})" for name, sql_type in types.items())
    return f"struct_pack({cells})"


def rows_with_changes(connection: "duckdb.DuckDBPyConnection", rows: str) -> str:
    """SELECT of row_number, record_id, outcome, reason and changes: field, before and after of all that differs.

    Lists and JSON are told as JSON.

    Args:
        connection: Where the rows are read.
        rows: SELECT of what `planned_rows` gives, or of rows without `before` and `after`, which change nothing.
    """
    names = [name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()]
    described = connection.execute(f'DESCRIBE SELECT unnest("after") FROM ({rows})') if "after" in names else None
    types = {name: sql_type for name, sql_type, *_ in described.fetchall()} if described is not None else {}
    cases = []
    for name, sql_type in types.items():
        before, after = f'"before".{quote(name)}', f'"after".{quote(name)}'
        cases.append(
            f"CASE WHEN {before} IS DISTINCT FROM {after} THEN struct_pack(field := {literal(name)}, "
            f'"before" := {_as_text(before, sql_type)}, "after" := {_as_text(after, sql_type)}) END'
        )
    listed = f"list_filter([{', '.join(cases)}], lambda change: change IS NOT NULL)" if cases else "[]"
    return f"SELECT row_number, record_id, outcome, reason, {listed}::{CHANGE_TYPE} AS changes FROM ({rows})"


def _as_text(value: str, sql_type: str) -> str:
    return f"CAST({f'to_json({value})' if sql_type.endswith('[]') else value} AS VARCHAR)"
