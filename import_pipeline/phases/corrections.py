"""What a person corrected in a review is put into the rows each time the file is read, and rows left out go out."""

from import_pipeline.intake.structural_defects import KINDS, LEFT_OUT
from import_pipeline.phases.work import Work
from import_pipeline.sql import quote
from import_pipeline.stores.corrections import WHOLE_ROW
from import_pipeline.words import DefectLevel, Phase

UNCORRECTED = "uncorrected"
"""The table of what the file says where it was corrected: row_number, column_name, text."""


def apply_corrections(work: Work) -> int:
    """Put the corrections of the import into `source_text`, and note the rows that are left out: no rows any more.

    Returns:
        How many could not be: as the file is read now, it has no such row, or no such column.
    """
    work.execute(f"DROP TABLE IF EXISTS {UNCORRECTED}")
    if work.corrections is None:
        return 0
    work.connection.register("given_corrections", work.corrections)
    work.execute(
        """
        CREATE OR REPLACE TEMPORARY TABLE corrections AS
        SELECT given.row_number, given.column_name AS name, given.text, source_columns.column_name,
            given.row_number <= (SELECT count(*) FROM source_text)
                AND (given.column_name = $whole_row OR source_columns.column_name IS NOT NULL) AS is_there
        FROM (
            SELECT * FROM given_corrections
            QUALIFY row_number() OVER (PARTITION BY row_number, column_name ORDER BY operation DESC) = 1
        ) AS given
        LEFT JOIN source_columns ON source_columns.name = given.column_name
        """,
        {"whole_row": WHOLE_ROW},
    )
    work.connection.unregister("given_corrections")
    _correct_cells(work)
    _leave_rows_out(work)
    lost = work.number("SELECT count(*) FROM corrections WHERE NOT is_there")
    work.execute("DROP TABLE corrections")
    return lost


def _correct_cells(work: Work) -> None:
    work.execute(f"CREATE TABLE {UNCORRECTED} (row_number BIGINT, column_name VARCHAR, text VARCHAR)")
    of_cells = "is_there AND column_name IS NOT NULL"
    found = work.execute(f"SELECT DISTINCT column_name FROM corrections WHERE {of_cells} ORDER BY ALL").fetchall()
    for (column,) in found:
        of_column = f"corrections.row_number = source_text.rowid + 1 AND {of_cells} AND column_name = $column"
        work.execute(
            f"""
            INSERT INTO {UNCORRECTED}
            SELECT corrections.row_number, $column, source_text.{quote(column)}
            FROM source_text JOIN corrections ON {of_column}
            """,
            {"column": column},
        )
        work.execute(
            f"UPDATE source_text SET {quote(column)} = corrections.text FROM corrections WHERE {of_column}",
            {"column": column},
        )


def _leave_rows_out(work: Work) -> None:
    """Whatever else may be wrong with a row that is left out is of no interest any more."""
    left_out = "SELECT row_number FROM corrections WHERE name = $whole_row AND text IS NOT NULL AND is_there"
    whole_row = {"whole_row": WHOLE_ROW}
    work.execute(f"DELETE FROM defects WHERE row_number IN ({left_out})", whole_row)
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        SELECT row_number, $phase AS phase, $code AS code, $message AS message, $level AS level FROM ({left_out})
        """,
        whole_row
        | {
            "phase": str(Phase.PREVALIDATION),
            "code": LEFT_OUT,
            "message": KINDS[LEFT_OUT].text,
            "level": str(DefectLevel.INFO),
        },
    )
