"""A row that would give a record an identifier which another record has (phase 4)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.uniqueness import find_taken
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that are `taken`, each with the first thing that is in its way."""
    find_taken(work)
    return taken_rows(work) if work.has_lines("taken") else None


def taken_rows(work: Work) -> str:
    """SELECT of the defects of the rows in `taken` that are still in."""
    other_row = work.row_in_file("given.other_row")
    return f"""
        SELECT
            row_number,
            mapped.name AS "column",
            given.field,
            key AS value,
            CASE
                WHEN record_id IS NULL THEN format('Row {{}} gives the {{}} {{}} to another record, and no two records '
                    'may have it. Correct one of them.', {other_row}, given.field, key)
                ELSE format('The {{}} {{}} belongs to the {{}} {{}}, and no two may have it. Correct it, or, if '
                    'this row means that record, replay the failed rows with match_by {{}}.',
                    given.field, key, '{work.record_type.name}', record_id, given.field)
            END AS message
        FROM (
            SELECT * FROM taken
            QUALIFY row_number() OVER (PARTITION BY row_number ORDER BY record_id NULLS LAST, field) = 1
        ) AS given
        LEFT JOIN source_columns AS mapped ON mapped.field = given.field
        WHERE {ALIVE}
        """


KIND = DefectKind(
    "identifier_taken",
    "Has another record's identifier",
    Phase.PARSING,
    Outcome.FAILED,
    find,
    90,
    remedy="Correct the identifier, or say by match_by that it tells which record is meant.",
)
