"""A row that may mean more than one stored record (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows for which matching found several records."""
    if not work.has_lines("candidates"):
        return None
    return f"""
        WITH several AS (
            SELECT row_number, any_value(field) AS field, count(DISTINCT record_id) AS records,
                array_to_string(list_sort(list(DISTINCT record_id))[:5], ', ') AS named
            FROM candidates
            WHERE NOT contradicts AND row_number IN (SELECT row_number FROM targets WHERE candidates > 1)
            GROUP BY row_number
        )
        SELECT
            row_number,
            NULL AS "column",
            field,
            named AS value,
            format('{{}} stored records have this {{}}: {{}}. Give the id of the one that is meant.',
                records, field, named) AS message
        FROM several
        WHERE {ALIVE}
    """


KIND = DefectKind(
    "ambiguous_match",
    "May mean several records",
    Phase.TRANSFORMING,
    Outcome.FAILED,
    find,
    30,
    remedy="Give the row an identifier of one of them, or leave out those of the others.",
)
