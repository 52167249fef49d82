"""Phase 2, preparsing: rows that repeat one another inside the file, by identity, are found and left out.

Makes `identities`: for each row the comparable form of its identifiers, `key_0` (the strongest) onwards, which the
later phases use too. Which of the repeated rows stay is the kind of defect's affair (`defects/duplicate_in_file.py`).
"""

from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.work import ID_FIELD, Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import quote
from import_pipeline.words import Phase


def run(work: Work) -> None:
    """Find the repeated rows of the file."""
    make_identities(work)
    find_defects(work, Phase.PREPARSING)


def make_identities(work: Work) -> None:
    """Make `identities(row_number, key_0, …, level, identity)` of the rows that phase 1 let pass.

    `level` is the place of the strongest identifier that the row has, `identity` its comparable form;
    both are null where the row has none.
    """
    keys = [comparable(work, name, quote(name)) for name in work.identifiers()]
    columns = [f"{key} AS key_{place}" for place, key in enumerate(keys)]
    if not keys:
        work.create("identities", "SELECT row_number, NULL::BIGINT AS level, NULL::VARCHAR AS identity FROM rows")
        return
    names = [f"key_{place}" for place in range(len(keys))]
    level = "CASE " + " ".join(f"WHEN {name} IS NOT NULL THEN {place}" for place, name in enumerate(names)) + " END"
    work.create(
        "identities",
        f"""
        SELECT *, {level} AS level, coalesce({", ".join(names)}) AS identity
        FROM (SELECT row_number, {", ".join(columns)} FROM rows)
        """,
    )


def comparable(work: Work, field: str, column_sql: str) -> str:
    """SQL of the form in which an identifier is compared; an id is compared as it stands."""
    return column_sql if field == ID_FIELD else identity_sql(work.record_type.field(field), column_sql)
