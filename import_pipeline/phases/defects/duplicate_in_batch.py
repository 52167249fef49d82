"""A row that means the same record as another row, though nothing in the file itself shows it (phase 4)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Action, DuplicateHandling, Outcome, Phase


def find(work: Work, bind: Parameters) -> str:
    """All rows of one record, or all but the first, as the spec's duplicate_handling says."""
    # A record is deleted once, however often the file names it: its rows cannot contradict each other.
    use_first = work.spec.duplicate_handling is DuplicateHandling.USE_FIRST or work.spec.action is Action.DELETE
    remedy = (
        "The first of them was used."
        if use_first
        else "None of them was used; remove all but one, or import with duplicate_handling use_first."
    )
    return f"""
        WITH shared AS (
            SELECT record_id, min(row_number) AS first_row, count(*) AS times
            FROM resolved
            GROUP BY record_id
            HAVING count(*) > 1
        )
        SELECT
            resolved.row_number,
            NULL AS "column",
            NULL AS field,
            record_id AS value,
            format('{{}} rows mean one record, the first is row {{}}. {{}}',
                times, {work.row_in_file("shared.first_row")}, {bind.bind(remedy)}) AS message
        FROM resolved
        JOIN shared USING (record_id)
        {"WHERE resolved.row_number <> first_row" if use_first else ""}
    """


KIND = DefectKind("duplicate_in_batch", "Means the same record as another row", Phase.PARSING, Outcome.SKIPPED, find)
