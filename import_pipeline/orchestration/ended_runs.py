"""Runs that did not end well, as the reconciler is told of them: they died, ran out of time, or were cancelled.

A look at the runs themselves, not a run status sensor: that one passes over runs of other processes (the terminal's),
takes five runs a tick, and forgets what happened while it was off. What becomes of their imports is decided in
`service/reconciling.py`. Every step may be repeated.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.dead_runs import fail_runs_of_dead_processes
from import_pipeline.orchestration.silent_runs import fail_silent_runs
from import_pipeline.orchestration.tags import PARTITION, RANGE_END, RANGE_START, named_imports
from import_pipeline.service.reconciling import EndedRun, reconcile
from import_pipeline.words import PARTITIONS, TAG_IMPORT

if TYPE_CHECKING:
    from import_pipeline.home import Home

RUNS_PER_TICK = 500
OVERLAP_SECONDS = 60.0
_TIMED_OUT = "Exceeded maximum runtime"
_SHOWN = 20


@dataclass(frozen=True)
class FollowedUp:
    """What one look came to."""

    marked: tuple[str, ...]
    cursor: str
    message: str


def follow_up(home: "Home", instance: dg.DagsterInstance, cursor: str | None) -> FollowedUp:
    """Let the reconciler look after all imports, with the runs that failed or were cancelled since the last look."""
    fail_runs_of_dead_processes(instance)
    fail_silent_runs(home, instance)
    since = _since(cursor)
    statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    found = instance.get_run_records(
        dg.RunsFilter(statuses=statuses, updated_after=datetime.fromtimestamp(since, UTC)),
        limit=RUNS_PER_TICK,
        order_by="update_timestamp",
        ascending=True,
    )
    runs = [_ended(instance, record) for record in found]
    reconciled = reconcile(home, runs)
    latest = found[-1].update_timestamp.timestamp() if found else since
    # Less than a full look: the next one goes back a little, for runs that were written late.
    goes_on = latest if len(found) == RUNS_PER_TICK else latest - OVERLAP_SECONDS
    return FollowedUp(tuple(reconciled.done), json.dumps(goes_on), _message(reconciled.done, reconciled.errors))


def imports_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The imports of a run, with all between the ends of a range that a person chose."""
    if TAG_IMPORT in run.tags or PARTITION in run.tags or RANGE_START not in run.tags:
        return named_imports(run.tags)
    keys = list(instance.get_dynamic_partitions(PARTITIONS))
    ends = [keys.index(run.tags[name]) for name in (RANGE_START, RANGE_END) if run.tags.get(name) in keys]
    return keys[min(ends) : max(ends) + 1] if ends else []


def _since(cursor: str | None) -> float:
    try:
        return max(0.0, float(json.loads(cursor or "0")))
    except (ValueError, TypeError):
        return 0.0


def _ended(instance: dg.DagsterInstance, record: dg.RunRecord) -> EndedRun:
    run = record.dagster_run
    was_cancelled = run.status is dg.DagsterRunStatus.CANCELED
    reason = f"Run {run.run_id} was cancelled." if was_cancelled else _reason(instance, run.run_id)
    return EndedRun(
        run_id=run.run_id,
        import_ids=tuple(imports_of(instance, run)),
        created_at=record.create_timestamp.timestamp(),
        reason=reason,
        was_cancelled=was_cancelled,
        was_too_long=_TIMED_OUT in reason,
        had_begun=record.start_time is not None,
    )


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    events = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE, limit=10).records
    messages = [record.event_log_entry.user_message or record.event_log_entry.message for record in events]
    told = next((message for message in messages if message), "its process ended without a word")
    return f"Run {run_id} failed: {told}"


def _message(done: dict[str, str], errors: dict[str, str]) -> str:
    """What a tick came to, for the list of ticks."""
    told = [f"{import_id}: {event}" for import_id, event in done.items()]
    told += [f"{import_id} is looked at again: {error}" for import_id, error in errors.items()]
    more = f"; {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more if told else "No import was left behind."
