"""The marks in the record store that say which phase of which import is in it: they decide, not the registry.

A mark is written in the transaction that writes the records.
"""

from collections.abc import Mapping
from datetime import datetime

from import_pipeline.phases.work import Work
from import_pipeline.stores.records import store_table
from import_pipeline.words import Phase, PlannedAction


def is_applied(work: Work, phase: Phase) -> bool:
    """Whether the store holds this import's mark for a phase."""
    table = store_table("applied_imports")
    mark = {"import_id": work.import_id, "phase": str(phase)}
    return bool(work.execute(f"SELECT 1 FROM {table} WHERE import_id = $import_id AND phase = $phase", mark).fetchone())


def mark_applied(work: Work, phase: Phase, now: datetime, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Leave the marks that say this phase of these imports is in the store, with how many records it wrote by action.

    Args:
        work: The batch at work.
        phase: The phase.
        now: The moment, UTC without zone.
        counts: Import id → planned action → how many records; the marks come in this order.
    """
    marks = store_table("applied_imports")
    written = {
        column: [of_import.get(action, 0) for of_import in counts.values()]
        for column, action in (
            ("created", PlannedAction.CREATE),
            ("updated", PlannedAction.UPDATE),
            ("deleted", PlannedAction.DELETE),
        )
    }
    columns = "".join(f", unnest(${name}::BIGINT[]) AS {name}" for name in written)
    work.execute(
        f"""
        INSERT INTO {marks} BY NAME
        SELECT
            (SELECT coalesce(max(sequence), 0) FROM {marks}) + place AS sequence,
            $record_type AS record_type,
            $phase AS phase,
            $now::TIMESTAMP AS applied_at,
            version() AS engine,
            * EXCLUDE (place)
        FROM (
            SELECT
                unnest($imports::VARCHAR[]) AS import_id,
                generate_subscripts($imports::VARCHAR[], 1) AS place{columns}
        )
        """,
        {
            "imports": list(counts),
            "record_type": work.record_type.name,
            "phase": str(phase),
            "now": now,
            **written,
        },
    )
