"""What transitions set of the phases of imports: that one began, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import PHASES_IN_SYNC, Phase, PhaseMode, PhaseStatus


@dataclass(frozen=True, kw_only=True)
class PhaseEnd:
    """How one phase of one import ended well.

    Attributes:
        rows_in: How many rows came into it; None where it has nothing to do with rows.
        rows_out: How many of them go on.
        changes: Fields of the import to set: what the phase found out, or counts so far.
        reason: For people.
        started_at: When it began, in epoch seconds, where that was not noted then.
        seconds: How long it took.
    """

    import_id: str
    phase: Phase
    rows_in: int | None = None
    rows_out: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    started_at: int | None = None
    seconds: float | None = None

    def columns(self, now: int) -> dict[str, Any]:
        """What is to be set of the phase."""
        counts: dict[str, Any] = {"seconds": self.seconds}
        if self.rows_in is not None and self.rows_out is not None:
            counts |= {"total": self.rows_in, "processed": self.rows_in, "success": self.rows_out}
            counts["error"] = self.rows_in - self.rows_out
        if self.started_at is not None:
            counts["started_at"] = self.started_at
        return counts | ended(PhaseStatus.COMPLETED, now)


def begun(record: ImportRecord, phase: Phase, now: int) -> dict[str, Any]:
    """What is set of a phase that begins, whatever it counted before."""
    in_sync = phase.position <= PHASES_IN_SYNC[record.upload_mode]
    mode = PhaseMode.SYNC if in_sync else PhaseMode.ASYNC
    columns = {"mode": mode.value, "status": PhaseStatus.RUNNING.value, "total": record.total_rows}
    return columns | {"processed": 0, "success": 0, "error": 0, "started_at": now, "ended_at": None, "seconds": None}


def ended(status: PhaseStatus, now: int) -> dict[str, Any]:
    """What is set of a phase that ends, well or not."""
    return {"status": status.value, "ended_at": now}
