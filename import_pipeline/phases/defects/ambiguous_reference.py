"""A row that refers to a record by a name which several records have (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.linking import linked_fields
from import_pipeline.phases.references import named_by_rows
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import Parameters
from import_pipeline.words import Outcome, Phase


def find(work: Work, bind: Parameters) -> str | None:
    """The rows with such a reference; nobody knows which of the records is meant."""
    fields = linked_fields(work)
    if not fields or not work.number("SELECT count(*) FROM named_records WHERE several IS NOT NULL"):
        return None
    named = " UNION ALL ".join(f"SELECT * FROM ({named_by_rows(work, field)})" for field in fields)
    return f"""
        SELECT
            row_number,
            mapped.name AS "column",
            given.field,
            key AS value,
            format('{{}} stored records are called {{}}: {{}}. Write the id of the {{}} that is meant in place of its '
                'name, or give them names of their own.',
                len(several), key, array_to_string(several[:5], ', '), target) AS message
        FROM ({named}) AS given
        LEFT JOIN source_columns AS mapped ON mapped.field = given.field
        WHERE several IS NOT NULL AND {ALIVE}
        """


KIND = DefectKind(
    "ambiguous_reference",
    "Refers to several records",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    25,
    remedy="Refer to the record by an identifier that only it has.",
)
