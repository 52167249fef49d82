"""A row that refers to another record that is not stored, and that the spec does not allow to be created (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.stores.references import is_list, reference_fields
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows with a reference to an unknown record of a type outside create_missing."""
    if not work.has_lines("unknown_references"):
        return None
    creatable = bind.bind(sorted(work.spec.create_missing))
    single = bind.bind([field.name for field in reference_fields(work.record_type) if not is_list(field)])
    names_several = f"list_contains({single}::VARCHAR[], unknown_references.field) AND regexp_matches(key, '[;|\n]')"
    return f"""
        SELECT
            row_number,
            mapped.name AS "column",
            unknown_references.field,
            key AS value,
            format('There is no {{}} {{}}. Import it first and replay the failed rows, correct {{}}, or replay them '
                'with create_missing {{}}, which creates it.', target, key, unknown_references.field, target)
                || CASE WHEN {names_several} THEN format(' A row refers to one {{}}: where the cell names several, '
                'keep the one that counts.', target) ELSE '' END AS message
        FROM unknown_references
        LEFT JOIN source_columns AS mapped ON mapped.field = unknown_references.field
        WHERE {ALIVE}
            AND NOT list_contains({creatable}::VARCHAR[], target)
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
