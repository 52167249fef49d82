"""A row that has none of the identifiers, so that nobody could say which record it means (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Action, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows without any identifier, unless each of them is a new record."""
    if work.record_type.is_inline and work.spec.action is not Action.DELETE:
        return None
    names = " or ".join(work.identifiers())
    what = "deleted" if work.spec.action is Action.DELETE else "imported"
    message = bind.bind(f"The row has no {names}, so it means no record. Give it one of them to have it {what}.")
    return f"""
        SELECT row_number, NULL AS "column", NULL AS field, NULL AS value, {message} AS message
        FROM identities
        WHERE level IS NULL AND {ALIVE}
    """


KIND = DefectKind(
    "not_identifiable",
    "Means no record",
    Phase.TRANSFORMING,
    Outcome.FAILED,
    find,
    20,
    remedy="Give the row one of the identifiers of its record type.",
)
