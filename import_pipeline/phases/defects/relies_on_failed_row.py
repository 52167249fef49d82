"""A row that would get an identifier from a record which keeps it, since the row that changes it failed (phase 5)."""

from import_pipeline.phases.defects.identifier_taken import taken_rows
from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.uniqueness import fail_with_relied_on
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that rely on rows that failed meanwhile."""
    return taken_rows(work) if fail_with_relied_on(work) else None


KIND = DefectKind(
    "identifier_taken",
    "Has another record's identifier",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    90,
    remedy="Correct the row that gives the identifier up.",
)
