"""Records above one another by a field that refers to their own type: which of them would stand above themselves.

Makes `cycles(id, up)`: the records, stored or of the file, that would be part of a circle.
"""

from import_pipeline.phases.after import values_after
from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import Field
from import_pipeline.stores.references import is_list


def hierarchies(work: Work) -> list[Field]:
    """The mapped fields by which a record names the one above it."""
    own = work.record_type.name
    return [field for field in linked_fields(work) if field.reference == own and not is_list(field)]


def find_cycles(work: Work, field: Field) -> int:
    """Make `cycles` for one field; gives the number of its records.

    Whoever is below the top of a hierarchy is in no circle. For the rest, going up as often as there are records
    leads into the circles and nowhere else; steps are doubled, so that a long one takes few statements.
    """
    rest = work.create(
        "cycles",
        f"""
        WITH RECURSIVE changed AS MATERIALIZED ({values_after(work, field.name, only_changed=True)}),
        edges AS MATERIALIZED (
            SELECT id, value AS up FROM ({values_after(work, field.name)}) WHERE value IS NOT NULL
        ),
        above (id) AS (
            SELECT id FROM changed WHERE value IS NOT NULL
            UNION
            SELECT edges.up FROM above JOIN edges ON edges.id = above.id
        ),
        hanging AS MATERIALIZED (SELECT id, up FROM edges WHERE id IN (SELECT id FROM above)),
        from_top (id) AS (
            SELECT id FROM above WHERE id NOT IN (SELECT id FROM hanging)
            UNION
            SELECT hanging.id FROM from_top JOIN hanging ON hanging.up = from_top.id
        )
        SELECT id, up FROM hanging WHERE id NOT IN (SELECT id FROM from_top)
        """,
    )
    if not rest:
        return 0
    work.create("going_up", "SELECT id, up FROM cycles")
    steps = 1
    while steps < rest:
        work.create(
            "going_up",
            "SELECT lower.id, upper.up FROM going_up AS lower JOIN going_up AS upper ON upper.id = lower.up",
        )
        steps *= 2
    found = work.create("cycles", "SELECT * FROM cycles WHERE id IN (SELECT up FROM going_up)")
    work.execute("DROP TABLE going_up")
    return found
