"""Runs whose host is gone, as their imports tell: nobody renews a lease, whatever the launcher thinks of the run.

Dagster goes on calling such a run started, and it keeps one of the slots. It is told that the run failed; what becomes
of the imports is the reconciler's affair. Judged by the clock of the registry alone.
"""

from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.dead_runs import is_still_at_work
from import_pipeline.orchestration.tags import named_imports
from import_pipeline.stores import imports, leases
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

SILENT_SECONDS = 60
"""So long a run may be at work without one of its imports: it begins, or goes from one batch to the next."""
_AT_WORK = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_WHY = "The run did not end by itself: its host fell silent."


def fail_silent_runs(home: "Home", instance: dg.DagsterInstance) -> list[str]:
    """End the runs of which no sign of life came for too long.

    Returns:
        The ids of these runs.
    """
    if not home.registry.has_answered_for(SILENT_SECONDS):  # while it was away, there could be no sign of life
        return []
    found = instance.get_run_records(dg.RunsFilter(statuses=_AT_WORK))
    silent = [one.dagster_run for one in found if _is_silent(home, one)]
    failed = [run for run in silent if is_still_at_work(instance, run)]
    for run in failed:
        instance.report_run_failed(run, _WHY)
    return [run.run_id for run in failed]


def _is_silent(home: "Home", run: dg.RunRecord) -> bool:
    ids = named_imports(run.dagster_run.tags)
    if not ids or run.start_time is None:
        return False
    now, records = home.registry.now(), imports.read(home.registry, ids)
    if len(records) < len(ids):  # it is still to register one, whose file may be long in coming
        return False
    had = [record for record in records if record.run_id == run.dagster_run.run_id]
    at_work = [record for record in had if record.status is Status.PROCESSING and record.lease_owner is not None]
    if at_work:
        return all(leases.is_over(record, now) for record in at_work)
    return now - max([run.start_time, *(record.updated_at for record in had)]) > SILENT_SECONDS
