"""The marks in the record store that say which phase of which import is in it: they decide, not the registry.

A mark is written in the transaction that writes the records.
"""

from collections.abc import Mapping
from datetime import datetime

from import_pipeline.phases.work import Work
from import_pipeline.sql import literal
from import_pipeline.stores.records import store_table
from import_pipeline.words import Phase, PlannedAction


def is_applied(work: Work, phase: Phase) -> bool:
    """Whether the store holds this import's mark for a phase."""
    table = store_table("applied_imports")
    mark = {"import_id": work.import_id, "phase": str(phase)}
    return bool(work.execute(f"SELECT 1 FROM {table} WHERE import_id = $import_id AND phase = $phase", mark).fetchone())


def mark_applied(work: Work, phase: Phase, now: datetime, counts: Mapping[str, int]) -> None:
    """Leave the mark that says this phase of this import is in the store, with how many records it wrote by action."""
    work.execute(
        f"""
        INSERT INTO {store_table("applied_imports")} BY NAME
        SELECT
            (SELECT coalesce(max(sequence), 0) + 1 FROM {store_table("applied_imports")}) AS sequence,
            $import_id AS import_id,
            $record_type AS record_type,
            $phase AS phase,
            $now::TIMESTAMP AS applied_at,
            $created AS created,
            $updated AS updated,
            $deleted AS deleted,
            version() AS engine
        """,
        {
            "import_id": work.import_id,
            "record_type": work.record_type.name,
            "phase": str(phase),
            "now": now,
            "created": counts.get(PlannedAction.CREATE, 0),
            "updated": counts.get(PlannedAction.UPDATE, 0),
            "deleted": counts.get(PlannedAction.DELETE, 0),
        },
    )


def mark_each(work: Work, now: datetime) -> None:
    """Leave the marks of several imports, in their order."""
    counts = ", ".join(
        f"count(*) FILTER (plan.action = {literal(str(action))}) AS {column}"
        for action, column in (
            (PlannedAction.CREATE, "created"),
            (PlannedAction.UPDATE, "updated"),
            (PlannedAction.DELETE, "deleted"),
        )
    )
    marks = store_table("applied_imports")
    work.execute(
        f"""
        INSERT INTO {marks} BY NAME
        SELECT
            (SELECT coalesce(max(sequence), 0) FROM {marks}) + row_number() OVER (ORDER BY first_row) AS sequence,
            $record_type AS record_type,
            $phase AS phase,
            $now::TIMESTAMP AS applied_at,
            version() AS engine,
            * EXCLUDE (first_row)
        FROM (
            SELECT numbering.import_id, min(plan.row_number) AS first_row, {counts}
            FROM plan
            JOIN numbering ON numbering.row_number = plan.row_number
            GROUP BY numbering.import_id
        )
        """,
        {"record_type": work.record_type.name, "phase": str(Phase.PROCESSING), "now": now},
    )
