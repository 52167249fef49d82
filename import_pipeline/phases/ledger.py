"""The marks in the record store that say which phase of which import is in it: they decide, not the registry.

A mark is written in the transaction that writes the records, and its number stands on every line that this transaction
adds to the history and to the outcomes of rows: by it changes are read in the order in which they were committed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from import_pipeline.phases.batch import by_range
from import_pipeline.phases.work import Work
from import_pipeline.stores.records import store_table
from import_pipeline.words import Phase, PlannedAction


def is_applied(work: Work, phase: Phase) -> bool:
    """Whether the store holds this import's mark for a phase."""
    table = store_table("applied_imports")
    mark = {"import_id": work.import_id, "phase": str(phase)}
    return bool(work.execute(f"SELECT 1 FROM {table} WHERE import_id = $import_id AND phase = $phase", mark).fetchone())


@dataclass(frozen=True)
class Commit:
    """What is one for all that a phase writes in its transaction.

    Attributes:
        now: The moment, UTC without zone.
        first: The number of the mark of the batch's first import; the others follow it, in their order.
    """

    now: datetime
    first: int

    def sequence_of(self, work: Work, row: str) -> str:
        """SQL of the number of the mark of the import that a row belongs to, by its number, a qualified column."""
        if work.several is None:
            return str(self.first)
        return by_range(work.several, row, (str(self.first + place) for place in range(len(work.several))))


def begin_commit(work: Work) -> Commit:
    """What this phase writes under; asked within its transaction, under the store's write lock."""
    last = work.number(f"SELECT coalesce(max(sequence), 0) FROM {store_table('applied_imports')}")
    return Commit(datetime.now(UTC).replace(tzinfo=None), last + 1)


def mark_applied(work: Work, phase: Phase, commit: Commit, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Leave the marks that say this phase of these imports is in the store, with how many records it wrote by action.

    Args:
        work: The batch at work.
        phase: The phase.
        commit: What it writes under.
        counts: Import id → planned action → how many records, of the imports of the batch in their order.
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
            $first + place - 1 AS sequence,
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
            "now": commit.now,
            "first": commit.first,
            **written,
        },
    )
