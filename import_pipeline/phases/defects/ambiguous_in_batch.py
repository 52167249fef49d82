"""A new row that may mean the records of several other rows of the file (phase 4)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows whose only identifier stands in several rows that mean different records."""
    if not work.has_lines("torn"):
        return None
    return f"""
        SELECT
            row_number,
            NULL AS "column",
            NULL AS field,
            identity AS value,
            format('{{}} other rows with {{}} mean different records, and this row may mean any of them. '
                'Give it the external_id of the one that is meant.', candidates, identity) AS message
        FROM torn
        JOIN identities USING (row_number)
        WHERE {ALIVE}
    """


KIND = DefectKind(
    "ambiguous_match",
    "May mean several rows' records",
    Phase.PARSING,
    Outcome.FAILED,
    find,
    10,
    remedy="Give the row an identifier that only one of them has.",
)
