"""Records above one another by a field that refers to their own type: which of them would stand above themselves.

Makes `cycles(id, up)`: the records, stored or of the file, that would be part of a circle.
"""

from import_pipeline.phases.after import values_after
from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import quote
from import_pipeline.stores.records import store_table
from import_pipeline.stores.references import is_list


def hierarchies(work: Work) -> list[Field]:
    """The mapped fields by which a record names the one above it."""
    own = work.record_type.name
    return [field for field in linked_fields(work) if field.reference == own and not is_list(field)]


def find_cycles(work: Work, field: Field) -> int:
    """Make `cycles` for one field; gives the number of its records.

    Going up as often as there are records leads into the circles and nowhere else. Steps are doubled, so that a long
    chain takes few statements, and none where no record whose upper one changes is above another.
    """
    column, table = quote(field.name), store_table(work.record_type.table)
    work.create("edges", f"SELECT id, value AS up FROM ({values_after(work, field.name)}) WHERE value IS NOT NULL")
    can_close = work.number(
        f"""
        SELECT count(*) FROM edges
        LEFT JOIN {table} AS stored ON stored.id = edges.id
        WHERE edges.up IS DISTINCT FROM stored.{column} AND edges.id IN (SELECT up FROM edges)
        """
    )
    records = left = work.create("going_up", f"SELECT * FROM edges WHERE {'true' if can_close else 'false'}")
    steps = 1
    while left and steps <= records:
        left = work.create(
            "going_up",
            "SELECT lower.id, upper.up FROM going_up AS lower JOIN going_up AS upper ON upper.id = lower.up",
        )
        steps *= 2
    return work.create("cycles", "SELECT * FROM edges WHERE id IN (SELECT up FROM going_up)")
