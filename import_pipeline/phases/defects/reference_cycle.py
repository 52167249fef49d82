"""A row that would put a record above itself, alone or in a circle of records, stored ones included (phase 5)."""

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.hierarchy import find_cycles, hierarchies
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import Parameters, quote
from import_pipeline.stores.records import store_table
from import_pipeline.stores.references import named_by
from import_pipeline.words import Outcome, Phase

_NAMED = 6
"""How many records of a circle the message names."""


def find(work: Work, bind: Parameters) -> str | None:
    """The rows that give a record in a circle the one above it; a row that changes other fields of one may stay."""
    selects = [_rows_of_cycles(work, field, bind) for field in hierarchies(work) if find_cycles(work, field)]
    return " UNION ALL ".join(selects) or None


def _rows_of_cycles(work: Work, field: Field, bind: Parameters) -> str:
    key, column = quote(named_by(field).name), quote(field.name)
    in_file = key if named_by(field).name in work.columns_of("transformed") else "NULL"
    name, label = bind.bind(field.name), bind.bind(work.record_type.label)
    return f"""
        (WITH RECURSIVE names AS (
            SELECT cycles.id, up, coalesce(of_row.name, stored.{key}, cycles.id) AS name, of_row.cell,
                CASE WHEN stored.{column} IS DISTINCT FROM up THEN of_row.row_number END AS row_number
            FROM cycles
            LEFT JOIN (
                SELECT plan.record_id, plan.row_number, {in_file} AS name, {column} AS cell
                FROM plan JOIN transformed ON transformed.row_number = plan.row_number
                WHERE action IN ('create', 'update') AND plan.{ALIVE}
            ) AS of_row ON of_row.record_id = cycles.id
            LEFT JOIN {store_table(work.record_type.table)} AS stored ON stored.id = cycles.id
        ),
        ways (row_number, first, id, way, length, closed) AS (
            SELECT row_number, id, up, name, 1, id = up FROM names WHERE row_number IS NOT NULL
            UNION ALL
            SELECT ways.row_number, ways.first, names.up, ways.way || ' → ' || names.name, length + 1,
                names.up = ways.first
            FROM ways JOIN names ON names.id = ways.id
            WHERE NOT closed AND length < {_NAMED}
        )
        SELECT names.row_number, mapped.name AS "column", {name} AS field, names.cell AS value,
            CASE
                WHEN names.id = names.up THEN format('{{}} {{}} is its own parent. Correct {{}} or leave it empty.',
                    {label}, names.name, {name})
                ELSE format('{{}} {{}} would be above itself: {{}} → {{}}. Correct {{}} in one of these rows.',
                    {label}, names.name, ways.way, CASE WHEN closed THEN names.name ELSE '…' END, {name})
            END AS message
        FROM names
        JOIN ways ON ways.row_number = names.row_number AND (closed OR length = {_NAMED})
        LEFT JOIN source_columns AS mapped ON mapped.field = {name})"""


KIND = DefectKind(
    "reference_cycle",
    "Would stand above itself",
    Phase.VALIDATION,
    Outcome.FAILED,
    find,
    30,
    remedy="Correct the reference that closes the circle.",
)
