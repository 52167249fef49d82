"""A row that asks to delete a record to which others refer (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.referring import STILL_REFERRED_TO, clears, find_referring
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Action, DefectLevel, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows of a deletion whose records stay, unless the references to them are to be emptied."""
    if work.spec.action is not Action.DELETE or clears(work):
        return None
    going = f"SELECT record_id FROM resolved WHERE is_stored AND {ALIVE}"
    if not find_referring(work, going, planned=False):
        return None
    return """
        SELECT resolved.row_number, NULL AS "column", NULL AS field, record_id AS value, message
        FROM still_referred_to JOIN resolved USING (record_id)
    """


KIND = DefectKind(
    STILL_REFERRED_TO,
    "Others refer to the record",
    Phase.VALIDATION,
    Outcome.SKIPPED,
    find,
    order=60,
    level=DefectLevel.WARNING,
    remedy="Delete those that refer to it first, or import with on_referenced clear.",
    counted=("{name} stays because others refer to it", "{plural} stay because others refer to them"),
)
