"""Cancelled imports and cancelled runs: what becomes of the one where the other was cancelled.

An import is cancelled in the registry, by whatever process; its run notices there. A run is cancelled in Dagster's UI,
or by Ctrl-C in a process of ours.
"""

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from import_pipeline.orchestration.dead_runs import is_of_terminal
from import_pipeline.orchestration.tags import named_imports
from import_pipeline.stores import imports
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.errors import StoppedError
    from import_pipeline.home import Home
    from import_pipeline.orchestration.told import Told


def is_wanted(context: "Told", error: BaseException) -> bool:
    """Whether a phase that broke was interrupted by somebody who wanted the run to end, and so the import.

    A code server whose runs are interrupted may only be stopping: then the imports go on with the next one.
    """
    run = context.instance.get_run_by_id(context.run.run_id)
    if run is not None and run.status is dg.DagsterRunStatus.CANCELING:
        return True
    return is_of_terminal(context.run) and _is_interruption(error)


def _is_interruption(error: BaseException) -> bool:
    in_statement = isinstance(error, RuntimeError) and str(error) == "Query interrupted"  # DuckDB's word for Ctrl-C
    return in_statement or isinstance(error, (KeyboardInterrupt, DagsterExecutionInterruptedError))


def end_as_canceled(context: dg.AssetExecutionContext, stopped: "StoppedError") -> None:
    """Let the run of an import that was cancelled end as canceled, not as failed."""
    if stopped.culprits["status"] == Status.CANCELLED:
        context.instance.report_run_canceling(context.run, f"Import {stopped.culprits['import_id']!r} was cancelled.")


def cancel_queued_runs(home: "Home", instance: dg.DagsterInstance) -> list[str]:
    """Cancel the runs that still wait for their turn though all their imports were cancelled.

    Returns:
        The ids of these runs.
    """
    waiting = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    gone = [run.run_id for run in waiting if _is_cancelled(home, named_imports(run.tags))]
    return [run_id for run_id in gone if instance.run_coordinator.cancel_run(run_id)]


def _is_cancelled(home: "Home", import_ids: list[str]) -> bool:
    records = [imports.find(home.registry, import_id) for import_id in import_ids]
    return bool(records) and all(record is not None and record.status is Status.CANCELLED for record in records)
