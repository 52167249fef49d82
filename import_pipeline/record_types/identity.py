"""How values are compared to find out whether two rows, or a row and a record, mean the same thing.

What equal means is said by the type of a field; here is the one function that phases call.
"""

from import_pipeline.record_types.record_type import Field, RecordType


def identity_sql(field: Field, column_sql: str) -> str:
    """SQL of the comparable form of a field's value; NULL where the value identifies nothing.

    Email addresses and domains compare in lower case, phone numbers by their digits (NULL under five), names in lower
    case with single spaces, everything else as it is.

    Args:
        field: The field, for its type.
        column_sql: SQL of the typed value.
    """
    return field.type.identity(column_sql)


def strong_identifiers(record_type: RecordType) -> tuple[str, ...]:
    """The identifiers that no two records share: not phone numbers, domains and the names of companies."""
    weak = {"phone", "domain"} | ({"name"} if record_type.name == "company" else set())
    return tuple(name for name in record_type.identifiers if name not in weak)
