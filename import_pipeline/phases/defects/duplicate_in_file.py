"""A row whose identity another row of the file has too (phase 2)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, literal
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """All rows of a repeated identity, or all but the first, as the spec says."""
    identifiers = work.identifiers()
    if not identifiers or not work.has_lines("repeats"):
        return None
    fields = ", ".join(literal(name) for name in identifiers)
    remedy = (
        "That one was used; make their identifiers differ if they are different records."
        if work.uses_first
        else "None of them was used; remove the repeats, or import with duplicate_handling use_first."
    )
    return f"""
        SELECT
            identities.row_number,
            NULL AS "column",
            [{fields}][level + 1] AS field,
            identity AS value,
            format('{{}} {{}} stands in {{}} rows, first in row {{}}. {{}}',
                [{fields}][level + 1], identity, times, {work.row_in_file("repeats.first_row")}, {bind.bind(remedy)})
                AS message
        FROM identities
        JOIN repeats USING (row_number)
        {"WHERE identities.row_number <> first_row" if work.uses_first else ""}
    """


KIND = DefectKind(
    "duplicate_in_file",
    "Repeated in the file",
    Phase.PREPARSING,
    Outcome.SKIPPED,
    find,
    remedy="Make their identifiers differ, or import with duplicate_handling use_first.",
)
