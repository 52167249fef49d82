"""Which rows refer to records that are neither stored nor in the file (phase 5).

Makes `unknown_references(row_number, field, target, key, comparable, record_id)`: what the cell says, the form in which
it is compared, and the id that the record gets where create_missing allows to create it.
"""

from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import literal, quote
from import_pipeline.stores.references import is_list

_CHANGING = "(SELECT row_number FROM plan WHERE action IN ('create', 'update'))"


def find_references(work: Work) -> None:
    """Make `unknown_references` of the rows that are to be written."""
    fields = linked_fields(work)
    if not fields:
        work.create(
            "unknown_references",
            "SELECT 0::BIGINT AS row_number, '' AS field, '' AS target, '' AS key, '' AS comparable, '' AS record_id "
            "WHERE false",
        )
        return
    found = [
        f"SELECT * EXCLUDE (is_known, several) FROM ({named_by_rows(work, field)}) WHERE NOT is_known"
        for field in fields
    ]
    work.create("unknown_references", " UNION ALL ".join(found))


def named_by_rows(work: Work, field: Field) -> str:
    """SELECT of what the rows to be written refer to by a field: row_number, field, target, key, … as named_records."""
    column = quote(field.name)
    key = f"unnest({column})" if is_list(field) else column
    return f"""
        SELECT row_number, named_records.* EXCLUDE (prefix)
        FROM (SELECT row_number, {key} AS key FROM transformed WHERE row_number IN {_CHANGING}) AS given
        JOIN named_records ON named_records.key = given.key AND field = {literal(field.name)}
            {work.is_own("named_records.prefix", "given.row_number")}
        """
