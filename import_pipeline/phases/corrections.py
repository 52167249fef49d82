"""Cells that a person corrected in a review are put into the rows each time the file is read."""

from import_pipeline.phases.work import Work
from import_pipeline.sql import quote


def apply_corrections(work: Work) -> int:
    """Put the corrections of the import into `source_text`.

    Returns:
        How many could not be: as the file is read now, it has no such row, or no such column at that place.
    """
    if not work.corrections:
        return 0
    work.execute(
        """
        CREATE OR REPLACE TEMPORARY TABLE corrections AS
        SELECT given.row_number, given.text, source_columns.column_name
        FROM (
            SELECT unnest($row_numbers::BIGINT[]) AS row_number, unnest($names::VARCHAR[]) AS name,
                unnest($texts::VARCHAR[]) AS text
        ) AS given
        JOIN source_columns ON source_columns.name = given.name
        WHERE given.row_number <= (SELECT count(*) FROM source_text)
        """,
        {
            "row_numbers": [one.row_number for one in work.corrections],
            "names": [one.column for one in work.corrections],
            "texts": [one.text for one in work.corrections],
        },
    )
    for (column,) in work.execute("SELECT DISTINCT column_name FROM corrections ORDER BY ALL").fetchall():
        work.execute(
            f"""
            UPDATE source_text SET {quote(column)} = corrections.text
            FROM corrections
            WHERE corrections.row_number = source_text.rowid + 1 AND corrections.column_name = $column
            """,
            {"column": column},
        )
    applied = work.number("SELECT count(*) FROM corrections")
    work.execute("DROP TABLE corrections")
    return len(work.corrections) - applied
