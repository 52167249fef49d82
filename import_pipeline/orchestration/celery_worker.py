"""The worker of one host of several: opens the home's instance, and takes runs from the broker of its launcher."""

import os
from collections.abc import Callable
from importlib import import_module
from socket import gethostname
from typing import TYPE_CHECKING

from import_pipeline.errors import SettingsError
from import_pipeline.orchestration.instance import CONFIG_FILE, prepare_home
from import_pipeline.orchestration.several_hosts import check_several_hosts
from import_pipeline.settings import Settings

if TYPE_CHECKING:
    from import_pipeline.orchestration.celery_launcher import CeleryLauncher

NEEDED = (
    "duckdb",
    "pandas",
    "pandera.pandas",
    "import_pipeline.definitions",
    "import_pipeline.service.batches",
    "import_pipeline.service.run_imports",
    "import_pipeline.service.running",
)
"""What every run needs: imported once, before a process is forked for each, in place of some seconds for each run."""


def work(settings: Settings, slots: int, say: Callable[[str], None]) -> int:
    """Take runs until it is asked to stop.

    Args:
        settings: The settings of the home.
        slots: How many runs at a time.
        say: Told, in one line each, what a person wants to know.

    Returns:
        The exit status.

    Raises:
        SettingsError: The home's dagster.yaml shares no runs between hosts, or something that they need is missing.
    """
    check_several_hosts(settings)
    import dagster as dg

    folder = prepare_home(settings)
    os.environ |= {"DAGSTER_HOME": str(folder), "IMPORT_PIPELINE_HOME": str(settings.home_path)}
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    from import_pipeline.orchestration.celery_launcher import CeleryLauncher

    with dg.DagsterInstance.from_config(str(folder)) as instance:  # closed before a process is forked for a run
        launcher = instance.run_launcher
    if not isinstance(launcher, CeleryLauncher):
        raise SettingsError(
            f"{folder / CONFIG_FILE} names no CeleryLauncher, so there are no runs for a worker. Put "
            "dagster.celery.yaml of the package import_pipeline.orchestration in its place."
        )
    say(f"Working for {settings.home_path}, {slots} at a time. Ctrl-C stops it when what is at work has ended.")
    return _take(launcher, slots)


def _take(launcher: "CeleryLauncher", slots: int) -> int:
    from dagster_celery.tasks import create_execute_job_task, create_resume_job_task

    from import_pipeline.orchestration.celery_launcher import QUEUE

    create_execute_job_task(launcher.celery)
    create_resume_job_task(launcher.celery)
    for module in NEEDED:
        import_module(module)
    worker = launcher.celery.Worker(
        hostname=f"worker@{gethostname()}",
        concurrency=slots,
        queues=[QUEUE],
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return worker.exitcode or 0
