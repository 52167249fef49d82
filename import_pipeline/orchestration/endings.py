"""What becomes of imports whose run ended without telling the registry: it died, ran out of time, or was cancelled.

A look at the runs themselves, not a run status sensor: that one passes over runs of other processes (the terminal's),
takes five runs a tick, and forgets what happened while it was off. Every step may be repeated.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.errors import StateError, WrittenError
from import_pipeline.orchestration.dead_runs import fail_runs_of_dead_processes
from import_pipeline.orchestration.jobs import IMPORT_FILE
from import_pipeline.orchestration.tags import PARTITION, RANGE_END, RANGE_START, named_imports
from import_pipeline.service import transitions
from import_pipeline.service.overdue import time_out
from import_pipeline.service.resuming import RESUMED_AFTER, requeue, resume_abandoned
from import_pipeline.stores import imports
from import_pipeline.words import PARTITIONS, TAG_IMPORT, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.stores.import_record import ImportRecord

RUNS_PER_TICK = 500
OVERLAP_SECONDS = 60.0
_TIMED_OUT = "Exceeded maximum runtime"


@dataclass(frozen=True)
class FollowedUp:
    """What one look came to."""

    marked: tuple[str, ...]
    cursor: str

    @property
    def message(self) -> str:
        """For the list of ticks."""
        return f"Marked {', '.join(self.marked)}." if self.marked else "No run ended badly."


def follow_up(home: "Home", instance: dg.DagsterInstance, cursor: str | None) -> FollowedUp:
    """Mark the imports of runs that failed or were cancelled since the last look."""
    fail_runs_of_dead_processes(instance)
    abandoned = resume_abandoned(home)
    since = _since(cursor)
    statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    found = instance.get_run_records(
        dg.RunsFilter(job_name=IMPORT_FILE, statuses=statuses, updated_after=datetime.fromtimestamp(since, UTC)),
        limit=RUNS_PER_TICK,
        order_by="update_timestamp",
        ascending=True,
    )
    marked = abandoned
    latest = since
    for record in found:
        latest = record.update_timestamp.timestamp()
        marked += _mark_imports(home, instance, record.dagster_run, record.create_timestamp.timestamp())
    # Less than a full look: the next one goes back a little, for runs that were written late.
    return FollowedUp(tuple(marked), json.dumps(latest if len(found) == RUNS_PER_TICK else latest - OVERLAP_SECONDS))


def _since(cursor: str | None) -> float:
    try:
        return max(0.0, float(json.loads(cursor or "0")))
    except (ValueError, TypeError):
        return 0.0


def _mark_imports(home: "Home", instance: dg.DagsterInstance, run: dg.DagsterRun, created_at: float) -> list[str]:
    of_run = [imports.find(home.registry, import_id) for import_id in imports_of(instance, run)]
    unended = [record.id for record in of_run if record and _waits_for(record, run.run_id, created_at)]
    if run.status is dg.DagsterRunStatus.CANCELED:
        for import_id in unended:
            _cancel_or_requeue(home, import_id, run.run_id)
        return unended + _explain_interrupted(home, [record for record in of_run if record], run.run_id)
    if not unended:
        return []
    reason = _reason(instance, run.run_id)
    for import_id in unended:
        _end_or_resume(home, import_id, reason, run.run_id)
    return unended


def _end_or_resume(home: "Home", import_id: str, reason: str, run_id: str) -> None:
    """An import whose run died goes on in another run; nobody need launch it."""
    with suppress(StateError):  # it came to its end this moment
        if _TIMED_OUT not in reason or not time_out(home, import_id, reason):
            requeue(home, import_id, reason, run_id)


def _cancel_or_requeue(home: "Home", import_id: str, run_id: str) -> None:
    """Who cancels a run means its imports, but what is being written is finished."""
    reason = f"Run {run_id} was cancelled."
    try:
        transitions.cancel(home, import_id, reason=f"{reason} `import-pipeline resume {import_id}` starts it again.")
    except WrittenError:
        requeue(home, import_id, reason, run_id)
    except StateError:  # it came to its end this moment
        pass


def _explain_interrupted(home: "Home", records: Iterable["ImportRecord"], run_id: str) -> list[str]:
    """A phase that was interrupted failed with whatever its last statement said; say what really happened."""
    reason = f"Run {run_id} was cancelled while it was at work. `import-pipeline resume ID` starts the import again."
    interrupted = [
        record.id
        for record in records
        if record.status is Status.FAILED and record.run_id == run_id and record.reason != reason
    ]
    for import_id in interrupted:
        imports.update(home.registry, import_id, reason=reason)
    return interrupted


def imports_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The imports of a run, with all between the ends of a range that a person chose."""
    if TAG_IMPORT in run.tags or PARTITION in run.tags or RANGE_START not in run.tags:
        return named_imports(run.tags)
    keys = list(instance.get_dynamic_partitions(PARTITIONS))
    ends = [keys.index(run.tags[name]) for name in (RANGE_START, RANGE_END) if run.tags.get(name) in keys]
    return keys[min(ends) : max(ends) + 1] if ends else []


def _waits_for(record: "ImportRecord", run_id: str, created_at: float) -> bool:
    """Whether an import still counts as at work in this run, or as queued since before the run was made."""
    if record.status is Status.PROCESSING:
        return record.run_id == run_id
    counted = record.details.get(RESUMED_AFTER) == run_id
    return record.status is Status.QUEUED and record.updated_at <= created_at and not counted


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    events = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE, limit=10).records
    messages = [record.event_log_entry.user_message or record.event_log_entry.message for record in events]
    told = next((message for message in messages if message), "its process ended without a word")
    return f"Run {run_id} failed: {told}"
