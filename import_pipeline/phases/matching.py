"""Which stored record a row means, identifier by identifier, the one that counts most first.

Makes `store_version(sequence, rows_matched)`, the state of the store and of the rows that were matched;
`candidates(row_number, record_id, field, contradicts)`: every stored record that has an identifier of a row which
no former identifier settled, and whether something contradicts that the row means it; and `targets`: the record of each
row that means one. A strong identifier is contradicted by one that counts more and differs; a weak one by all that
`record_types/contradictions.py` compares.
"""

from import_pipeline.phases.explicit import BAD_FIELDS
from import_pipeline.phases.identities import comparable
from import_pipeline.phases.weak_matching import (
    find_second_candidates,
    find_weak_candidates,
    keep_contradicting_rows_apart,
)
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import ID_FIELD


def store_version(work: Work) -> int:
    """The number of the last change of the store: while it stays, what was matched still stands."""
    return work.number(f"SELECT coalesce(max(sequence), 0) FROM {store_table('applied_imports')}")


def note_what_is_matched(work: Work) -> None:
    """Make `store_version`, before `find_targets`."""
    rows = "NULL" if work.several is None else f"SELECT count(*) FROM rows WHERE {ALIVE}"
    work.create("store_version", f"SELECT {store_version(work)} AS sequence, ({rows})::BIGINT AS rows_matched")


def are_all_matched(work: Work) -> bool:
    """Whether the rows that are left are those that were matched before phase 2, in a batch of several imports.

    Rows only fall out: while there are as many, they are the same, and so is what was found of them.
    """
    if work.several is None:
        return False
    return bool(work.number(f"SELECT count(*) = (SELECT rows_matched FROM store_version) FROM rows WHERE {ALIVE}"))


def match_anew(work: Work) -> None:
    """Note that what was matched does not stand, since the rows were changed."""
    work.execute("UPDATE store_version SET rows_matched = NULL")


def find_targets(work: Work) -> None:
    """Fill `candidates` and `targets`; a row that found its record is settled."""
    identifiers = work.identifiers()
    work.create(
        "candidates",
        "SELECT 0::BIGINT AS row_number, '' AS record_id, '' AS field, false AS contradicts WHERE false",
    )
    for place, name in enumerate(identifiers):
        if name == ID_FIELD or name in work.record_type.strong:
            _find_by_strong(work, identifiers, place)
            _find_by_second(work, identifiers, place)
        else:
            find_weak_candidates(work, place, _unsettled(work, identifiers, place, but_bad=True))
    keep_contradicting_rows_apart(work)
    work.create(
        "targets",
        """
        WITH found AS (
            SELECT row_number, record_id, field FROM candidates WHERE NOT contradicts
        ),
        several AS (  -- nearly every row has one candidate: only those of the others are compared
            SELECT row_number FROM found GROUP BY row_number HAVING count(*) > 1
        )
        SELECT row_number, record_id, field, 1::BIGINT AS candidates
        FROM found WHERE row_number NOT IN (SELECT row_number FROM several)
        UNION ALL
        SELECT row_number, min(record_id), min(field), count(DISTINCT record_id)
        FROM found WHERE row_number IN (SELECT row_number FROM several)
        GROUP BY row_number
        """,
    )


def _unsettled(work: Work, identifiers: list[str], place: int, *, but_bad: bool = False) -> str:
    """SELECT of row_number and key of the rows with this identifier that have found no record by a former one.

    Args:
        work: The import at work.
        identifiers: Its identifiers.
        place: The place of the one that is searched for.
        but_bad: Leave out rows of which an identifier was emptied because it was wrong: such a row does not become
            whoever shares a weaker one.
    """
    conditions = [f"key_{place} IS NOT NULL", ALIVE]
    if place:
        conditions.append("row_number NOT IN (SELECT row_number FROM candidates WHERE NOT contradicts)")
    if place and identifiers[0] == ID_FIELD:
        conditions.append("key_0 IS NULL")  # a row that carries an id means that id and nothing else
    if but_bad and BAD_FIELDS in work.columns_of("rows"):
        names = ", ".join(map(literal, [*work.record_type.identifiers, *work.record_type.second.values()]))
        conditions.append(
            f"row_number NOT IN (SELECT row_number FROM rows WHERE list_has_any({quote(BAD_FIELDS)}, [{names}]))"
        )
    return f"SELECT row_number, key_{place} AS key FROM identities WHERE {' AND '.join(conditions)}"


def _find_by_strong(work: Work, identifiers: list[str], place: int) -> None:
    """Search the whole store: what a row may not take from another record has to be known, too."""
    stored = set(work.record_type.field_names)
    name = identifiers[place]
    stronger = [
        other
        for other in range(place)
        if identifiers[other] != ID_FIELD and identifiers[other] in work.record_type.strong
    ]
    columns = "".join(f", {quote(identifiers[other])}" for other in stronger)
    differs = " OR ".join(
        f"coalesce(identities.key_{other} <> {comparable(work, identifiers[other], 'stored.', stored)}, false)"
        for other in stronger
    )
    work.execute(
        f"""
        INSERT INTO candidates
        SELECT unsettled.row_number, stored.id, $field, {differs or "false"}
        FROM ({_unsettled(work, identifiers, place)}) AS unsettled
        JOIN (
            SELECT id, {comparable(work, name, "", stored)} AS key{columns}
            FROM {store_table(work.record_type.table)}
            WHERE {quote(name)} IS NOT NULL
        ) AS stored ON stored.key = unsettled.key
        {"JOIN identities ON identities.row_number = unsettled.row_number" if stronger else ""}
        """,
        {"field": name},
    )


def _find_by_second(work: Work, identifiers: list[str], place: int) -> None:
    """A record may have the row's identifier as its second value, and the other way round."""
    name = identifiers[place]
    second = work.record_type.second.get(name)
    if second is None:
        return
    stored, table = set(work.record_type.field_names), store_table(work.record_type.table)
    unsettled = _unsettled(work, identifiers, place)
    selects = [
        f"""
        SELECT unsettled.row_number, stored.id AS record_id, {literal(name)} AS field
        FROM ({unsettled}) AS unsettled
        JOIN (
            SELECT id, {comparable(work, second, "", stored)} AS key FROM {table} WHERE {quote(second)} IS NOT NULL
        ) AS stored ON stored.key = unsettled.key"""
    ]
    if second in work.row_fields():
        by_second = unsettled.replace(f"key_{place}", f"second_{place}")
        selects.append(f"""
        SELECT unsettled.row_number, stored.id, {literal(second)}
        FROM ({by_second}) AS unsettled
        JOIN (
            SELECT id, {comparable(work, name, "", stored)} AS key FROM {table} WHERE {quote(name)} IS NOT NULL
        ) AS stored ON stored.key = unsettled.key""")
    find_second_candidates(work, " UNION ALL ".join(selects))
