"""Keeping house once a day: what the service clears away, and with it Dagster's own traces of old imports.

The job `keep_house` does one round, as long as `ROUND_SECONDS` allow; the schedule launches it. What may go is decided
in `stores.retention`, files and registry rows go in `service.retention`.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration.endings import imports_of
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.words import PARTITIONS

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.service.retention import House

KEEP_HOUSE = "keep_house"
SCHEDULE = "daily_house_keeping"
ROUND_SECONDS = 900.0
"""A round ends after this; what it left, the next one takes up."""
RUNS_AT_ONCE = 200
KINDS = ("uploads", "workspaces", "leftovers", "runs", "partitions", "outcomes", "imports")
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_WHAT = (
    "Clears away what is older than its setting (IMPORT_PIPELINE_KEEP_…_DAYS) allows: files that were given for "
    "imports, runs and partitions in Dagster, imports with their rows and defects, workspaces of ended imports, and "
    "what crashes left behind; of imports that cannot be undone any more (IMPORT_PIPELINE_UNDO_DAYS) also what the "
    "record store notes of rows that changed nothing. Nothing of an import that is at work, waits for a person or can "
    "be undone is touched. Records, their history, claims, and the files in the bucket's uploads folder stay."
)


def keep_house(
    home: "Home",
    instance: dg.DagsterInstance,
    *,
    dry_run: bool = False,
    seconds: float = ROUND_SECONDS,
    now: float | None = None,
) -> "House":
    """Clear away what is over.

    Args:
        home: The home.
        instance: Dagster's instance of the same home.
        dry_run: Only count.
        seconds: How long it may take; what is left then, the next round takes up.
        now: Epoch seconds from which the days are counted back.
    """
    from import_pipeline.service import retention
    from import_pipeline.service.outcome_retention import clear_outcomes

    moment = time.time() if now is None else now
    house = retention.House(home.settings, time.monotonic() + seconds, dry_run, moment)
    _clear_runs(home, instance, house)
    _clear_partitions(home, instance, house)
    retention.clear_payloads(home, house)
    retention.clear_workspaces(home, house)
    retention.clear_leftovers(house)
    clear_outcomes(home, house)
    retention.clear_imports(home, house, lambda ids: _forget_partitions(instance, ids))
    return house


def _clear_runs(home: "Home", instance: dg.DagsterInstance, house: "House") -> None:
    """Delete runs, with events and logs, that ended long ago and of whose imports none needs them."""
    before = datetime.fromtimestamp(house.now - house.settings.keep_runs_days * 86_400, UTC)
    old = dg.RunsFilter(statuses=_ENDED, updated_before=before)
    last_kept: str | None = None
    while house.has_time():
        runs = instance.get_runs(old, cursor=last_kept, limit=RUNS_AT_ONCE, ascending=True)
        if not runs:
            return
        going = _without_needed(home, instance, runs, house)
        house.cleared["runs"].add(len(going))
        for run_id in () if house.dry_run else going:
            instance.delete_run(run_id)
            instance.compute_log_manager.delete_logs(prefix=[run_id])
        # A run that is gone cannot tell where to read on.
        kept = [run.run_id for run in runs if house.dry_run or run.run_id not in going]
        last_kept = kept[-1] if kept else last_kept


def _without_needed(
    home: "Home", instance: dg.DagsterInstance, runs: Sequence[dg.DagsterRun], house: "House"
) -> list[str]:
    """The ids of those runs whose imports have all ended and cannot be undone any more."""
    from import_pipeline.stores import retention

    taken = {run.run_id: imports_of(instance, run) for run in runs}
    named = {import_id for import_ids in taken.values() for import_id in import_ids}
    needed = retention.among_known(home.registry, named) - retention.among_overdue(
        home.registry, named, house.overdue(0)
    )
    return [run_id for run_id, import_ids in taken.items() if not needed & set(import_ids)]


def _clear_partitions(home: "Home", instance: dg.DagsterInstance, house: "House") -> None:
    """Take imports that ended `keep_partitions_days` ago from the partitions; keys that nobody registered stay."""
    from import_pipeline.stores import retention
    from import_pipeline.stores.retention import AT_ONCE

    overdue = house.overdue(house.settings.keep_partitions_days)
    keys = list(instance.get_dynamic_partitions(PARTITIONS))
    for start in range(0, len(keys), AT_ONCE):
        if not house.has_time():
            return
        going = sorted(retention.among_overdue(home.registry, keys[start : start + AT_ONCE], overdue))
        house.cleared["partitions"].add(len(going))
        if not house.dry_run:
            _forget_partitions(instance, going)


def _forget_partitions(instance: dg.DagsterInstance, import_ids: Sequence[str]) -> None:
    for import_id in import_ids:
        instance.delete_dynamic_partition(PARTITIONS, import_id)


class HouseKeepingConfig(dg.Config):
    """How the job `keep_house` is launched by hand."""

    dry_run: bool = False


def build_keeping_house(open_home: OpenHome) -> tuple[dg.JobDefinition, dg.ScheduleDefinition]:
    """The job, and the schedule that launches it."""

    @dg.op(name="clear_away", description=_WHAT)
    def clear_away(context: dg.OpExecutionContext, config: HouseKeepingConfig) -> None:
        house = keep_house(open_home(), context.instance, dry_run=config.dry_run)
        numbers: dict[str, Any] = {kind: house.cleared[kind].count for kind in KINDS}
        context.add_output_metadata(numbers | {"bytes": sum(kind.bytes for kind in house.cleared.values())})
        if house.unfinished:
            context.log.info("There was not time for all of it; the next round goes on.")

    @dg.job(name=KEEP_HOUSE, executor_def=dg.in_process_executor, description=_WHAT)
    def keep_house_job() -> None:
        clear_away()

    schedule = dg.ScheduleDefinition(
        name=SCHEDULE,
        job=keep_house_job,
        cron_schedule="30 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{_WHAT}\n\nOn by default, so that no disk fills up: at half past three, UTC.",
    )
    return keep_house_job, schedule
