"""The registry's side of imports that go through the phases together: each step is one transaction for all of them.

The steps are those of `Registry.move`, `start_phase` and `end_phase`; an import that was cancelled or taken over
meanwhile is passed over in each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from import_pipeline.stores import import_rows
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports, in_chunks, phases
from import_pipeline.stores.webhooks import enqueue_deliveries
from import_pipeline.words import PhaseStatus, Status

STARTABLE = (Status.UPLOADED, Status.QUEUED)


@dataclass(frozen=True)
class Ended:
    """What is to be noted of an import that went through all phases.

    Attributes:
        record: The import, as it was taken.
        values: Columns of `imports` to set.
        phases: The columns of `phases` to set, for each of its phases in their order.
    """

    record: ImportRecord
    values: Mapping[str, Any]
    phases: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def read(registry: Registry, ids: Sequence[str]) -> list[ImportRecord]:
    """Read imports, in the order of the ids; those that do not exist are left out."""
    return registry.read(lambda connection: import_rows.read_imports(connection, ids))


def take(registry: Registry, ids: Sequence[str], run_id: str | None, now: int) -> list[ImportRecord]:
    """Put imports that wait into the hands of a run.

    Returns:
        Those that are in its hands now.
    """

    def work(connection: Connection) -> list[ImportRecord]:
        for chunk in in_chunks(ids):
            waiting = imports.c.id.in_(chunk) & imports.c.status.in_([status.value for status in STARTABLE])
            started = func.coalesce(imports.c.started_at, now)
            values = {"status": Status.PROCESSING.value, "run_id": run_id, "reason": None, "updated_at": now}
            connection.execute(update(imports).where(waiting).values(started_at=started, **values))
        return [record for record in import_rows.read_imports(connection, ids) if _is_ours(record, run_id)]

    return registry.write(work)


def note(registry: Registry, records: Sequence[ImportRecord], detail: str, now: int) -> list[str]:
    """Set a mark in the details of imports that are in the hands of their run.

    Returns:
        The ids of those that are not any more; nothing is noted then.
    """

    def work(connection: Connection) -> list[str]:
        found = import_rows.read_imports(connection, [record.id for record in records])
        lost = [record.id for record in found if not _is_ours(record, records[0].run_id)]
        if not lost:
            marked = [{"of_id": one.id, "new_details": one.details | {detail: True}, "now": now} for one in found]
            statement = update(imports).where(imports.c.id == bindparam("of_id"))
            connection.execute(statement.values(details=bindparam("new_details"), updated_at=bindparam("now")), marked)
        return lost

    return registry.write(work)


def complete(registry: Registry, ended: Sequence[Ended], now: int) -> None:
    """Note what became of imports; those that are in the hands of their run are completed with it."""
    numbers = {one.record.id: one for one in ended}

    def work(connection: Connection) -> None:
        ours: set[str] = set()
        for chunk in in_chunks(list(numbers)):
            found = select(imports.c.id, imports.c.status, imports.c.run_id).where(imports.c.id.in_(chunk))
            ours |= {
                import_id
                for import_id, status, run_id in connection.execute(found)
                if status == Status.PROCESSING.value and run_id == numbers[import_id].record.run_id
            }
        for one in ended:
            if one.record.id in ours:
                done = {"status": Status.COMPLETED.value, "updated_at": now, "ended_at": now}
                import_rows.set_import(connection, one.record.id, dict(one.values) | done)
                enqueue_deliveries(connection, one.record.id, Status.PROCESSING, Status.COMPLETED, now)
        import_rows.wake_waiting(connection, sorted(ours), now)
        _set_phases(connection, ended)

    registry.write(work)


def _set_phases(connection: Connection, ended: Sequence[Ended]) -> None:
    lines = [
        {"of_import": one.record.id, "of_position": position, "status": PhaseStatus.COMPLETED.value, **values}
        for one in ended
        for position, values in enumerate(one.phases, start=1)
    ]
    of_phase = (phases.c.import_id == bindparam("of_import"), phases.c.position == bindparam("of_position"))
    columns = [name for name in lines[0] if name not in ("of_import", "of_position")] if lines else []
    if lines:
        statement = update(phases).where(*of_phase).values({name: bindparam(name) for name in columns})
        connection.execute(statement, lines)


def _is_ours(record: ImportRecord, run_id: str | None) -> bool:
    return record.status is Status.PROCESSING and record.run_id == run_id
