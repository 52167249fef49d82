"""What the cells of reference fields lead to: the id of a record that is stored, is in the file, or will be created.

Makes `named_records(field, target, prefix, key, comparable, record_id, is_known, several)`, a line for each text that
stands in a reference field (`several`: the ids of all records of that name, where there are more than one), and for
each field that is a list `linked_<field>(prefix, cell, link)`: the list of ids for each list of texts. `incoming` gives
the rows with these ids in place of the texts, as they are compared and written.
A text that leads nowhere stays what it is: what becomes of its row is phase 5's affair (`references.py`).
"""

from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.stores.references import is_list, named_by, reference_fields, target_of


def linked_fields(work: Work) -> list[Field]:
    """The reference fields that the rows have."""
    present = set(work.columns_of("transformed"))
    return [field for field in reference_fields(work.record_type) if field.name in present]


def link(work: Work) -> None:
    """Find what the rows' references lead to; each text is looked up once, however often it stands there."""
    fields = linked_fields(work)
    if not fields:
        return
    work.create("named_records", " UNION ALL ".join(_named(work, field) for field in fields))
    for field in fields:
        if is_list(field):
            work.create(_linked(field), _lists(work, field))


def incoming(work: Work) -> str:
    """SQL of a table: the rows of `transformed`, with ids in their reference fields."""
    fields = linked_fields(work)
    if not fields:
        return "transformed"
    joins, replaced = [], []
    for place, field in enumerate(fields):
        column, alias = quote(field.name), f"link_{place}"
        table = (
            f"(SELECT prefix, cell AS key, link FROM {_linked(field)})"
            if is_list(field)
            else f"(SELECT prefix, key, record_id AS link FROM named_records WHERE field = {literal(field.name)})"
        )
        own = work.is_own(f"{alias}.prefix", "transformed.row_number")
        joins.append(f"LEFT JOIN {table} AS {alias} ON {alias}.key = transformed.{column}{own}")
        replaced.append(f"coalesce({alias}.link, transformed.{column}) AS {column}")
    return f"(SELECT transformed.* REPLACE ({', '.join(replaced)}) FROM transformed {' '.join(joins)})"


def _linked(field: Field) -> str:
    return quote(f"linked_{field.name}")


def _cells(work: Work, field: Field) -> str:
    """SELECT of each value of a reference field once, with how the ids begin that its import gives."""
    column = quote(field.name)
    prefix = work.record_prefix("row_number")
    return f"SELECT DISTINCT {prefix} AS prefix, {column} AS cell FROM transformed WHERE {column} IS NOT NULL"


def _named(work: Work, field: Field) -> str:
    """SELECT of what each text of a field leads to: a row of the file, what is stored under the name, or its id."""
    target, looked_up = target_of(field), named_by(field)
    table, column = store_table(target.table), quote(looked_up.name)
    name, stored_key = literal(target.name), identity_sql(looked_up, column)
    texts = _cells(work, field)
    if is_list(field):
        texts = f"SELECT DISTINCT prefix, key FROM (SELECT prefix, unnest(cell) AS key FROM ({texts}))"
    else:
        texts = f"SELECT prefix, cell AS key FROM ({texts})"
    of_file = "SELECT NULL AS comparable, NULL AS id WHERE false"
    if target.name == work.record_type.name and looked_up.name in work.columns_of("transformed"):
        of_file = f"""
            SELECT {stored_key} AS comparable, min(record_id) AS id
            FROM transformed JOIN resolved USING (row_number)
            WHERE {ALIVE}
            GROUP BY ALL"""
    missing = "keys.key"
    if target.name in work.spec.create_missing:
        digest = f"md5({literal(looked_up.name + ' ')} || keys.comparable)"
        missing = f"keys.prefix || {literal(target.name + '_')} || left({digest}, 16)"
    return f"""
        (WITH keys AS MATERIALIZED (
            SELECT prefix, key, {identity_sql(looked_up, "key")} AS comparable FROM ({texts}) WHERE key IS NOT NULL
        )
        SELECT {literal(field.name)} AS field, {name} AS target, keys.prefix, keys.key, keys.comparable,
            coalesce(of_file.id, stored.id, same.id, {missing}, keys.key) AS record_id,
            coalesce(of_file.id, stored.id, same.id) IS NOT NULL AS is_known,
            CASE WHEN of_file.id IS NULL THEN stored.several END AS several
        FROM keys
        LEFT JOIN ({of_file}) AS of_file ON of_file.comparable = keys.comparable
        LEFT JOIN (
            SELECT {stored_key} AS comparable, min(id) AS id,
                CASE WHEN count(*) > 1 THEN list(id ORDER BY id) END AS several
            FROM {table}
            WHERE {column} IS NOT NULL AND {stored_key} IN (SELECT comparable FROM keys)
            GROUP BY ALL
        ) AS stored ON stored.comparable = keys.comparable
        LEFT JOIN (SELECT id FROM {table} WHERE id IN (SELECT key FROM keys)) AS same ON same.id = keys.key)"""


def _lists(work: Work, field: Field) -> str:
    """SELECT of the list of ids for each list of texts: each record once, in the order in which it first stands."""
    return f"""
        SELECT prefix, cell, list(record_id ORDER BY position) AS link
        FROM (
            SELECT cells.prefix, cell, record_id, min(position) AS position
            FROM (
                SELECT prefix, cell, unnest(cell) AS key, generate_subscripts(cell, 1) AS position
                FROM ({_cells(work, field)})
            ) AS cells
            JOIN named_records ON named_records.key = cells.key AND named_records.prefix = cells.prefix
                AND field = {literal(field.name)}
            GROUP BY ALL
        )
        GROUP BY ALL
        """
