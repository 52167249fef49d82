"""A row that means the same record as another row, though nothing in the file itself shows it (phase 4)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """All rows of one record, or all but the first, as the spec says."""
    if not work.has_lines("shared"):
        return None
    remedy = (
        "That one was used."
        if work.uses_first
        else "None of them was used; remove all but one, or import with duplicate_handling use_first."
    )
    return f"""
        SELECT
            row_number,
            NULL AS "column",
            NULL AS field,
            record_id AS value,
            format('{{}} rows mean one record, the first is row {{}}. {{}}',
                times, {work.row_in_file("shared.first_row")}, {bind.bind(remedy)}) AS message
        FROM shared
        {"WHERE row_number <> first_row" if work.uses_first else ""}
    """


KIND = DefectKind(
    "duplicate_in_batch",
    "Means the same record as another row",
    Phase.PARSING,
    Outcome.SKIPPED,
    find,
    remedy="Give different records different identifiers, or leave one of the rows out.",
)
