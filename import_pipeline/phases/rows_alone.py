"""A few rows by themselves through what phase 1 does with a whole file: what would be wrong with them as they say now.

How columns are written was found out over the whole file, and stays so. What only the other rows of the file show, such
as a value that may not repeat, does not show here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.intake import tables
from import_pipeline.phases.column_formats import ColumnFormat
from import_pipeline.phases.p1_prevalidation import note_mapping, validate
from import_pipeline.phases.records_file import columns_set_aside, set_aside_columns
from import_pipeline.phases.results import DEFECTS, DEFECTS_ORDER
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.stores.workspace import WORKSPACE_TABLES

if TYPE_CHECKING:
    import duckdb


def find_defects_of_rows(
    connection: "duckdb.DuckDBPyConnection",
    settings: Settings,
    spec: ImportSpec,
    record_type: RecordType,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    column_formats: Sequence[ColumnFormat],
) -> list[dict[str, Any]]:
    """Find what is wrong in the cells of rows.

    Args:
        connection: Stands in an empty database.
        settings: The settings of the process.
        spec: What was asked, with the mapping of columns to fields.
        record_type: What the rows are.
        columns: The columns of the file, in their order.
        rows: The cells of each row, in the order of the columns.
        column_formats: How the columns are written that can be written in two ways.

    Returns:
        The defects, row numbers counting these rows from 1.
    """
    work = Work(connection, "rows", spec, record_type, settings)
    work.execute(WORKSPACE_TABLES)
    tables.create_from_blocks(connection, len(columns), [[[cell or "" for cell in row] for row in rows]])
    tables.write_columns(connection, columns)
    set_aside_columns(work, columns)
    work = note_mapping(work, spec.column_mapping or {}, columns_set_aside(work))
    validate(work, [writing for writing in column_formats if writing.value is not None])
    return work.dictionaries(f"SELECT {DEFECTS} FROM defects WHERE row_number IS NOT NULL ORDER BY {DEFECTS_ORDER}")
