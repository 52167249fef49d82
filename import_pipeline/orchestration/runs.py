"""Running imports in the process that asks, as the terminal does: recorded in the home's instance like every other run.

Never from two threads of one process: Dagster sets up logging anew for each run, and two of them wait for each other
for ever. Use processes.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from uuid import uuid4

import dagster as dg

from import_pipeline.home import Home
from import_pipeline.orchestration.assets import build_phase_assets
from import_pipeline.orchestration.dead_runs import this_process
from import_pipeline.orchestration.import_batch import build_batch_job
from import_pipeline.orchestration.instance import open_instance
from import_pipeline.orchestration.jobs import IMPORT_FILE, build_import_job
from import_pipeline.orchestration.opening import OnPhase
from import_pipeline.orchestration.partitions import add_partitions
from import_pipeline.orchestration.tags import MAX_RUNTIME, PROCESS, tags_of
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.stores.engine import kept_open
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class ImportRun:
    """How a run of one import ended.

    Attributes:
        run_id: Dagster's id of the run.
        success: Whether Dagster saw it succeed: an import that waits for a person did not fail.
        record: The import, as the registry has it after the run.
    """

    run_id: str
    success: bool
    record: ImportRecord


class ImportRunner:
    """Runs imports of one home, one after the other; what they need is opened once. Close it by `with`.

    Args:
        settings: The settings of the home.
        on_phase: Told of each phase: without a report when it begins, with its report when it ends.
    """

    def __init__(self, settings: Settings, on_phase: OnPhase | None = None) -> None:
        self.settings = settings
        self.home = Home(settings)
        self._on_phase = on_phase

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "instance" in self.__dict__:
            self.instance.dispose()

    @cached_property
    def instance(self) -> dg.DagsterInstance:
        """Dagster's instance of the home."""
        return open_instance(self.settings)

    @cached_property
    def _job(self) -> dg.JobDefinition:
        assets = build_phase_assets(lambda: self.home, self._on_phase)
        # The phases hand nothing over by Dagster, whose own store of what is handed over would load fsspec.
        nothing = {"io_manager": dg.mem_io_manager}
        definitions = dg.Definitions(assets=assets, jobs=[build_import_job(self.settings)], resources=nothing)
        return definitions.resolve_job_def(IMPORT_FILE)

    @cached_property
    def batch_job(self) -> dg.JobDefinition:
        """The job of which runs are that take imports through all phases in one step."""
        return build_batch_job(lambda: self.home, self.settings)

    def get_ready(self) -> None:
        """Open what the run of an import needs."""
        _ = self.instance, self._job

    def warm_up(self) -> None:
        """Open what every import needs, before there is one."""
        self.get_ready()
        _ = self.batch_job, imports.count_by_status(self.home.registry)

    def execute(self, import_id: str, until: Phase = Phase.CLEANUP) -> ImportRun:
        """Run the phases of a registered import here and now.

        Args:
            import_id: The import.
            until: The last phase that is run.

        Raises:
            NotFoundError: There is no such import.
        """
        record = imports.get(self.home.registry, import_id)
        add_partitions(self.instance, [import_id])
        run_id = str(uuid4())
        # A short file is done in less time than its workspace takes to open and close.
        with kept_open() if until is Phase.CLEANUP else nullcontext():
            result = self._job.execute_in_process(
                instance=self.instance,
                run_id=run_id,
                partition_key=import_id,
                run_config=_QUIET,
                tags=tags_of(record) | {MAX_RUNTIME: str(self.settings.run_seconds), PROCESS: this_process(run_id)},
                asset_selection=None
                if until is Phase.CLEANUP
                else [dg.AssetKey(phase.value) for phase in Phase if phase.position <= until.position],
                raise_on_error=False,
            )
        return ImportRun(result.run_id, result.success, imports.get(self.home.registry, import_id))


def execute_import(import_id: str, settings: Settings, on_phase: OnPhase | None = None) -> ImportRun:
    """Run the phases of one registered import here and now.

    Args:
        import_id: The import.
        settings: The settings of its home.
        on_phase: Told of each phase: without a report when it begins, with its report when it ends.

    Raises:
        NotFoundError: There is no such import.
    """
    with ImportRunner(settings, on_phase) as runner:
        return runner.execute(import_id)
