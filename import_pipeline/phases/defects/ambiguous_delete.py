"""A row of a deletion whose identifiers belong to two stored records (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.identities import comparable
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import Action, Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows with an identifier that no two records share, and that another record has than the one they name.

    Elsewhere such a row gives its record a new identifier. A deletion gives nothing: one of the two is wrong.
    """
    rows, stored = work.row_fields(), set(work.record_type.field_names)
    names = [name for name in work.record_type.strong if name in rows]
    if work.spec.action is not Action.DELETE or not names:
        return None
    others = [
        f"""
        SELECT given.row_number, {literal(name)} AS field, stored.key, targets.record_id AS named, stored.id AS other
        FROM (SELECT row_number, {comparable(work, name, "", rows)} AS key FROM rows) AS given
        JOIN targets ON targets.row_number = given.row_number
        JOIN (
            SELECT id, {comparable(work, name, "", stored)} AS key
            FROM {store_table(work.record_type.table)}
            WHERE {quote(name)} IS NOT NULL
        ) AS stored ON stored.key = given.key AND stored.id <> targets.record_id
        """
        for name in names
    ]
    return f"""
        SELECT
            row_number,
            mapped.name AS "column",
            others.field,
            key AS value,
            format('The row names the {{}} {{}}, but its {{}} {{}} is that of {{}}. Nothing was deleted for this row; '
                'correct it, or leave the column out.',
                {bind.bind(work.record_type.name)}, named, others.field, key, other) AS message
        FROM (
            SELECT * FROM ({" UNION ALL ".join(others)})
            QUALIFY row_number() OVER (PARTITION BY row_number ORDER BY field, other) = 1
        ) AS others
        LEFT JOIN source_columns AS mapped ON mapped.field = others.field
        WHERE {ALIVE}
    """


KIND = DefectKind(
    "ambiguous_match",
    "Names two records",
    Phase.TRANSFORMING,
    Outcome.FAILED,
    find,
    40,
    remedy="Correct the identifier, or leave out those of the other record.",
)
