"""Runs whose process is gone: Dagster goes on calling them started until their time is over.

A run of a code server's child names the server, a run in a process of ours names the process. Who is gone is found on
this host only; a run of another host is left to `dagster/max_runtime`.
"""

import json
import os
import socket
from collections.abc import Mapping

import dagster as dg

from import_pipeline.orchestration.tags import PROCESS

_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_SERVER = ".dagster/grpc_info"


def this_process() -> str:
    """This process as the tag of its runs names it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def fail_runs_of_dead_processes(instance: dg.DagsterInstance) -> list[str]:
    """End the runs of processes of ours (the terminal's) that are no more.

    Returns:
        The ids of these runs.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
    dead = [run for run in runs if PROCESS in run.tags and _is_gone(run.tags[PROCESS])]
    return [_fail(instance, run, "its process ended") for run in dead]


def fail_runs_of_dead_servers(instance: dg.DagsterInstance) -> list[str]:
    """End the runs of code servers that answer no more; for the start of a server, when none can be starting.

    Returns:
        The ids of these runs.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
    dead = [run for run in runs if _SERVER in run.tags and not _answers(json.loads(run.tags[_SERVER]))]
    return [_fail(instance, run, "the server that ran it was stopped") for run in dead]


def _fail(instance: dg.DagsterInstance, run: dg.DagsterRun, why: str) -> str:
    instance.report_run_failed(run, f"The run did not end by itself: {why}.")
    return run.run_id


def _is_gone(process: str) -> bool:
    host, _, number = process.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


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
