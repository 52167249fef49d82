"""The file of stored records that this program gives out, and the same file when it comes back.

It is known by its header as a whole. What the store itself keeps of a record is no value of a field: these columns are
set aside when the file is read, and `extra` goes where it came from.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from import_pipeline.intake.tables import DATA_ROWS
from import_pipeline.phases.formulas import harmless, harmless_text
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, quote
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import ID_FIELD, RECORDS_FILE_COLUMNS, DefectLevel, Phase

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

EXTRA = "extra"
BOOKKEEPING_COLUMNS = ("created_at", "updated_at", "created_by_import", "updated_by_import")
INVALID_EXTRA = "invalid_extra"
NOTE = (
    "The file is an export of stored records: the columns that the store itself keeps of them "
    f"({', '.join(BOOKKEEPING_COLUMNS)}) are not imported, and apostrophes that made cells harmless are taken back."
)
_TEXT_TYPES = ("VARCHAR", "JSON")
SET_ASIDE = "set_aside"
"""The table of the columns that are no field's: position, name, column_name. A workspace of another file has none."""


def is_records_file(columns: Sequence[str]) -> bool:
    """Whether these are the columns of a file of stored records.

    >>> is_records_file(["id", "email", "extra", "created_at", "updated_at", "created_by_import", "updated_by_import"])
    True
    """
    return set(columns) >= RECORDS_FILE_COLUMNS


def written_columns(columns: Mapping[str, str]) -> str:
    """SELECT list of stored records as the cells of a file: lists as JSON, nothing that a spreadsheet would run.

    Args:
        columns: Column of the record table → its SQL type.
    """
    return ", ".join(
        f"{_written(name, sql_type)} AS {quote(harmless_text(name))}" for name, sql_type in columns.items()
    )


def _written(name: str, sql_type: str) -> str:
    cell = quote(name)
    if sql_type.endswith("[]"):
        return f"CASE WHEN len({cell}) > 0 THEN CAST(to_json({cell}) AS VARCHAR) END"
    return harmless(f"CAST({cell} AS VARCHAR)") if sql_type in _TEXT_TYPES else cell


def set_aside_columns(work: Work, columns: Sequence[str]) -> tuple[str, ...]:
    """Take the columns that are no field's out of `source_columns` where the file is one of stored records.

    A column that the spec maps to a field stays.

    Args:
        work: The import at work, with its file read.
        columns: The columns of the file.

    Returns:
        The names of the columns that were set aside.
    """
    work.execute(f"DROP TABLE IF EXISTS {SET_ASIDE}")
    if not is_records_file(columns):
        return ()
    mapped = work.spec.column_mapping or {}
    names = [name for name in (*BOOKKEEPING_COLUMNS, EXTRA) if name in columns and name not in mapped]
    of_names = "FROM source_columns WHERE name IN (SELECT unnest($names::VARCHAR[]))"
    work.create(SET_ASIDE, f"SELECT position, name, column_name {of_names}", {"names": names})
    work.execute(f"DELETE {of_names}", {"names": names})
    return tuple(names)


def columns_set_aside(work: Work) -> dict[str, str] | None:
    """Name → column of `source_text` of what was set aside; None where the file is not one of stored records."""
    if not has_table(work.connection, SET_ASIDE):
        return None
    return dict(work.execute(f"SELECT name, column_name FROM {SET_ASIDE} ORDER BY position").fetchall())


def own_mapping(columns: Sequence[str], record_type: "RecordType") -> dict[str, str] | None:
    """The mapping of a file of stored records, whose columns are called as the fields are; None if others stand in it.

    Args:
        columns: The columns of the file, without those that were set aside.
        record_type: What the rows are.
    """
    known = {ID_FIELD, *record_type.field_names}
    return {column: column for column in columns} if known.issuperset(columns) else None


def extra_of_file(column_name: str) -> str:
    """SQL of the extra that a row brings along; NULL where its cell holds none, or something else."""
    cell = quote(column_name)
    return f"CASE WHEN {_is_object(cell)} THEN CAST({cell} AS JSON) END"


def find_invalid_extra(work: Work, column_name: str) -> None:
    """Write a defect for every row, of those that are in, whose cell `extra` holds anything but a JSON object."""
    bind = Parameters()
    cell = quote(column_name)
    told = {
        "column": EXTRA,
        "field": EXTRA,
        "phase": str(Phase.PREVALIDATION),
        "code": INVALID_EXTRA,
        "message": 'Not a JSON object: write it as {"Badge": "red"}, or leave it empty.',
        "level": str(DefectLevel.ERROR),
    }
    values = ", ".join(f"{bind.bind(value)} AS {quote(name)}" for name, value in told.items())
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        SELECT row_number, {values}, {cell} AS value
        FROM {DATA_ROWS}
        WHERE trim({cell}) <> '' AND NOT coalesce({_is_object(cell)}, false)
            AND row_number NOT IN (SELECT row_number FROM left_out)
        """,
        bind,
    )


def _is_object(cell: str) -> str:
    return f"json_valid({cell}) AND CASE WHEN json_valid({cell}) THEN json_type({cell}) = 'OBJECT' END"
