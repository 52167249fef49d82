"""Which of several imports in one workspace could meet an earlier one: only such an import sees what that one writes.

Two imports meet where rows of both have an identifier in common, may mean the same stored record, or refer to the same
record that neither finds. Whoever meets nobody finds the store as it would after the others, too.
"""

from import_pipeline.phases.work import Work
from import_pipeline.sql import literal
from import_pipeline.words import ID_FIELD


def meeting_in_rows(work: Work) -> str:
    """SELECT of the imports whose rows share an identifier, or a record they may mean, with those of an earlier one.

    By `identities` and `candidates`, of all imports in the workspace; an id that a row names may be one that the record
    of another row will have.
    """
    columns = set(work.columns_of("identities"))
    selects = []
    for place in range(len(work.identifiers())):
        keys = [name for name in (f"key_{place}", f"second_{place}") if name in columns]
        selects.append(_later(f"(SELECT row_number, unnest([{', '.join(keys)}]) AS key FROM identities)", "key"))
    meant = "SELECT row_number, record_id FROM candidates"
    if ID_FIELD in work.identifiers():
        named = f"key_{work.identifiers().index(ID_FIELD)}"
        meant += f" UNION ALL SELECT row_number, {named} FROM identities WHERE {named} IS NOT NULL"
        meant += f" UNION ALL SELECT row_number, {work.new_record_id('identities.row_number')} FROM identities"
    return "\nUNION ALL\n".join([*selects, _later(f"({meant})", "record_id")])


def meeting_in_references(work: Work) -> str:
    """SELECT of the imports that may have to create a record that an earlier one creates, by `unknown_references`.

    An earlier one that was left alone has no plan that would say what it creates: it may be anything. Where several
    fields of the record type lead to another one, any two records of that one may be the same.
    """
    targets = [field.reference for field in work.record_type.fields if field.reference]
    several = ", ".join(literal(target) for target in sorted({one for one in targets if targets.count(one) > 1}))
    key = f"CASE WHEN target IN ({several}) THEN '' ELSE comparable END" if several else "comparable"
    created = f"(SELECT row_number, {{'target': target, 'key': {key}}} AS record FROM unknown_references)"
    return f"""
        {_later(created, "record")}
        UNION ALL
        SELECT import_id
        FROM unknown_references
        JOIN numbering ON numbering.row_number = unknown_references.row_number
        WHERE place > (SELECT min(place) FROM left_alone)
    """


def _later(table: str, column: str) -> str:
    """SELECT of the imports with a row that has a value in this column which a row of an earlier import has, too."""
    return f"""
        SELECT import_id
        FROM (
            SELECT numbering.import_id, place, min(place) OVER (PARTITION BY {column}) AS first_place
            FROM {table} AS given
            JOIN numbering ON numbering.row_number = given.row_number
            WHERE {column} IS NOT NULL
        )
        WHERE place > first_place
    """
