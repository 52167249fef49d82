"""A row that shares a weak identifier with a stored record which says otherwise: it may repeat that one (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.stores.record_tables import store_table
from import_pipeline.words import ID_FIELD, Action, OnPossibleDuplicate, Outcome, Phase

_SHOWN = 60


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that mean no record, and the records that have their phone number, domain or name."""
    weak = [name for name in work.identifiers() if name != ID_FIELD and name not in work.record_type.strong]
    if not weak or work.spec.action is Action.DELETE:
        return None
    name, plural = work.record_type.name, work.record_type.plural
    taken = (
        "The row was left out, as on_possible_duplicate says."
        if work.spec.on_possible_duplicate is OnPossibleDuplicate.SKIP
        else f"The row was taken for another {name}."
    )
    told = bind.bind(f"{taken} If it means one of them, write its id in a column id.")
    told_of_one = bind.bind(f"{taken} If it means that one, write its id in a column id.")
    several, one = bind.bind(f"stored {plural} have"), bind.bind(f"stored {name} has")
    return f"""
        WITH shared AS (
            SELECT row_number, field, count(DISTINCT record_id) AS times, min(record_id) AS first_record,
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
            {_cell(work)} AS value,
            format('{{}} {{}} this {{}}, and {{}}: {{}}. {{}}', times,
                CASE times WHEN 1 THEN {one} ELSE {several} END, shared.field,
                coalesce(differences.told, 'another name, address or id'), named,
                CASE times WHEN 1 THEN {told_of_one} ELSE {told} END) AS message
        FROM shared
        LEFT JOIN source_columns AS mapped ON mapped.field = shared.field
        JOIN identities USING (row_number)
        LEFT JOIN ({_differences(work, "SELECT row_number, first_record FROM shared WHERE times = 1")}) AS differences
            USING (row_number)
        WHERE {ALIVE}
        {_of_rows(work, weak, taken, bind)}
    """


def _differences(work: Work, pairs: str) -> str:
    """SELECT of what a record says otherwise than its row: `row_number, told`, NULL where it is not one field.

    Args:
        work: The import at work.
        pairs: SELECT of `row_number, first_record`.
    """
    present = work.row_fields()
    evidence = dict.fromkeys(
        [*work.record_type.strong, *(name for one in work.record_type.evidence for name in one.fields)]
    )
    told = [
        f"""CASE WHEN lower(CAST(given.{quote(name)} AS VARCHAR)) <> lower(CAST(stored.{quote(name)} AS VARCHAR))
            THEN format('{{}} {{}} where the row has {{}}', {literal(name)}, {_shown(f"stored.{quote(name)}")},
                {_shown(f"given.{quote(name)}")}) END"""
        for name in evidence
        if name in present
    ]
    if not told:
        return "SELECT NULL::BIGINT AS row_number, NULL::VARCHAR AS told WHERE false"
    return f"""
        SELECT pairs.row_number, nullif(array_to_string([{", ".join(told)}], ', '), '') AS told
        FROM ({pairs}) AS pairs
        JOIN rows AS given ON given.row_number = pairs.row_number
        JOIN {store_table(work.record_type.table)} AS stored ON stored.id = pairs.first_record
    """


def _shown(value: str) -> str:
    """SQL of a value in quotes, cut where it is long."""
    mark = literal("'")
    return f"concat({mark}, left(CAST({value} AS VARCHAR), {_SHOWN}), {mark})"


def _of_rows(work: Work, weak: list[str], taken: str, bind: Parameters) -> str:
    """The rows that have nothing but an identifier which an earlier row has too, and say otherwise; added to those."""
    fields = ", ".join(literal(name) for name in work.identifiers())
    remedy = bind.bind(f"{taken} If both mean one, leave one of them out.")
    return f"""
        UNION ALL
        SELECT
            row_number,
            mapped.name AS "column",
            given.field,
            identity AS value,
            format('Row {{}} has this {{}} too, and another name, address or id. {{}}',
                {work.row_in_file("given.first_row")}, given.field, {remedy}) AS message
        FROM (
            SELECT row_number, identity, [{fields}][level + 1] AS field,
                min(row_number) OVER (PARTITION BY level, identity) AS first_row
            FROM identities
            WHERE list_contains([{", ".join(map(literal, weak))}], [{fields}][level + 1])
        ) AS given
        LEFT JOIN source_columns AS mapped ON mapped.field = given.field
        WHERE row_number <> first_row AND {ALIVE}
            AND row_number NOT IN (SELECT row_number FROM targets UNION ALL SELECT row_number FROM repeats)
            AND row_number NOT IN (SELECT row_number FROM candidates WHERE contradicts)
        """


def _cell(work: Work) -> str:
    """SQL of what the row has there, in the form in which it is compared."""
    cases = [f"WHEN {literal(name)} THEN identities.key_{place}" for place, name in enumerate(work.identifiers())]
    return f"CASE shared.field {' '.join(cases)} END"


def _outcome(work: Work) -> Outcome | None:
    return Outcome.SKIPPED if work.spec.on_possible_duplicate is OnPossibleDuplicate.SKIP else None


KIND = DefectKind(
    "possible_duplicate",
    "May repeat a stored record",
    Phase.TRANSFORMING,
    None,
    find,
    40,
    outcome_of=_outcome,
    remedy="Give the row the external id or id of the record that it means, or say on_possible_duplicate.",
    counted=(
        "row may repeat a stored {name} that says otherwise",
        "rows may repeat stored {plural} that say otherwise",
    ),
)
