"""Rows that were the first of several with one identity and then failed: another one of them gets its turn.

Makes `passed_over`, the defects of such rows. It outlives the phases after the first, and phase 1 begins it anew.
"""

from import_pipeline.phases.work import Work
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Phase

MOST_TURNS = 50
"""How many rows of one identity get their turn, at most."""


def forget_passed_over(work: Work) -> None:
    """Begin anew: nobody was passed over."""
    work.execute("DROP TABLE IF EXISTS passed_over")


def leave_out_passed_over(work: Work) -> None:
    """Leave the rows out that had their turn, with what was wrong with them."""
    if not has_table(work.connection, "passed_over"):
        return
    work.execute("INSERT INTO defects BY NAME SELECT * FROM passed_over")
    work.execute("INSERT INTO left_out SELECT row_number, phase, 'failed', min(code) FROM passed_over GROUP BY ALL")


def failed_rows(work: Work) -> str:
    """SELECT of the defects of rows that failed though others were left out in their favour."""
    favoured = "SELECT first_row FROM repeats UNION SELECT first_row FROM shared" if work.uses_first else "SELECT NULL"
    return f"""
        SELECT * REPLACE ('{Phase.PREPARSING}' AS phase) FROM defects
        WHERE level = 'error' AND row_number IN ({favoured})
            AND phase NOT IN ('{Phase.PREVALIDATION}', '{Phase.PREPARSING}')
        """


def pass_over_failed(work: Work) -> bool:
    """Pass over the rows that failed though others were left out in their favour.

    Returns:
        Whether there are any: the phases from the second on have to run again.
    """
    if not work.uses_first:
        return False
    if not has_table(work.connection, "passed_over"):
        work.execute(f"CREATE TABLE passed_over AS {failed_rows(work)}")
        return bool(work.number("SELECT count(*) FROM passed_over"))
    return bool(work.number(f"INSERT INTO passed_over {failed_rows(work)}"))
