"""What identifies each row, in the form in which it is compared: the table `identities`, which phases 2 to 5 read."""

from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import quote
from import_pipeline.words import ID_FIELD

COUNTRY = "country"
"""The field by which national phone numbers are read, in record types that have it."""


def make_identities(work: Work) -> None:
    """Make `identities(row_number, key_0, …, second_0, …, level, identity)` of the rows that phase 1 let pass.

    `second_N` is there where identifier N has a second value (`RecordType.second`) that the file gives.
    `level` is the place of the first identifier that the row has, `identity` its comparable form;
    both are null where the row has none.
    """
    present = work.row_fields()
    identifiers = work.identifiers()
    if not identifiers:
        work.create("identities", "SELECT row_number, NULL::BIGINT AS level, NULL::VARCHAR AS identity FROM rows")
        return
    columns = [f"{comparable(work, name, '', present)} AS key_{place}" for place, name in enumerate(identifiers)]
    for place, name in enumerate(identifiers):
        second = work.record_type.second.get(name)
        if second in present and second is not None:
            columns.append(f"{comparable(work, second, '', present)} AS second_{place}")
    names = [f"key_{place}" for place in range(len(identifiers))]
    level = "CASE " + " ".join(f"WHEN {name} IS NOT NULL THEN {place}" for place, name in enumerate(names)) + " END"
    work.create(
        "identities",
        f"""
        SELECT *, {level} AS level, coalesce({", ".join(names)}) AS identity
        FROM (SELECT row_number, {", ".join(columns)} FROM rows)
        """,
    )


def comparable(work: Work, field: str, alias: str, present: set[str]) -> str:
    """SQL of the form in which an identifier is compared; an id is compared as it stands.

    Args:
        work: The import at work.
        field: The identifier.
        alias: The table that holds it, with a dot; may be empty.
        present: The fields that this table has.
    """
    column = f"{alias}{quote(field)}"
    if field == ID_FIELD:
        return column
    country = f"{alias}{quote(COUNTRY)}" if COUNTRY in present else None
    return identity_sql(work.record_type.field(field), column, country)
