"""A row whose identity another row of the file has too (phase 2)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, literal
from import_pipeline.words import Action, DuplicateHandling, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """All rows of a repeated identity, or all but the first, as the spec's duplicate_handling says."""
    # A record is deleted once, however often the file names it: its rows cannot contradict each other.
    use_first = work.spec.duplicate_handling is DuplicateHandling.USE_FIRST or work.spec.action is Action.DELETE
    identifiers = work.identifiers()
    if not identifiers:
        return None
    fields = ", ".join(literal(name) for name in identifiers)
    remedy = (
        "The first of them was used; make their identifiers differ if they are different records."
        if use_first
        else "None of them was used; remove the repeats, or import with duplicate_handling use_first."
    )
    return f"""
        WITH repeats AS (
            SELECT level, identity, min(row_number) AS first_row, count(*) AS times
            FROM identities
            WHERE level IS NOT NULL
            GROUP BY level, identity
            HAVING count(*) > 1
        )
        SELECT
            identities.row_number,
            NULL AS "column",
            [{fields}][level + 1] AS field,
            identity AS value,
            format('{{}} {{}} stands in {{}} rows, first in row {{}}. {{}}',
                [{fields}][level + 1], identity, times, {work.row_in_file("repeats.first_row")}, {bind.bind(remedy)})
                AS message
        FROM identities
        JOIN repeats USING (level, identity)
        {"WHERE identities.row_number <> first_row" if use_first else ""}
    """


KIND = DefectKind("duplicate_in_file", "Repeated in the file", Phase.PREPARSING, Outcome.SKIPPED, find)
