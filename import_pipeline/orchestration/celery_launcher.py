"""Runs by Celery: `CeleryLauncher`, which `dagster.celery.yaml` names; who takes the runs is in `celery_worker.py`.

What Celery is told here, and why: a worker asks for a run when it has a slot for one and not before, since a run that
it held back would wait though another worker is idle; each run gets a process of its own; and a run is taken from the
broker when it begins, so that no other worker gets it a second time. What became of a worker that is gone, nobody
learns by Celery: that is told by heartbeats (`stores/leases.py`) and followed up in `silent_runs.py`.
"""

from typing import TYPE_CHECKING, Any, Self

from dagster import Field, StringSource
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster_celery.launcher import CeleryRunLauncher

if TYPE_CHECKING:
    from dagster import DagsterRun
    from dagster._serdes import ConfigurableClassData

QUEUE = "dagster"
_SETTINGS = {
    "worker_prefetch_multiplier": 1,
    "worker_disable_prefetch": True,
    "worker_max_tasks_per_child": 1,
    "worker_proc_alive_timeout": 60.0,  # seconds; a busy machine forks slowly
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_hijack_root_logger": False,
    "task_acks_late": False,
    "task_default_queue": QUEUE,
    "task_default_priority": 5,
    "task_ignore_result": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_transport_options": {"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
}


class CeleryLauncher(CeleryRunLauncher):
    """Dagster's own launcher, with one address for tasks and their states, and our settings of Celery."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return {"broker": Field(StringSource, description="Valkey or Redis: redis://:password@host:6379/0")}

    @classmethod
    def from_config_value(cls, inst_data: "ConfigurableClassData | None", config_value: Any) -> Self:
        """The launcher that dagster.yaml describes."""
        broker = config_value["broker"]
        return cls(QUEUE, broker, broker, config_source=_SETTINGS, inst_data=inst_data)

    def check_run_worker_health(self, run: "DagsterRun") -> CheckRunHealthResult:
        """Only that a task failed is believed: a broker that was restarted knows nothing of tasks that go on."""
        found = super().check_run_worker_health(run)
        return found if found.status is WorkerStatus.FAILED else CheckRunHealthResult(WorkerStatus.RUNNING)
