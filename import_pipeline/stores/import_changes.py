"""Changes of imports: what is to become of some of them, as one transaction that checks what may follow what.

What is to change when is decided in `service.transitions`; `words.TRANSITIONS` is checked here, whoever decides, and
the deliveries and waiting imports that go with a change of status are written with it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from sqlalchemy import Connection

from import_pipeline.errors import ImportPipelineError, NotFoundError, StateError
from import_pipeline.stores import counters, import_rows
from import_pipeline.stores.counters import Counter
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.webhooks import enqueue_deliveries
from import_pipeline.words import TRANSITIONS, Outcome, Phase, Status

ImportRecords = list[ImportRecord]

FIXED = ("id", "organization", "status", "source", "created_by", "phases")
TIMES = ("created_at", "updated_at", "started_at", "ended_at")
CHANGEABLE = frozenset(one.name for one in fields(ImportRecord)) - {*FIXED, *TIMES}
"""What may be set of an import besides its status and its times."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one import.

    Attributes:
        to: Its new status; the present one where only fields change.
        values: Fields of ImportRecord to set.
        reason: Why, for people; None takes the present one away, unless it stays in its status.
        phases: Columns of its phases to set.
    """

    to: Status
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    phases: Mapping[Phase, Mapping[str, Any]] = field(default_factory=dict)


Decide = Callable[[ImportRecord, int], "Change | ImportPipelineError | None"]
"""Given an import as it is now, and the present moment: what becomes of it, why not, or None to leave it."""


def change(
    registry: Registry, ids: Sequence[str], decide: Decide, *, all_or_none: bool = False
) -> tuple[ImportRecords, dict[str, ImportPipelineError]]:
    """Change imports in one transaction, each as is decided by what it is in that moment.

    Args:
        registry: The registry.
        ids: The imports.
        decide: What becomes of each.
        all_or_none: Whether nothing changes where one of them is refused.

    Returns:
        Those that changed, as they are now, and why the others were passed over, by id.
    """

    def work(connection: Connection) -> tuple[ImportRecords, dict[str, ImportPipelineError]]:
        now = registry.now()
        found = import_rows.locked_imports(connection, ids)
        missing = set(ids) - {record.id for record in found}
        refused: dict[str, ImportPipelineError] = {one: NotFoundError("import", one) for one in sorted(missing)}
        changes: list[tuple[ImportRecord, Change]] = []
        for record in found:
            decided = decide(record, now)
            if isinstance(decided, Change):
                decided = _unless_forbidden(record, decided)
            if isinstance(decided, Change):
                changes.append((record, decided))
            elif decided is not None:
                refused[record.id] = decided
        if refused and all_or_none:
            return [], refused
        return _write(connection, changes, now), refused

    moved = registry.write(work, repeatable=False)
    if any(record.status.is_final for record in moved[0]):
        counters.add_lock_waits(registry)
    return moved


def columns_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of imports that are to be set, as the registry stores them: words as their texts.

    Raises:
        TypeError: One of them is none that can be set.
    """
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise TypeError(f"{', '.join(unknown)} cannot be set: use {', '.join(sorted(CHANGEABLE))}.")
    return {name: value.value if isinstance(value, Enum) else value for name, value in changes.items()}


def _unless_forbidden(record: ImportRecord, wanted: Change) -> Change | StateError:
    stays = record.status is wanted.to and not wanted.to.is_final
    if stays or wanted.to in TRANSITIONS[record.status]:
        return wanted
    return StateError(record.id, record.status, wanted.to, TRANSITIONS[record.status])


def _write(connection: Connection, changes: Sequence[tuple[ImportRecord, Change]], now: int) -> ImportRecords:
    """Write what becomes of imports; gives them as they are then, without reading them again."""
    rows = {record.id: _row_of(record, one, now) for record, one in changes}
    import_rows.set_imports(connection, rows)
    import_rows.set_phases(
        connection, {(record.id, phase): values for record, one in changes for phase, values in one.phases.items()}
    )
    enqueue_deliveries(connection, {record.id: (record.status, one.to) for record, one in changes}, now)
    import_rows.wake_waiting(connection, [record.id for record, one in changes if one.to.is_final], now)
    counters.add(connection, _counted(changes))
    return [record.with_columns(rows[record.id], one.phases) for record, one in changes]


def _counted(changes: Sequence[tuple[ImportRecord, Change]]) -> dict[tuple[Counter, str], float]:
    """What the imports that end with these changes add to the counters."""
    amounts: defaultdict[tuple[Counter, str], float] = defaultdict(float)
    for record, one in changes:
        if record.status.is_final or not one.to.is_final:
            continue
        amounts[Counter.ENDED, one.to.value] += 1
        if one.to is Status.COMPLETED and not record.spec.get("dry_run"):
            for outcome in Outcome:
                name = f"{outcome}_count"
                amounts[Counter.ROWS, outcome.value] += one.values.get(name, getattr(record, name))
        for phase in record.phases:
            seconds = one.phases.get(phase.name, {}).get("seconds", phase.seconds)
            began = one.phases.get(phase.name, {}).get("started_at", phase.started_at) or 0
            if seconds is not None and began >= (record.started_at or 0):  # else an earlier attempt has counted it
                amounts[Counter.PHASES, phase.name.value] += 1
                amounts[Counter.PHASE_SECONDS, phase.name.value] += seconds
    return amounts


def _row_of(record: ImportRecord, wanted: Change, now: int) -> dict[str, Any]:
    status, to = record.status, wanted.to
    values: dict[str, Any] = {"status": to.value, "updated_at": now}
    if wanted.reason is not None or status is not to:
        values["reason"] = wanted.reason
    if status.is_final and not to.is_final:
        values |= {"started_at": None, "ended_at": None}
    if to is Status.PROCESSING and status is not to:
        values["run_since"] = now
        if record.started_at is None or status.is_final:
            values["started_at"] = now
    if to is not Status.PROCESSING and status is Status.PROCESSING:
        values |= {"lease_owner": None, "lease_until": None}
    if to.is_final and not status.is_final:
        values |= {"ended_at": now, "lease_owner": None, "lease_until": None}
    return values | columns_of(wanted.values)
