"""`PhaseBook`: the part of the registry that notes where the seven phases of an import stand, and counts their rows."""

from collections.abc import Callable, Mapping
from typing import Any

from import_pipeline.stores import import_rows
from import_pipeline.stores.registry_database import Database
from import_pipeline.words import Phase, PhaseMode, PhaseStatus


class PhaseBook:
    """The phases of the imports of one registry.

    Args:
        database: The registry's database.
        clock: Gives seconds since the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database = database
        self._clock = clock

    def start_phase(
        self, import_id: str, phase: Phase, mode: PhaseMode = PhaseMode.ASYNC, total: int | None = None
    ) -> None:
        """Note that a phase runs, from nothing: what an earlier attempt counted is forgotten."""
        begun = {"mode": mode.value, "status": PhaseStatus.RUNNING.value, "total": total, "ended_at": None}
        counts = {"processed": 0, "success": 0, "error": 0, "started_at": self._now()}
        self._set_phase(import_id, phase, begun | counts)

    def progress_phase(self, import_id: str, phase: Phase, processed: int, total: int | None = None) -> None:
        """Note how far a phase is, in rows since its start; one that has ended meanwhile stays as it is."""
        counts = {"processed": processed} | ({} if total is None else {"total": total})
        self.database.write(lambda connection: import_rows.set_running_phase(connection, import_id, phase, counts))

    def end_phase(
        self,
        import_id: str,
        phase: Phase,
        status: PhaseStatus,
        *,
        total: int | None = None,
        processed: int | None = None,
        success: int | None = None,
        error: int | None = None,
    ) -> None:
        """Note how a phase ended; counts that are left out stay as they are."""
        counts = {"total": total, "processed": processed, "success": success, "error": error}
        given = {name: count for name, count in counts.items() if count is not None}
        self._set_phase(import_id, phase, given | {"status": status.value, "ended_at": self._now()})

    def _set_phase(self, import_id: str, phase: Phase, values: Mapping[str, Any]) -> None:
        self.database.write(lambda connection: import_rows.set_phase(connection, import_id, phase, values))

    def _now(self) -> int:
        return int(self._clock())
