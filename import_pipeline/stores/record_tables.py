"""The tables of a record store: their columns, and what SQL calls them once the store is attached.

How a store is attached belongs to `records.py`, how it is made ready to `record_stores/preparing.py`.
"""

from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import quote
from import_pipeline.stores.digests import DIGEST, DIGEST_TYPE

STORE = "store"
LEADING_COLUMNS = {"id": "VARCHAR"}
TRAILING_COLUMNS = {
    "extra": "JSON",
    "created_at": "TIMESTAMP",
    "updated_at": "TIMESTAMP",
    "created_by_import": "VARCHAR",
    "updated_by_import": "VARCHAR",
    DIGEST: DIGEST_TYPE,
}
HISTORY_COLUMNS = {
    "mark_sequence": "BIGINT",  # of the mark of the transaction that wrote the line
    "import_id": "VARCHAR",
    "row_number": "BIGINT",
    "operation": "VARCHAR",
    "changed_at": "TIMESTAMP",
}
BOOKS = {
    "row_outcomes": {
        "mark_sequence": "BIGINT",  # of the mark of the transaction that wrote the line
        "import_id": "VARCHAR",
        "record_type": "VARCHAR",
        "row_number": "BIGINT",
        "outcome": "VARCHAR",
        "record_id": "VARCHAR",
        "reason": "VARCHAR",
    },
    "layout": {"version": "INTEGER"},  # see conversion.py
    "applied_imports": {
        "sequence": "BIGINT",
        "import_id": "VARCHAR",
        "record_type": "VARCHAR",
        "phase": "VARCHAR",
        "applied_at": "TIMESTAMP",
        "created": "BIGINT",
        "updated": "BIGINT",
        "deleted": "BIGINT",
        "engine": "VARCHAR",  # the version of DuckDB that made the digests
    },
}


_PURPOSES = {
    "row_outcomes": "What became of each row of each import.",
    "applied_imports": "Which imports wrote their records, in the order of their commits.",
    "layout": "Which form the tables of this store have.",
    "turns": "Moved on by each transaction that writes, so that of two at once one is refused.",
}


def purpose(table: str, record_type: RecordType | None) -> str:
    """What a table holds, in a sentence for those who look into the database.

    Args:
        table: Its name.
        record_type: The record type whose records, or whose before-images, it holds, if any.
    """
    if record_type is None:
        return _PURPOSES[table]
    if table == record_type.table:
        return f"Records of the type {record_type.name}."
    return f"What records of the type {record_type.name} were before an import changed or deleted them."


def record_columns(record_type: RecordType) -> dict[str, str]:
    """Columns of a record table with their SQL types, in their order."""
    fields = {field.name: field.type.sql_type for field in record_type.fields}
    return LEADING_COLUMNS | fields | TRAILING_COLUMNS


def shown_columns(record_type: RecordType) -> dict[str, str]:
    """The columns of a record table that are for people, with their SQL types, in their order."""
    return {name: sql_type for name, sql_type in record_columns(record_type).items() if name != DIGEST}


def store_table(table: str) -> str:
    """The quoted name of a table of the attached store."""
    return f"{STORE}.{quote(table)}"


def history_table(record_type: RecordType) -> str:
    """The quoted name of the table that keeps a record type's before-images."""
    return store_table(f"{record_type.table}_history")
