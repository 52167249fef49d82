"""Lists in cells of fields that hold one value: their entries, set apart by semicolons, never JSON in a street.

A list comes from a JSON payload, where a record may have several e-mail addresses. Fields of lists read it as it is.
"""

from import_pipeline.phases.work import Work
from import_pipeline.record_types.field_types._json_list import json_list
from import_pipeline.sql import quote


def join_lists(work: Work) -> bool:
    """Write the entries of lists into the cells of mapped columns; one cheap pass finds the columns that have any.

    Returns:
        Whether any have.
    """
    columns = [
        quote(column.column_name)
        for field, column in work.mapped().items()
        if field in work.record_type.field_names and not work.record_type.field(field).type.sql_type.endswith("[]")
    ]
    if not columns:
        return False
    tests = ", ".join(f"bool_or(prefix({column}, '[') AND suffix({column}, ']'))" for column in columns)
    found = work.execute(f"SELECT {tests} FROM source_text").fetchone() or ()
    for column, has_lists in zip(columns, found, strict=True):
        if has_lists:
            joined = f"array_to_string({json_list(column)}, '; ')"
            work.execute(
                f"UPDATE source_text SET {column} = nullif({joined}, '') WHERE {json_list(column)} IS NOT NULL"
            )
    return any(found)
