"""Which imports of a batch conflict with an earlier one of it: only such an import would see what that one writes.

Two imports conflict where rows of both have an identifier in common, may mean the same stored record, or refer to the
same record that neither finds. An import that conflicts with no earlier one finds the store as it would after them,
too; the others leave the batch, and go on in a later one.
"""

from import_pipeline.phases.identities import make_identities
from import_pipeline.phases.matching import find_targets, note_what_is_matched
from import_pipeline.phases.passed_over import failed_rows
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal
from import_pipeline.stores.records import store_table
from import_pipeline.words import ID_FIELD


def leave_conflicting(work: Work) -> None:
    """Leave out the imports that conflict by their rows, or that the store has already; before phase 2.

    Makes `store_version`: while the store stays as it is now, the others do not conflict.
    """
    marks = store_table("applied_imports")
    note_what_is_matched(work)
    make_identities(work)
    find_targets(work)
    applied = work.execute(
        f"SELECT import_id FROM {marks} WHERE list_contains($imports::VARCHAR[], import_id)",
        {"imports": work.import_ids()},
    )
    left = {import_id for (import_id,) in applied.fetchall()}
    work.leave(left | _imports(work, _conflicting_by_rows(work)))


def leave_after_planning(work: Work) -> None:
    """Leave out, in phase 5, the imports that have to be planned after the others.

    Of rows that repeat each other in one file, one that is good takes the place of one that failed: such an import is
    planned anew, by itself. Imports that refer to the same unknown record create it one after the other.
    """
    work.leave(_imports(work, f"SELECT {work.import_of('row_number')} FROM ({failed_rows(work)})"))
    work.leave(_imports(work, _conflicting_by_references(work)))


def _imports(work: Work, select: str) -> set[str]:
    return {import_id for (import_id,) in work.execute(f"SELECT DISTINCT * FROM ({select})").fetchall()} - {None}


def _conflicting_by_rows(work: Work) -> str:
    """SELECT of the imports whose rows share an identifier, or a record they may mean, with those of an earlier one.

    By `identities` and `candidates`; an id that a row names may be one that the record of another row will have.
    """
    columns = set(work.columns_of("identities"))
    selects = []
    for place in range(len(work.identifiers())):
        keys = [name for name in (f"key_{place}", f"second_{place}") if name in columns]
        selects.append(_later(work, f"SELECT row_number, unnest([{', '.join(keys)}]) AS key FROM identities", "key"))
    meant = "SELECT row_number, record_id FROM candidates"
    if ID_FIELD in work.identifiers():
        named = f"key_{work.identifiers().index(ID_FIELD)}"
        meant += f" UNION ALL SELECT row_number, {named} FROM identities WHERE {named} IS NOT NULL"
        meant += f" UNION ALL SELECT row_number, {work.new_record_id('identities.row_number')} FROM identities"
    return "\nUNION ALL\n".join([*selects, _later(work, meant, "record_id")])


def _conflicting_by_references(work: Work) -> str:
    """SELECT of the imports that may have to create a record that an earlier one creates, by `unknown_references`.

    An earlier one that left has no plan that would say what it creates: it may be anything. Where several fields of the
    record type lead to another one, any two records of that one may be the same.
    """
    targets = [field.reference for field in work.record_type.fields if field.reference]
    several = ", ".join(literal(target) for target in sorted({one for one in targets if targets.count(one) > 1}))
    key = f"CASE WHEN target IN ({several}) THEN '' ELSE comparable END" if several else "comparable"
    in_batch = f"FROM unknown_references WHERE {work.is_in_batch('row_number')}"
    created = _later(work, f"SELECT row_number, {{'target': target, 'key': {key}}} AS record {in_batch}", "record")
    if work.members.first_left is None:
        return created
    behind = f"SELECT {work.import_of('row_number')} AS of_import {in_batch} AND row_number > {work.members.first_left}"
    return f"{created} UNION ALL {behind}"


def _later(work: Work, rows: str, column: str) -> str:
    """SELECT of the imports with a row that has a value in this column which a row of an earlier import has, too."""
    return f"""
        SELECT of_import
        FROM (
            SELECT of_import, min(row_number) OVER of_row AS own, min(row_number) OVER of_value AS first
            FROM (SELECT *, {work.import_of("row_number")} AS of_import FROM ({rows}) WHERE {column} IS NOT NULL)
            WINDOW of_row AS (PARTITION BY of_import, {column}), of_value AS (PARTITION BY {column})
        )
        WHERE own > first"""
