"""A row that refers to another record that is not stored, and that the spec does not allow to be created (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters, literal
from import_pipeline.stores.references import is_list, named_by, reference_fields
from import_pipeline.words import Outcome, Phase

_ID = "external_id"
_BETWEEN_IDS = "[;|\\n]"
"""What stands between ids, and in none: HubSpot writes 9001;9002. No record is created of such a text."""


def find(work: Work, bind: Parameters) -> str | None:
    """The rows with a reference to an unknown record that create_missing does not create."""
    if not work.has_lines("unknown_references"):
        return None
    creatable = bind.bind(sorted(work.spec.create_missing))
    by_id = [one.name for one in reference_fields(work.record_type) if not is_list(one) and named_by(one).name == _ID]
    of_one = f"list_contains({bind.bind(by_id)}::VARCHAR[], unknown_references.field)"
    names_several = f"({of_one} AND regexp_matches(key, {literal(_BETWEEN_IDS)}))"
    return f"""
        SELECT
            row_number,
            mapped.name AS "column",
            unknown_references.field,
            key AS value,
            CASE WHEN {names_several} THEN
                format('There is no {{}} {{}}. A row refers to one {{}}: where the cell names several, keep the '
                'one that counts.', target, key, target)
            ELSE
                format('There is no {{}} {{}}. Import it first and replay the failed rows, correct {{}}, or replay '
                'them with create_missing {{}}, which creates it.', target, key, unknown_references.field, target)
            END AS message
        FROM unknown_references
        LEFT JOIN source_columns AS mapped ON mapped.field = unknown_references.field
        WHERE {ALIVE}
            AND (NOT list_contains({creatable}::VARCHAR[], target) OR {names_several})
    """


KIND = DefectKind(
    "unknown_reference",
    "Refers to an unknown record",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    20,
    remedy="Import that record first and replay the failed rows, or let create_missing create it.",
)
