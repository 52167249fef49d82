"""A row that refers to a record which another row of the file was to create, and that row failed (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.references import named_by_rows
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows under a failed one, and those under them, at any depth."""
    own = [field for field in linked_fields(work) if field.reference == work.record_type.name]
    if not own:
        return None
    named = " UNION ALL ".join(named_by_rows(work, field) for field in own)
    return f"""
        WITH RECURSIVE links AS MATERIALIZED (
            SELECT named.row_number, named.field, named.target, named.key, resolved.row_number AS upper_row
            FROM ({named}) AS named
            JOIN resolved ON resolved.record_id = named.record_id AND NOT resolved.is_stored
        ),
        steps AS MATERIALIZED (SELECT row_number, upper_row FROM links),
        fallen (row_number) AS (
            SELECT row_number FROM left_out WHERE phase = '{Phase.VALIDATION}' AND outcome = '{Outcome.FAILED}'
            UNION
            SELECT steps.row_number FROM fallen JOIN steps ON steps.upper_row = fallen.row_number
        )
        SELECT
            links.row_number,
            mapped.name AS "column",
            links.field,
            links.key AS value,
            format('There is no {{}} {{}}: row {{}}, which would create it, failed. Correct that row first.',
                links.target, links.key, {work.row_in_file("links.upper_row")}) AS message
        FROM links
        JOIN fallen ON fallen.row_number = links.upper_row
        LEFT JOIN source_columns AS mapped ON mapped.field = links.field
        WHERE links.{ALIVE}
    """


KIND = DefectKind(
    "unknown_reference",
    "Refers to a row that failed",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    95,
    remedy="Correct the row that it refers to.",
)
