"""A row that shares a weak identifier with a stored record which says otherwise: it may repeat that one (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, ID_FIELD, Work
from import_pipeline.sql import Parameters, literal
from import_pipeline.words import Action, OnPossibleDuplicate, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that mean no record, and the records that have their phone number, domain or name."""
    weak = [name for name in work.identifiers() if name != ID_FIELD and name not in work.record_type.strong]
    if not weak or work.spec.action is Action.DELETE:
        return None
    remedy = bind.bind(
        "The row was left out (on_possible_duplicate skip)."
        if work.spec.on_possible_duplicate is OnPossibleDuplicate.SKIP
        else "If they are the same, give the row the id of that record; this one is taken for another."
    )
    plural = bind.bind(work.record_type.plural)
    return f"""
        WITH shared AS (
            SELECT row_number, field, count(DISTINCT record_id) AS times,
                array_to_string(list_sort(list(DISTINCT record_id))[:5], ', ') AS named
            FROM candidates
            WHERE contradicts AND field IN ({", ".join(map(literal, weak))})
                AND row_number NOT IN (SELECT row_number FROM targets)
            GROUP BY row_number, field
            QUALIFY row_number() OVER (PARTITION BY row_number ORDER BY field) = 1
        )
        SELECT
            row_number,
            mapped.name AS "column",
            shared.field,
            named AS value,
            format('{{}} stored {{}} with this {{}} say otherwise: {{}}. {{}}',
                times, {plural}, shared.field, named, {remedy}) AS message
        FROM shared
        LEFT JOIN source_columns AS mapped ON mapped.field = shared.field
        WHERE {ALIVE}
    """


def _outcome(work: Work) -> Outcome | None:
    return Outcome.SKIPPED if work.spec.on_possible_duplicate is OnPossibleDuplicate.SKIP else None


KIND = DefectKind(
    "possible_duplicate", "May repeat a stored record", Phase.TRANSFORMING, None, find, 40, outcome_of=_outcome
)
