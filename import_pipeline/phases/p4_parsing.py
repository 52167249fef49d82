"""Phase 4, parsing: rows that resolve to one record are left out, and the plan says what is to happen to each row.

Makes `resolved` (row → the record that it means or creates), `shared` (rows that mean one record), `before` (the stored
records that rows mean, whole) and `plan`, which has exactly one line for every row of the file.
"""

from import_pipeline.phases.before_images import fetch_before
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.kept_values import warn_of_kept_values
from import_pipeline.phases.linking import incoming, link
from import_pipeline.phases.merging import changed_fields
from import_pipeline.phases.outcomes import ALREADY_STORED
from import_pipeline.phases.weak_matching import rows_that_may_be_one
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.words import ID_FIELD, Action, DuplicateStrategy, Phase, PlannedAction


def run(work: Work) -> None:
    """Make the plan."""
    _resolve(work)
    _fetch_stored_records(work)
    find_defects(work, Phase.PARSING)
    link(work)
    make_plan(work)
    warn_of_kept_values(work)


def _resolve(work: Work) -> None:
    """Make `resolved(row_number, record_id, is_stored)` of the rows that are still in."""
    identifiers = work.identifiers()
    unknown_id = f"identities.key_{identifiers.index(ID_FIELD)}" if ID_FIELD in identifiers else "NULL"
    new_id = work.new_record_id("identities.row_number")
    work.create(
        "resolved",
        f"""
        SELECT
            identities.row_number,
            coalesce(targets.record_id, {unknown_id}, {new_id}) AS record_id,
            targets.record_id IS NOT NULL AS is_stored
        FROM identities
        LEFT JOIN targets ON targets.row_number = identities.row_number
        WHERE identities.{ALIVE}
        """,
    )
    work.create("torn", "SELECT 0::BIGINT AS row_number, 0::BIGINT AS candidates WHERE false")
    known = f"level IS NOT NULL AND {ALIVE}"
    levels = work.execute(f"SELECT DISTINCT level FROM identities WHERE {known} ORDER BY level").fetchall()
    for place, name in enumerate(identifiers):
        if name == ID_FIELD:
            continue
        if name not in work.record_type.strong:
            pairs = rows_that_may_be_one(work, place)
            if pairs is not None:
                _join_to_other_rows(work, pairs)
        elif (place,) in levels[1:] and (identifiers[0] != ID_FIELD or place > 1):
            _join_to_other_rows(work, _rows_of_one_identity(place))
    work.create(
        "shared",
        """
        SELECT row_number, record_id, first_row, times
        FROM resolved
        JOIN (
            SELECT record_id, min(row_number) AS first_row, count(*) AS times
            FROM resolved GROUP BY record_id HAVING count(*) > 1
        ) USING (record_id)
        """,
    )


def _rows_of_one_identity(level: int) -> str:
    """SELECT of rows known by this identifier alone, and of the others that have it, and a stronger one too."""
    return f"""
        SELECT one.row_number, other.row_number AS other
        FROM identities AS one
        JOIN identities AS other ON other.key_{level} = one.identity AND other.level < one.level
        WHERE one.level = {level}
        """


def _join_to_other_rows(work: Work, pairs: str) -> None:
    """A new row known only by, say, its e-mail address means the record of the row that has this address and an id too.

    Where several such rows mean different records nothing says which of them it is: `torn` keeps these. A row that a
    stronger identifier led to a record, or tore, is left alone.

    Args:
        work: The import at work.
        pairs: SELECT of row_number and other: rows, and those whose record they mean if they are new.
    """
    work.create(
        "joined",
        f"""
        SELECT pairs.row_number, min(resolved.record_id) AS record_id, bool_or(resolved.is_stored) AS is_stored,
            count(DISTINCT resolved.record_id) AS candidates
        FROM ({pairs}) AS pairs
        JOIN resolved AS own ON own.row_number = pairs.row_number AND NOT own.is_stored
        JOIN resolved ON resolved.row_number = pairs.other
        WHERE own.record_id = {work.new_record_id("own.row_number")}
            AND own.row_number NOT IN (SELECT row_number FROM torn)
        GROUP BY pairs.row_number
        """,
    )
    work.execute("INSERT INTO torn SELECT row_number, candidates FROM joined WHERE candidates > 1")
    work.execute(
        """
        UPDATE resolved SET record_id = joined.record_id, is_stored = joined.is_stored
        FROM joined WHERE joined.row_number = resolved.row_number AND joined.candidates = 1
        """
    )
    work.execute("DROP TABLE joined")


def _fetch_stored_records(work: Work) -> None:
    """Make `before`: each stored record that a row changes or deletes, as it is now, beside the row's number."""
    needed = "true" if _touches_stored_records(work) else "false"
    rows = f"SELECT row_number, record_id FROM resolved WHERE is_stored AND {needed} AND {ALIVE}"
    fetch_before(work, rows)


def _touches_stored_records(work: Work) -> bool:
    return work.spec.action is Action.DELETE or work.spec.duplicate_strategy is not DuplicateStrategy.SKIP


def make_plan(work: Work) -> None:
    """Make `plan`: one line for every row of the file, those that are out included.

    Raises:
        RuntimeError: A row has no line, or several.
    """
    bind = Parameters()
    planned = work.create(
        "plan",
        f"""
        WITH decided AS ({_decided(work)}),
        failed AS (
            SELECT row_number, min(code) AS reason
            FROM defects WHERE level = 'error' AND row_number IS NOT NULL GROUP BY row_number
        ),
        out AS (
            SELECT row_number, min(reason) AS reason, bool_or(outcome = 'failed') AS has_failed
            FROM left_out GROUP BY row_number
        ),
        numbers AS (  -- those that are out are few, while those that are in are joined to nothing once more
            SELECT row_number, action, record_id, reason FROM decided
            UNION ALL
            SELECT row_number, NULL, NULL, NULL
            FROM (SELECT row_number FROM out UNION SELECT row_number FROM failed)
            WHERE row_number NOT IN (SELECT row_number FROM resolved)
        )
        SELECT
            numbers.row_number,
            CASE
                WHEN failed.row_number IS NOT NULL OR out.has_failed THEN {bind.bind(str(PlannedAction.FAIL))}
                WHEN out.row_number IS NOT NULL THEN {bind.bind(str(PlannedAction.SKIP))}
                ELSE numbers.action
            END AS action,
            CASE WHEN failed.row_number IS NULL AND out.row_number IS NULL THEN numbers.record_id END AS record_id,
            coalesce(failed.reason, out.reason, numbers.reason) AS reason
        FROM numbers
        LEFT JOIN failed USING (row_number)
        LEFT JOIN out USING (row_number)
        WHERE {work.is_in_batch("numbers.row_number")}
        """,
        bind,
    )
    rows = work.number(f"SELECT count(*) FROM source_text WHERE {work.is_in_batch('rowid + 1')}")
    if planned != rows:
        raise RuntimeError(
            f"The plan has {planned:,} lines for {rows:,} rows of the file, which is a fault of this program. Nothing "
            "was written. Report it with the file, or with the part of it that shows it."
        )


def _decided(work: Work) -> str:
    """SQL of what happens to the rows that are in: row_number, action, record_id, reason."""
    if work.spec.action is Action.DELETE:
        return "SELECT row_number, 'delete' AS action, record_id, NULL AS reason FROM resolved"
    if work.spec.duplicate_strategy is DuplicateStrategy.SKIP:
        stored_action, reason, joined = "'skip'", literal(ALREADY_STORED), ""
    else:
        changed = " OR ".join(
            f"{after} IS DISTINCT FROM stored.{quote(name)}" for name, after in changed_fields(work).items()
        )
        stored_action, reason = "CASE WHEN changed.row_number IS NOT NULL THEN 'update' ELSE 'unchanged' END", "NULL"
        joined = f"""
        LEFT JOIN (  -- a condition looks no further once a field differs, which a column does
            SELECT stored.row_number
            FROM before AS stored JOIN {incoming(work)} AS incoming ON incoming.row_number = stored.row_number
            WHERE {changed or "false"}
        ) AS changed ON changed.row_number = resolved.row_number"""
    return f"""
        SELECT
            resolved.row_number,
            CASE WHEN is_stored THEN {stored_action} ELSE 'create' END AS action,
            resolved.record_id,
            CASE WHEN is_stored THEN {reason} END AS reason
        FROM resolved{joined}"""
