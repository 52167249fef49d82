"""What weak identifiers find: an equal phone number, domain or name means the same thing only if nothing contradicts.

Rows are compared with stored records (`find_weak_candidates`), with other rows of the file
(`repeats_by_weak_identifier`, `rows_that_may_be_one`), and with each other where several mean one record
(`keep_contradicting_rows_apart`). What contradicts is the record type's affair (`record_types/contradictions.py`).
Where very many share an identifier, such as the number of a switchboard, only those that say the same are one.
"""

from import_pipeline.phases.identities import COUNTRY, comparable
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.record_types.contradictions import compared_forms, contradiction_sql
from import_pipeline.sql import quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import ID_FIELD

CROWD = 100
"""So many rows of a file with one weak identifier are compared with one another, each with each."""
_CROWD_OF_PAIRS = CROWD * CROWD
_FEW_ROWS = 20_000
_NAMED = 3  # records that are named of those that a row may repeat


def rows_with_forms(work: Work, rows: str) -> str:
    """SELECT of row_number, what is compared of rows, and `said`: all of it as one text.

    Args:
        work: The import at work.
        rows: SELECT of the numbers of these rows.
    """
    forms = compared_forms(work.record_type, "given", work.row_fields())
    return _with_forms("row_number", forms, f"rows AS given WHERE row_number IN ({rows})")


def records_with_forms(work: Work, records: str) -> str:
    """SELECT of record_id, what is compared of stored records, and `said`, as for rows.

    Args:
        work: The import at work.
        records: SELECT of the ids of these records.
    """
    forms = compared_forms(work.record_type, "given", set(work.record_type.field_names))
    table = store_table(work.record_type.table)
    return _with_forms("id AS record_id", forms, f"{table} AS given WHERE id IN ({records})")


def _with_forms(key: str, forms: dict[str, str], source: str) -> str:
    columns = "".join(f", {sql} AS {name}" for name, sql in forms.items())
    said = ", ".join(f"coalesce({name}, '')" for name in forms)
    return f"SELECT *, concat_ws('/', {said or repr('')}) AS said FROM (SELECT {key}{columns} FROM {source})"


def repeats_by_weak_identifier(work: Work, place: int) -> str | None:
    """SELECT of row_number, first_row and times of the rows that have only this identifier and repeat one another.

    Args:
        work: The import at work.
        place: The identifier's place.

    Returns:
        None where there are no such rows.
    """
    crowds = f"""
        SELECT identity AS key, count(*) AS times FROM identities
        WHERE level = {place} GROUP BY identity HAVING count(*) > 1"""
    if not work.number(f"SELECT count(*) FROM ({crowds})"):
        return None
    own = f"SELECT row_number FROM identities WHERE level = {place} AND identity IN (SELECT key FROM ({crowds}))"
    return f"""
        WITH given AS MATERIALIZED (
            SELECT forms.*, crowds.key, crowds.times
            FROM ({rows_with_forms(work, own)}) AS forms
            JOIN identities USING (row_number)
            JOIN ({crowds}) AS crowds ON crowds.key = identities.identity
        ),
        pairs AS (
            SELECT one.row_number, other.row_number AS other
            FROM given AS one JOIN given AS other ON other.key = one.key AND other.row_number <> one.row_number
            WHERE one.times <= {CROWD} AND other.times <= {CROWD}
                AND NOT ({contradiction_sql(work.record_type, "one", "other")})
            UNION ALL
            SELECT row_number, other
            FROM (
                SELECT row_number, unnest([min(row_number) OVER same, max(row_number) OVER same]) AS other
                FROM given WHERE times > {CROWD}
                WINDOW same AS (PARTITION BY key, said)
            )
            WHERE other <> row_number
        )
        SELECT row_number, least(row_number, min(other)) AS first_row, count(DISTINCT other) + 1 AS times
        FROM pairs GROUP BY row_number
        """


def rows_that_may_be_one(work: Work, place: int) -> str | None:
    """SELECT of row_number and other: rows with this weak identifier, and those with it and a stronger one.

    Args:
        work: The import at work.
        place: The identifier's place.

    Returns:
        None where there are no such rows.
    """
    shared = f"""
        SELECT key_{place} AS key, count(*) AS times FROM identities
        WHERE key_{place} IS NOT NULL AND {ALIVE}
        GROUP BY ALL HAVING min(level) <> max(level)"""
    if not work.number(f"SELECT count(*) FROM ({shared})"):
        return None
    own = f"SELECT row_number FROM identities WHERE key_{place} IN (SELECT key FROM ({shared}))"
    return f"""
        WITH given AS MATERIALIZED (
            SELECT forms.*, level, shared.key, shared.times
            FROM ({rows_with_forms(work, own)}) AS forms
            JOIN identities USING (row_number)
            JOIN ({shared}) AS shared ON shared.key = identities.key_{place}
        )
        SELECT one.row_number, other.row_number AS other
        FROM given AS one JOIN given AS other ON other.key = one.key AND other.level < one.level
        WHERE one.times <= {CROWD} AND NOT ({contradiction_sql(work.record_type, "one", "other")})
        UNION ALL
        SELECT one.row_number, other.row_number
        FROM given AS one JOIN given AS other ON other.key = one.key AND other.said = one.said
        WHERE one.times > {CROWD} AND other.level < one.level
        """


def find_weak_candidates(work: Work, place: int, unsettled: str) -> None:
    """Add to `candidates` the records that have the weak identifier of a row, and whether they contradict the row.

    Args:
        work: The import at work.
        place: The identifier's place.
        unsettled: SELECT of row_number and key of the rows that no stronger identifier found a record for.
    """
    name = work.identifiers()[place]
    field, column, table = work.record_type.field(name), quote(name), store_table(work.record_type.table)
    rows = work.create("weak_rows", unsettled)
    if not rows:
        return
    stored = {COUNTRY} & set(work.record_type.field_names)
    worth = ""
    if rows <= _FEW_ROWS and (common_end := field.type.common_end("key")) is not None:
        length = work.number(f"SELECT min({common_end}) FROM weak_rows")
        worth = f" AND {field.type.end(column, length)} IN (SELECT {field.type.end('key', length)} FROM weak_rows)"
    found = work.create(
        "weak_holders",
        f"""
        SELECT id AS record_id, {comparable(work, name, "", stored)} AS key FROM {table}
        WHERE {column} IS NOT NULL{worth} AND key IN (SELECT key FROM weak_rows)
        """,
    )
    if not found:
        return
    work.create(
        "weak_crowds",
        f"""
        SELECT key FROM (SELECT key, count(*) AS times FROM weak_rows GROUP BY key)
        JOIN (SELECT key, count(*) AS holders FROM weak_holders GROUP BY key) USING (key)
        WHERE times * holders > {_CROWD_OF_PAIRS}
        """,
    )
    work.execute(
        f"""
        INSERT INTO candidates
        WITH one AS MATERIALIZED (
            SELECT * FROM ({rows_with_forms(work, "SELECT row_number FROM weak_rows")})
            JOIN weak_rows USING (row_number)
        ),
        other AS MATERIALIZED (
            SELECT * FROM ({records_with_forms(work, "SELECT record_id FROM weak_holders")})
            JOIN weak_holders USING (record_id)
        ),
        crowd AS (
            SELECT row_number, record_id FROM one JOIN other USING (key, said)
            WHERE key IN (SELECT key FROM weak_crowds)
        )
        SELECT one.row_number, other.record_id, $field, {contradiction_sql(work.record_type, "one", "other")}
        FROM one JOIN other USING (key)
        WHERE key NOT IN (SELECT key FROM weak_crowds)
        UNION ALL
        SELECT row_number, record_id, $field, false FROM crowd
        UNION ALL
        SELECT row_number, unnest(named), $field, true
        FROM weak_rows
        JOIN (
            SELECT key, list(record_id ORDER BY record_id)[:{_NAMED}] AS named FROM weak_holders
            WHERE key IN (SELECT key FROM weak_crowds) GROUP BY key
        ) USING (key)
        WHERE row_number NOT IN (SELECT row_number FROM crowd)
        """,
        {"field": name},
    )


def find_second_candidates(work: Work, pairs: str) -> None:
    """Add to `candidates` pairs of row and record of which one has the other's strong identifier as a second value.

    Args:
        work: The import at work.
        pairs: SELECT of row_number, record_id and field.
    """
    if not work.create("second_pairs", pairs):
        return
    work.execute(
        f"""
        INSERT INTO candidates
        SELECT row_number, record_id, field, {contradiction_sql(work.record_type, "one", "other")}
        FROM second_pairs
        JOIN ({rows_with_forms(work, "SELECT row_number FROM second_pairs")}) AS one USING (row_number)
        JOIN ({records_with_forms(work, "SELECT record_id FROM second_pairs")}) AS other USING (record_id)
        """
    )


def keep_contradicting_rows_apart(work: Work) -> None:
    """Where rows that mean one record contradict each other, a weak identifier leads none of them there."""
    weak = [name for name in work.identifiers() if name != ID_FIELD and name not in work.record_type.strong]
    if not weak:
        return
    is_weak, means = "list_contains($weak::VARCHAR[], field)", f"NOT contradicts AND {ALIVE}"
    contested = work.create(
        "contested",
        f"""
        SELECT row_number, record_id, {is_weak} AS is_weak, count(*) OVER (PARTITION BY record_id) AS times
        FROM candidates
        WHERE {means} AND record_id IN (SELECT record_id FROM candidates WHERE {is_weak} AND {means})
        QUALIFY times > 1
        """,
        {"weak": weak},
    )
    if not contested:
        return
    work.execute(
        f"""
        UPDATE candidates SET contradicts = true
        FROM (
            WITH given AS MATERIALIZED (
                SELECT * FROM ({rows_with_forms(work, "SELECT row_number FROM contested")})
                JOIN contested USING (row_number)
            )
            SELECT one.row_number, one.record_id
            FROM given AS one
            JOIN given AS other ON other.record_id = one.record_id AND other.row_number <> one.row_number
            WHERE one.is_weak AND one.times <= {CROWD} AND ({contradiction_sql(work.record_type, "one", "other")})
            UNION
            SELECT row_number, record_id FROM given WHERE is_weak AND times > {CROWD}
            QUALIFY min(said) OVER (PARTITION BY record_id) <> max(said) OVER (PARTITION BY record_id)
        ) AS apart
        WHERE candidates.row_number = apart.row_number AND candidates.record_id = apart.record_id
        """
    )
