"""How values are compared to find out whether two rows, or a row and a record, mean the same thing.

What equal means is said by the type of a field; here is the one function that phases call.
"""

from import_pipeline.record_types.record_type import Field


def identity_sql(field: Field, column_sql: str, country_sql: str | None = None) -> str:
    """SQL of the comparable form of a field's value; NULL where the value identifies nothing.

    Email addresses and domains compare in lower case, domains without www, phone numbers as international numbers
    (NULL under five digits), names in lower case with single spaces, external ids as they are; all of them with
    composed characters.

    Args:
        field: The field, for its type.
        column_sql: SQL of the typed value.
        country_sql: SQL of the country beside it, if there is one.
    """
    identity = field.type.identity(column_sql, country_sql)
    return f"lower({identity})" if field.ignore_case and field.type.sql_type == "VARCHAR" else identity
