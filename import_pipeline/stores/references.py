"""References between stored records: which fields refer to which record type, and how a reference is shown.

In a record table a reference is the id of the record that it leads to, so that it lasts when that record is renamed.
People are shown the name or external id by which they know that record.
"""

from collections.abc import Callable, Iterable

from import_pipeline import record_types
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.record_tables import history_table, store_table

Names = Callable[[RecordType, str], str]
"""Gives, for a record type and its field that is shown, a SELECT of id and text."""


def is_list(field: Field) -> bool:
    """Whether a field holds several values."""
    return field.type.sql_type.endswith("[]")


def reference_fields(record_type: RecordType) -> list[Field]:
    """The fields of a record type that refer to other records."""
    return [field for field in record_type.fields if field.reference]


def target_of(field: Field) -> RecordType:
    """The record type that a field refers to."""
    return record_types.get(field.reference or "")


def named_by(field: Field) -> Field:
    """The field of the other record type whose value people write to refer to it."""
    return target_of(field).field(field.reference_field or "external_id")


def referring_fields(target: RecordType) -> list[tuple[RecordType, Field]]:
    """The fields, each with its record type, that refer to records of a type."""
    declared = [record_types.get(name) for name in record_types.names()]
    return [(one, field) for one in declared for field in reference_fields(one) if field.reference == target.name]


def references_in(table: str, record_type: RecordType, field: Field, *also: str) -> str:
    """SELECT of id and key (what is referred to, one line each) and further columns of a table of records.

    Args:
        table: SQL of the table, or of a SELECT in parentheses.
        record_type: The type of its records.
        field: The field that refers.
        also: Names of further columns.
    """
    column = quote(field.name)
    further = "".join(f", {quote(name)}" for name in also)
    key = f"unnest({column})" if is_list(field) else column
    return f"SELECT id, {key} AS key{further} FROM {table} AS {quote(record_type.table)} WHERE {column} IS NOT NULL"


def stored_names(target: RecordType, field: str) -> str:
    """SELECT of the ids of the stored records, with what people know them by."""
    return f"SELECT id, {quote(field)} AS text FROM {store_table(target.table)}"


def names_ever_stored(target: RecordType, field: str) -> str:
    """The same with the records that were deleted, by what they were called last."""
    return f"""
        {stored_names(target, field)}
        UNION ALL
        SELECT id, arg_max({quote(field)}, changed_at) FROM {history_table(target)}
        WHERE id NOT IN (SELECT id FROM {store_table(target.table)})
        GROUP BY id"""


def shown(record_type: RecordType, select: str, names: Names = stored_names, among: Iterable[str] | None = None) -> str:
    """SELECT of the same columns and rows, in any order, with references as people know them.

    What has no name is shown by its id, and what leads nowhere as it is stored.

    Args:
        record_type: The type of the records.
        select: SELECT of some records, with their reference columns.
        names: Where names are looked up.
        among: The columns of `select` that are to be shown so, if not all.
    """
    fields = [field for field in reference_fields(record_type) if among is None or field.name in set(among)]
    return shown_columns({field.name: field for field in fields}, select, names)


def shown_columns(columns: dict[str, Field], select: str, names: Names = stored_names) -> str:
    """The same for columns of any name.

    Args:
        columns: Name of the column → the field whose values it holds.
        select: SELECT of some rows with these columns.
        names: Where names are looked up.
    """
    if not columns:
        return f"SELECT * FROM ({select})"
    replaced, joins = [], []
    for place, (name, field) in enumerate(columns.items()):
        alias, column = f"names_{place}", quote(name)
        lookup = names(target_of(field), named_by(field).name)
        if is_list(field):
            lookup = f"""
                SELECT cell AS id, list(coalesce(text, key) ORDER BY position) AS text
                FROM (
                    SELECT cell, unnest(cell) AS key, generate_subscripts(cell, 1) AS position
                    FROM (SELECT DISTINCT {column} AS cell FROM given)
                )
                LEFT JOIN ({lookup}) ON id = key
                GROUP BY cell"""
        replaced.append(f"coalesce({alias}.text, given.{column}) AS {column}")
        joins.append(f"LEFT JOIN ({lookup}) AS {alias} ON {alias}.id = given.{column}")
    return f"""
        SELECT * FROM (
            WITH given AS MATERIALIZED ({select})
            SELECT given.* REPLACE ({", ".join(replaced)})
            FROM given {" ".join(joins)}
        )"""


def described(record_type: RecordType, alias: str) -> str:
    """SQL of how a message names a stored record: `Company P-100 (rec_…)`."""
    known = ", ".join(f"{alias}.{quote(name)}" for name in record_type.identifiers)
    named = f"coalesce(' ' || coalesce({known}), '')" if known else "''"
    return f"{literal(record_type.label)} || {named} || ' (' || {alias}.id || ')'"


def counted_kind(kind: str, count: str) -> str:
    """SQL of the name of a record type, in the plural unless there is one.

    Args:
        kind: SQL of the name of a record type.
        count: SQL of how many there are.
    """
    cases = " ".join(
        f"WHEN {literal(name)} THEN {literal(record_types.plural_of(name))}" for name in record_types.names()
    )
    return f"CASE WHEN {count} = 1 THEN {kind} ELSE CASE {kind} {cases} END END"
