"""The table `phases`: where the seven phases of each import stand, and how many rows they counted."""

from collections.abc import Mapping
from typing import Any

from import_pipeline.stores import import_rows
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Phase, PhaseMode, PhaseStatus


def start(
    registry: Registry, import_id: str, phase: Phase, mode: PhaseMode = PhaseMode.ASYNC, total: int | None = None
) -> None:
    """Note that a phase runs, from nothing: what an earlier attempt counted is forgotten."""
    begun = {"mode": mode.value, "status": PhaseStatus.RUNNING.value, "total": total}
    counts = {"processed": 0, "success": 0, "error": 0}
    times = {"started_at": registry.now(), "ended_at": None, "seconds": None}
    _set_phase(registry, import_id, phase, begun | counts | times)


def progress(registry: Registry, import_id: str, phase: Phase, processed: int, total: int | None = None) -> None:
    """Note how far a phase is, in rows since its start; one that has ended meanwhile stays as it is."""
    counts = {"processed": processed} | ({} if total is None else {"total": total})
    registry.write(lambda connection: import_rows.set_running_phase(connection, import_id, phase, counts))


def end(
    registry: Registry,
    import_id: str,
    phase: Phase,
    status: PhaseStatus,
    *,
    total: int | None = None,
    processed: int | None = None,
    success: int | None = None,
    error: int | None = None,
    seconds: float | None = None,
) -> None:
    """Note how a phase ended, and how long it took; what is left out stays as it is."""
    figures = {"total": total, "processed": processed, "success": success, "error": error, "seconds": seconds}
    given = {name: figure for name, figure in figures.items() if figure is not None}
    _set_phase(registry, import_id, phase, given | {"status": status.value, "ended_at": registry.now()})


def _set_phase(registry: Registry, import_id: str, phase: Phase, values: Mapping[str, Any]) -> None:
    registry.write(lambda connection: import_rows.set_phase(connection, import_id, phase, values))
