"""A row that names the id of a record that is not stored (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters, literal
from import_pipeline.words import ID_FIELD, Action, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """Rows with an id, and for a deletion also rows with an external id, that no record has."""
    identifiers = work.identifiers()
    if work.spec.action is not Action.DELETE and ID_FIELD not in identifiers:
        return None
    by_id = "" if work.spec.action is Action.DELETE else "AND key_0 IS NOT NULL"
    plural = bind.bind(work.record_type.plural)
    fields = f"[{', '.join(literal(name) for name in identifiers)}][level + 1]"
    remedy = bind.bind(
        "Nothing was deleted for this row; correct it or drop it."
        if work.spec.action is Action.DELETE
        else "Correct it, or leave it empty to have the record found by its other identifiers or created."
    )
    return f"""
        SELECT
            row_number,
            NULL AS "column",
            {fields} AS field,
            identity AS value,
            format('None of the stored {{}} has the {{}} {{}}. {{}}',
                {plural}, {fields}, identity, {remedy}) AS message
        FROM identities
        WHERE {ALIVE} {by_id}
            AND row_number IN (SELECT row_number FROM resolved WHERE NOT is_stored)
    """


KIND = DefectKind(
    "unknown_id",
    "Names a record that is not stored",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    10,
    remedy="Correct the id, or leave it out for a new record.",
    counted=("row has an id that is not stored here", "rows have ids that are not stored here"),
)
