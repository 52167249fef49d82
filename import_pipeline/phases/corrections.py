"""Cells that a person corrected in a review: kept in the workspace, and put into the rows each time the file is read.

Only the table of corrections and its two uses belong here; who may correct what is the service's affair.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from import_pipeline.sql import quote

if TYPE_CHECKING:
    import duckdb

_TABLE = """
CREATE TABLE IF NOT EXISTS corrections (
    row_number BIGINT,
    column_name VARCHAR,
    value VARCHAR,
    PRIMARY KEY (row_number, column_name)
)
"""


def keep_corrections(connection: "duckdb.DuckDBPyConnection", cells: Mapping[tuple[int, str], str | None]) -> None:
    """Keep the new text of cells, and put it into the rows.

    Args:
        connection: The workspace.
        cells: (row number, column of `source_text`) → text, or None for an empty cell.
    """
    connection.execute(_TABLE)
    given = {
        "row_numbers": [row_number for row_number, _ in cells],
        "columns": [column for _, column in cells],
        "texts": list(cells.values()),
    }
    connection.execute(
        """
        INSERT OR REPLACE INTO corrections
        SELECT unnest($row_numbers::BIGINT[]), unnest($columns::VARCHAR[]), unnest($texts::VARCHAR[])
        """,
        given,
    )
    apply_corrections(connection)


def apply_corrections(connection: "duckdb.DuckDBPyConnection") -> None:
    """Put all kept texts into `source_text`."""
    connection.execute(_TABLE)
    corrected = connection.execute("SELECT DISTINCT column_name FROM corrections ORDER BY ALL").fetchall()
    for (column,) in corrected:
        connection.execute(
            f"""
            UPDATE source_text SET {quote(column)} = corrections.value
            FROM corrections
            WHERE corrections.row_number = source_text.rowid + 1 AND corrections.column_name = $column
            """,
            {"column": column},
        )


def correctable(connection: "duckdb.DuckDBPyConnection") -> dict[str, str]:
    """The columns of the file, in their order: name → column of `source_text`."""
    found = connection.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall()
    return dict(found)
