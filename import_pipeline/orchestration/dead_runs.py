"""Runs whose process is gone: Dagster goes on calling them started until their time is over.

What becomes of their imports is the reconciler's affair, by their leases. A run names its process as leases do: that of
the terminal when it is made, any other with its first step; with the run itself, because a run that is executed again
inherits the tags of the first. Who is gone is found on this host only; a run of another one is left to its launcher.
"""

import json
import socket
from collections.abc import Mapping

import dagster as dg

from import_pipeline.orchestration.tags import PROCESS, WORKER
from import_pipeline.stores import leases

_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_SERVER = ".dagster/grpc_info"


def this_process(run_id: str) -> str:
    """This process as the tag of a run names it."""
    return f"{leases.this_process()}:{run_id}"


def note_process(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> None:
    """Let the run of a step name the process in which it runs, where it does not yet."""
    run = context.run
    if not is_of_terminal(run):
        context.instance.add_run_tags(run.run_id, {WORKER: this_process(run.run_id)})


def is_of_terminal(run: dg.DagsterRun) -> bool:
    """Whether a run was made by the process in which it runs, and by no code server."""
    return run.tags.get(PROCESS, "").endswith(f":{run.run_id}")


def fail_runs_of_dead_processes(instance: dg.DagsterInstance) -> list[str]:
    """End the runs of processes that are no more.

    Returns:
        The ids of these runs.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
    dead = [run for run in runs if _is_of_dead_process(run)]
    return [_fail(instance, run, "its process ended") for run in dead if is_still_at_work(instance, run)]


def fail_runs_of_dead_servers(instance: dg.DagsterInstance) -> list[str]:
    """End the runs of code servers that answer no more; for the start of a server, when none can be starting.

    Returns:
        The ids of these runs.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
    dead = [run for run in runs if _SERVER in run.tags and not _answers(json.loads(run.tags[_SERVER]))]
    left = [run for run in dead if is_still_at_work(instance, run)]
    return [_fail(instance, run, "the server that ran it was stopped") for run in left]


def is_still_at_work(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run has not ended since it was listed: a process says how its run ended, and then is gone itself."""
    now = instance.get_run_by_id(run.run_id)
    return now is not None and now.status in _AT_WORK


def _fail(instance: dg.DagsterInstance, run: dg.DagsterRun, why: str) -> str:
    instance.report_run_failed(run, f"The run did not end by itself: {why}.")
    return run.run_id


def _is_of_dead_process(run: dg.DagsterRun) -> bool:
    names = [run.tags[tag] for tag in (WORKER, PROCESS) if run.tags.get(tag, "").endswith(f":{run.run_id}")]
    return bool(names) and leases.is_gone(names[0])


def _answers(server: Mapping[str, str | int]) -> bool:
    """Whether a server of this host takes connections; one of another host is taken to be alive."""
    try:
        if server.get("socket"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(server["socket"]))
            return True
        if server.get("host") not in ("localhost", "127.0.0.1"):
            return True
        with socket.create_connection((str(server["host"]), int(server["port"])), timeout=2):
            return True
    except OSError:
        return False
