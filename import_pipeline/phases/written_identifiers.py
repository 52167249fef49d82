"""What rows give to records that identifies them, as far as it may be what another record has, or gets (phase 4).

Makes `rewritten` (the rows that change an identifier of a stored record), `several(identifier, key)`, what several rows
write, and of both `written_identifiers`. Who may not write it is `uniqueness.py`'s affair.
"""

from import_pipeline.phases.identities import comparable
from import_pipeline.phases.merging import changed_fields
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import literal, quote
from import_pipeline.words import DuplicateStrategy


def unique_fields(work: Work) -> dict[str, str]:
    """The fields that hold strong identifiers → the identifier: those themselves, and those with a second value."""
    strong = {name: name for name in work.record_type.strong}
    return strong | {work.record_type.second[name]: name for name in strong if name in work.record_type.second}


def make_written_identifiers(work: Work, fields: list[str]) -> bool:
    """Make `written_identifiers`, one identifier after the other: at once they would take the memory of all.

    Returns:
        Whether there are any.
    """
    work.create("rewritten", _rewritten(work, fields))
    work.create("several", "SELECT '' AS identifier, '' AS key WHERE false")
    identifiers = unique_fields(work)
    for identifier in dict.fromkeys(identifiers[name] for name in fields):
        own = [name for name in fields if identifiers[name] == identifier]
        keys = " UNION ALL ".join(f"SELECT key FROM ({rows(work, name)})" for name in own for rows in (_new, _changed))
        work.execute(
            f"INSERT INTO several SELECT {literal(identifier)}, key FROM ({keys}) GROUP BY key HAVING count(*) > 1"
        )
    written = " UNION ALL ".join(_written(work, name) for name in fields)
    return work.create("written_identifiers", written) > 0


def drop_written_identifiers(work: Work) -> None:
    """Remove them: they may be as long as the file."""
    for table in ("rewritten", "several", "written_identifiers"):
        work.execute(f"DROP TABLE {table}")


def _written(work: Work, name: str) -> str:
    """SELECT of the rows that give this field another value than the record has.

    Of those that create a record, only the ones that may give what another record has, or gets: nearly none.
    """
    identifier = unique_fields(work)[name]
    new = _new(work, name)
    given = [_changed(work, name)]
    if identifier in work.identifiers():  # phase 3 looked up who has it
        for table, column, condition in (
            ("several", "key", f"identifier = {literal(identifier)}"),
            ("candidates", "row_number", f"contradicts AND field = {literal(name)}"),
        ):
            if work.has_lines(table, condition):
                given.append(
                    f"SELECT * FROM ({new}) WHERE {column} IN (SELECT {column} FROM {table} WHERE {condition})"
                )
    else:
        given.append(new)
    return f"""
        SELECT given.row_number, resolved.record_id, resolved.is_stored, {literal(name)} AS field,
            {literal(identifier)} AS identifier, given.key
        FROM ({" UNION ".join(given)}) AS given
        JOIN resolved ON resolved.row_number = given.row_number"""


def _new(work: Work, name: str) -> str:
    """SELECT of the rows that create a record, each with what it gives to this field, if it does."""
    place = _place_in_identities(work, name)
    if place is not None:
        return f"""
        SELECT row_number, {place} AS key
        FROM identities
        WHERE {place} IS NOT NULL AND {ALIVE} AND row_number NOT IN (SELECT row_number FROM resolved WHERE is_stored)"""
    given = comparable(work, name, "incoming.", set())
    return f"""
        SELECT resolved.row_number, {given} AS key
        FROM resolved
        JOIN transformed AS incoming ON incoming.row_number = resolved.row_number
        WHERE NOT resolved.is_stored AND resolved.{ALIVE} AND {given} IS NOT NULL"""


def _place_in_identities(work: Work, name: str) -> str | None:
    """The column of `identities` that holds what rows give to this field, in the form in which it is compared here."""
    if comparable(work, name, "", work.row_fields()) != comparable(work, name, "", set()):  # it goes by the country
        return None
    for place, identifier in enumerate(work.identifiers()):
        if name == identifier:
            return f"key_{place}"
        if name == work.record_type.second.get(identifier):
            return f"second_{place}"
    return None


def _rewritten(work: Work, fields: list[str]) -> str:
    """SELECT of the rows that change such a field of a stored record, with what it is before and after.

    Most stay as they are written: these are not compared in another form, and not looked up among the rows.
    """
    if work.spec.duplicate_strategy is DuplicateStrategy.SKIP:
        columns = "".join(f", '' AS {name}" for field in fields for name in _before_and_after(field))
        return f"SELECT 0::BIGINT AS row_number{columns} WHERE false"
    changed, columns, tests = changed_fields(work), [], []
    for field in fields:
        stored = f"stored.{quote(field)}"
        value = changed.get(field, stored)
        before, after = _before_and_after(field)
        columns.append(f"{comparable(work, field, 'stored.', set())} AS {before}")
        columns.append(f"{identity_sql(work.record_type.field(field), f'({value})')} AS {after}")
        tests.append(f"({value}) IS DISTINCT FROM {stored}")
    return f"""
        SELECT stored.row_number, {", ".join(columns)}
        FROM before AS stored
        JOIN transformed AS incoming ON incoming.row_number = stored.row_number
        WHERE {" OR ".join(tests)}"""


def _changed(work: Work, name: str) -> str:
    """SELECT of the rows that give this field of a stored record another value."""
    before, after = _before_and_after(name)
    return f"""
        SELECT row_number, {after} AS key
        FROM rewritten
        WHERE {after} IS NOT NULL AND {after} IS DISTINCT FROM {before} AND {ALIVE}"""


def _before_and_after(field: str) -> tuple[str, str]:
    return quote(f"{field} before"), quote(f"{field} after")
