"""No two records share a strong identifier: which rows would bring that about (phase 4).

What counts is how things stand after the import: three people may pass their addresses round in one file. A row that
writes an identifier which another record has is all right only if a row of the same import takes it from that record.

Makes `taken` (the rows that may not, with who has it) and `relies_on(row_number, on_row, …)`: rows that need another
row to be written, because it gives the identifier up.
"""

from import_pipeline.phases.identities import comparable
from import_pipeline.phases.merging import changed_fields
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.phases.written_identifiers import drop_written_identifiers, make_written_identifiers, unique_fields
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import Action, DuplicateHandling, DuplicateStrategy

_TAKEN = "0::BIGINT AS row_number, '' AS field, '' AS key, '' AS record_id, 0::BIGINT AS other_row"


def find_taken(work: Work) -> None:
    """Make `taken` and `relies_on`. It reads `resolved`, `before` and `candidates`."""
    work.create("taken", f"SELECT {_TAKEN} WHERE false")
    work.create("relies_on", f"SELECT {_TAKEN.replace('other_row', 'on_row')} WHERE false")
    fields = [name for name in unique_fields(work) if name in work.row_fields()]
    if work.spec.action is Action.DELETE or not fields:
        return
    if make_written_identifiers(work, fields):
        _find_held_by_records(work)
        _find_given_twice(work)
        fail_with_relied_on(work)
    drop_written_identifiers(work)


def fail_with_relied_on(work: Work) -> bool:
    """Rows that rely on a row which is out are out, too: `taken` names them.

    Returns:
        Whether there were any.
    """
    if not work.number("SELECT count(*) FROM relies_on"):
        return False
    found = work.number(
        """
        INSERT INTO taken
        WITH RECURSIVE out (row_number) AS (
            SELECT row_number FROM left_out UNION SELECT row_number FROM taken
            UNION
            SELECT relies_on.row_number FROM relies_on JOIN out ON out.row_number = relies_on.on_row
        )
        SELECT row_number, field, key, record_id, NULL
        FROM relies_on
        WHERE on_row IN (SELECT row_number FROM out) AND row_number NOT IN (SELECT row_number FROM taken)
        """
    )
    return bool(found)


def _find_held_by_records(work: Work) -> None:
    """Who has the identifiers that rows write. What phase 3 searched for is not searched for again."""
    selects = [
        """
        SELECT written.row_number, written.field, written.identifier, written.key, candidates.record_id
        FROM written_identifiers AS written
        JOIN candidates ON candidates.row_number = written.row_number AND candidates.field = written.field
        WHERE candidates.contradicts AND candidates.record_id <> written.record_id"""
    ]
    fields = unique_fields(work)
    searched = [name for name in fields if fields[name] in work.identifiers()]
    unsearched = f"(is_stored OR NOT list_contains([{', '.join(map(literal, searched))}]::VARCHAR[], field))"
    to_search = work.counts(f"SELECT field, count(*) FROM written_identifiers WHERE {unsearched} GROUP BY field")
    stored = set(work.record_type.field_names)
    for name in to_search:
        # A second value may be that of several people, such as a family's address, but nobody's first.
        others = [fields[name], *([work.record_type.second[name]] if name in work.record_type.second else [])]
        for other in others:
            selects.append(f"""
        SELECT written.row_number, written.field, written.identifier, written.key, stored.id
        FROM written_identifiers AS written
        JOIN (
            SELECT id, {comparable(work, other, "", stored - {"country"})} AS key
            FROM {store_table(work.record_type.table)} WHERE {quote(other)} IS NOT NULL
        ) AS stored ON stored.key = written.key AND stored.id <> written.record_id
        WHERE written.field = {literal(name)} AND {unsearched}""")
    if not work.create("held", " UNION ALL ".join(selects)):
        return
    work.create("given_up", _given_up(work))
    work.execute(
        """
        INSERT INTO taken
        SELECT row_number, field, key, record_id, NULL FROM held
        WHERE (row_number, record_id, key) NOT IN (SELECT row_number, record_id, key FROM given_up)
        """
    )
    work.execute("INSERT INTO relies_on SELECT row_number, field, key, record_id, on_row FROM given_up")


def _given_up(work: Work) -> str:
    """SELECT of what is held now by a record that a row of the same import takes it from."""
    if work.spec.duplicate_strategy is DuplicateStrategy.SKIP:
        return f"SELECT {_TAKEN.replace('other_row', 'on_row')} WHERE false"
    present, after = work.row_fields(), changed_fields(work)
    identifiers = ", ".join(literal(name) for name in work.record_type.strong)
    keeps = []
    for name, identifier in unique_fields(work).items():
        value = after[name] if name in present and name in after else f"stored.{quote(name)}"
        kept = identity_sql(work.record_type.field(name), f"({value})")
        keeps.append(f"(held.identifier = {literal(identifier)} AND {kept} IS NOT DISTINCT FROM held.key)")
    of_many = work.several is not None
    own = f"AND {work.import_of('held.row_number')} = {work.import_of('resolved.row_number')}" if of_many else ""
    return f"""
        SELECT held.row_number, held.field, held.key, held.record_id, min(resolved.row_number) AS on_row
        FROM held
        JOIN resolved ON resolved.record_id = held.record_id AND resolved.is_stored AND resolved.{ALIVE} {own}
        JOIN transformed AS incoming ON incoming.row_number = resolved.row_number
        JOIN before AS stored ON stored.row_number = resolved.row_number
        WHERE held.identifier IN ({identifiers}) AND NOT ({" OR ".join(keeps)})
        GROUP BY ALL"""


def _find_given_twice(work: Work) -> None:
    """Rows of the file that give one identifier to several records: none of them may, or only the first."""
    use_first = work.spec.duplicate_handling is DuplicateHandling.USE_FIRST
    seconds = ", ".join(literal(name) for name in work.record_type.second.values())
    is_first = f"field NOT IN ({seconds})" if seconds else "true"  # a second value may be that of several
    work.execute(
        f"""
        INSERT INTO taken
        WITH written AS (
            SELECT * FROM written_identifiers
            WHERE (identifier, key) IN (FROM several) AND row_number NOT IN (SELECT row_number FROM taken)
        ),
        shared AS (
            SELECT identifier, key, min(row_number) AS first_row, max(row_number) AS last_row
            FROM written
            GROUP BY identifier, key
            HAVING min(record_id) <> max(record_id) AND bool_or({is_first})
        )
        SELECT row_number, field, key, NULL, CASE row_number WHEN first_row THEN last_row ELSE first_row END
        FROM written
        JOIN shared USING (identifier, key)
        {"WHERE row_number <> first_row" if use_first else ""}
        """
    )
