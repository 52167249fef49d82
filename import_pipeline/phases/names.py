"""What the records that an import's rows refer to are called: kept in the workspace, where the store is not at hand.

Makes `reference_names(target, id, text)` of what stands in the tables by which `differences.py` tells what changes.
"""

from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.references import Names, is_list, named_by, reference_fields, stored_names, target_of
from import_pipeline.words import Action, DuplicateStrategy


def explicit_fields(work: Work) -> list[str]:
    """The reference fields in which records may differ before and after: mapped ones, or all where whole records go."""
    whole = work.spec.duplicate_strategy is DuplicateStrategy.OVERWRITE or work.spec.action is not Action.MERGE
    return [field.name for field in (reference_fields(work.record_type) if whole else linked_fields(work))]


def remember_names(work: Work) -> None:
    """Make `reference_names` for the rows of a plan."""
    fields = explicit_fields(work)
    if not fields:
        return
    tables = [(table, work.record_type, fields) for table in ("before", "overwritten")]
    given = "SELECT target, record_id AS id, key AS text FROM named_records" if linked_fields(work) else None
    make_names(work, tables, given)


def make_names(
    work: Work,
    tables: list[tuple[str, RecordType, list[str]]],
    given: str | None = None,
    names: Names = stored_names,
) -> None:
    """Make `reference_names` of the records that some tables refer to.

    Args:
        work: The import at work, with the store attached.
        tables: Each a table of records with their type and the fields that are to be told.
        given: SELECT of target, id and text of records that are named for the first time.
        names: Where the names of the others are looked up.
    """
    used, targets = [f"SELECT target, id FROM ({given})"] if given else [], {}
    for table, record_type, fields in tables:
        for field in (record_type.field(name) for name in fields):
            column = f"unnest({quote(field.name)})" if is_list(field) else quote(field.name)
            used.append(f"SELECT {literal(field.reference or '')} AS target, {column} AS id FROM {table}")
            targets[field.reference] = field
    stored = [
        f"SELECT {literal(name or '')} AS target, id, text FROM ({names(target_of(field), named_by(field).name)})"
        for name, field in targets.items()
    ]
    first = f"SELECT target, id, min(text) AS text FROM ({given}) GROUP BY ALL" if given else None
    work.create(
        "reference_names",
        f"""
        WITH used AS MATERIALIZED (SELECT DISTINCT target, id FROM ({" UNION ALL ".join(used)}) WHERE id IS NOT NULL),
        stored AS MATERIALIZED (
            SELECT target, id, text FROM ({" UNION ALL ".join(stored)}) JOIN used USING (target, id)
        )
        SELECT * FROM stored WHERE text IS NOT NULL
        {f"UNION ALL SELECT * FROM ({first}) AS given WHERE id NOT IN (SELECT id FROM stored)" if first else ""}
        """,
    )


def remembered_names(target: RecordType, field: str) -> str:
    """SELECT of id and text from `reference_names`."""
    return f"SELECT id, text FROM reference_names WHERE target = {literal(target.name)}"
