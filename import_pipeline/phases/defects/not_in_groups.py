"""A row outside the groups that import_by_group names (phase 3)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.lists import has_any
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that are in none of the spec's groups."""
    if not work.spec.import_by_group:
        return None
    wanted = bind.bind(list(work.spec.groups))
    own = "groups" if "groups" in work.row_fields() else "[]::VARCHAR[]"
    return f"""
        SELECT
            row_number,
            NULL AS "column",
            'groups' AS field,
            array_to_string({own}, ', ') AS value,
            'The row is in none of the groups asked for: ' || array_to_string({wanted}::VARCHAR[], ', ')
                || '. Name its group, or import without import_by_group.' AS message
        FROM rows
        WHERE {ALIVE}
            AND NOT coalesce({has_any(own, f"{wanted}::VARCHAR[]")}, false)
    """


KIND = DefectKind(
    "not_in_groups",
    "In none of the groups asked for",
    Phase.TRANSFORMING,
    Outcome.SKIPPED,
    find,
    10,
    remedy="Nothing, if the row is not meant; else add its group to those that are imported.",
)
