"""Rows of the file that have one identity: `repeats(row_number, first_row, times)`, with a line for each of them.

Rows whose identity is a strong identifier repeat one another if it is equal, those with a weak one only if nothing they
say contradicts that (`weak_matching.py`).
"""

from import_pipeline.phases.weak_matching import repeats_by_weak_identifier
from import_pipeline.phases.work import Work
from import_pipeline.words import ID_FIELD


def find_repeats(work: Work) -> None:
    """Make `repeats` of the rows in `identities`."""
    strong, weak = [], []
    for place, name in enumerate(work.identifiers()):
        (strong if name == ID_FIELD or name in work.record_type.strong else weak).append(place)
    work.create(
        "repeats",
        f"""
        WITH repeated AS (
            SELECT level, identity, min(row_number) AS first_row, count(*) AS times
            FROM identities
            WHERE list_contains({strong}::BIGINT[], level)
            GROUP BY level, identity
            HAVING count(*) > 1
        )
        SELECT identities.row_number, first_row, times FROM identities JOIN repeated USING (level, identity)
        """,
    )
    for place in weak:
        select = repeats_by_weak_identifier(work, place)
        if select is not None:
            work.execute(f"INSERT INTO repeats {select}")
