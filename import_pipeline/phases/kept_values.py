"""Values that a merge does not take, for the record's own must never be lost by it: told as warnings (phase 4).

Which choices these are is declared with the field, when they stay is said in `merging.py`.
"""

from import_pipeline.phases.merging import kept_values
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, quote
from import_pipeline.words import DefectLevel, Phase

CODE = "kept_value"


def warn_of_kept_values(work: Work) -> None:
    """Write a warning for every cell whose value is not taken because the record's stays."""
    fields = kept_values(work) if work.has_lines("before") else {}
    for field, stays in fields.items():
        bind = Parameters()
        stored, incoming = f"stored.{quote(field)}", f"incoming.{quote(field)}"
        remedy = (
            "To change it, import with duplicate_strategy overwrite, or map the value of the file to this constant "
            f"in value_mappings of {field}."
        )
        work.execute(
            f"""
            INSERT INTO defects BY NAME
            SELECT
                plan.row_number,
                (SELECT min(name) FROM source_columns WHERE field = {bind.bind(field)}) AS "column",
                {bind.bind(field)} AS field,
                {bind.bind(str(Phase.PARSING))} AS phase,
                {bind.bind(CODE)} AS code,
                format('Stays {{}}; the row says {{}}. {{}}', {stored}, {incoming}, {bind.bind(remedy)}) AS message,
                {incoming} AS value,
                {bind.bind(str(DefectLevel.WARNING))} AS level
            FROM plan
            JOIN before AS stored ON stored.row_number = plan.row_number
            JOIN transformed AS incoming ON incoming.row_number = plan.row_number
            WHERE plan.action IN ('update', 'unchanged') AND {stays}
            """,
            bind,
        )
