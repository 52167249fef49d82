"""The files that an import leaves: the failed rows as they were with their reasons, and every row's outcome.

What a spreadsheet would take for a formula in them is made harmless, see `formulas`.
"""

from pathlib import Path

from import_pipeline.phases.formulas import ERROR_COLUMNS, harmless, harmless_text
from import_pipeline.phases.records_file import SET_ASIDE
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import OUTCOME_OF

CSV = "FORMAT csv, HEADER true, USE_TMP_FILE false"
"""How the files are written: a file that a killed run left is written over, not first written under another name."""


def write_errors(work: Work, to: Path) -> int:
    """Write the failed rows: the columns of the file as they were, then row number, codes and messages.

    All cells are quoted, so that apostrophes at their beginnings are not taken for quotes when the file comes back.

    Returns:
        The number of rows written.
    """
    read = "SELECT position, name, column_name FROM source_columns"
    if has_table(work.connection, SET_ASIDE):
        read += f" UNION ALL SELECT position, name, column_name FROM {SET_ASIDE}"
    columns = work.execute(f"SELECT column_name, name FROM ({read}) ORDER BY position").fetchall()
    cells = "".join(
        f"{harmless('source.' + quote(column_name))} AS {quote(harmless_text(name))}, "
        for column_name, name in columns
        if name not in ERROR_COLUMNS  # a mended errors file that failed again
    )
    row_number, codes, messages = (quote(name) for name in ERROR_COLUMNS)
    failed = work.number("SELECT count(*) FROM plan WHERE action = 'fail'")
    if failed:
        work.execute(
            f"""
            COPY (
                WITH reasons AS (
                    SELECT row_number, string_agg(code, '; ' ORDER BY code, field) AS codes,
                        string_agg(coalesce("column" || ': ', '') || message, '; ' ORDER BY code, field) AS messages
                    FROM defects
                    WHERE level = 'error'
                    GROUP BY row_number
                )
                SELECT {cells}plan.row_number AS {row_number}, reasons.codes AS {codes},
                    {harmless("reasons.messages")} AS {messages}
                FROM source_text AS source
                JOIN plan ON plan.row_number = source.rowid + 1 AND plan.action = 'fail'
                LEFT JOIN reasons ON reasons.row_number = plan.row_number
                ORDER BY plan.row_number
            ) TO {literal(str(to))} ({CSV}, FORCE_QUOTE *)
            """
        )
    return failed


def write_results(work: Work, to: Path) -> None:
    """Write the outcome and record of every row, in the order of the file."""
    work.execute(
        f"""
        COPY (
            SELECT row_number AS import_row_number, {outcome_of_action()} AS outcome, record_id, reason
            FROM plan
            ORDER BY row_number
        ) TO {literal(str(to))} ({CSV})
        """
    )


def outcome_of_action(action_sql: str = "action") -> str:
    """SQL of the outcome that a planned action has."""
    cases = " ".join(
        f"WHEN {literal(str(action))} THEN {literal(str(outcome))}" for action, outcome in OUTCOME_OF.items()
    )
    return f"CASE {action_sql} {cases} END"
