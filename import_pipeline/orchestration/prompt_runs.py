"""Runs of imports for which a caller waits: the phases run at once, and Dagster is told of them when they have ended.

A step of Dagster's costs as much as a phase of a short file. So the run is begun, as one of the job `import_batch`, its
import goes through the phases as everywhere, whoever waits is answered, and then all is told that such a run tells. A
process that dies in between leaves a run that is found dead; the import is as the registry has it.
"""

import time
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import dagster as dg
from dagster._core.events import (
    DagsterEvent,
    DagsterEventType,
    StepMaterializationData,
)
from dagster._core.execution.plan.objects import ErrorSource, StepFailureData, StepSuccessData, UserFailureData

from import_pipeline.errors import StoppedError
from import_pipeline.orchestration import cancelling, tags
from import_pipeline.orchestration.dead_runs import this_process
from import_pipeline.orchestration.import_batch import STEP, RunLog
from import_pipeline.orchestration.partitions import add_partitions
from import_pipeline.service.batches import Batch
from import_pipeline.service.running import run_phase
from import_pipeline.stores.engine import kept_open
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.service.running import PhaseResult
    from import_pipeline.stores.import_record import ImportRecord


class PromptRun:
    """The run of one import, which is begun when it is made.

    Args:
        home: The home.
        instance: Where the run is recorded.
        job: The job `import_batch`.
        record: The import.
    """

    def __init__(
        self, home: "Home", instance: dg.DagsterInstance, job: dg.JobDefinition, record: "ImportRecord"
    ) -> None:
        self.instance, self.log = instance, self
        self._home, self._import_id = home, record.id
        self._results: list[tuple[Phase, PhaseResult]] = []
        run_id = str(uuid4())
        own = {
            tags.PARTITION: record.id,
            tags.MAX_RUNTIME: str(home.settings.run_seconds),
            tags.PROCESS: this_process(run_id),
        }
        add_partitions(instance, [record.id])
        self.run = instance.create_run_for_job(job, run_id=run_id, tags=tags.tags_of(record) | own)
        self._began_at = time.time()
        self._report(DagsterEventType.RUN_START, f"Began with import {record.id}.")

    def execute(self, until: Phase) -> None:
        """Take the import through its phases, as far as it goes.

        Args:
            until: The last phase that is run.
        """
        batch = Batch(self._home, [self._import_id], self.run.run_id, partial(cancelling.is_wanted, self))
        # A workspace that is kept open may be in memory; where a run goes on with it, it has to be in its file.
        with kept_open() if until is Phase.CLEANUP else nullcontext():
            for phase in Phase:
                if batch.import_ids and phase.position <= until.position:
                    self._results.append((phase, run_phase(batch, phase)))

    def tell(self) -> None:
        """Tell Dagster what became of the import, and end the run."""
        ended_at = time.time()
        self._report(DagsterEventType.STEP_START, at=self._began_at, step=STEP)
        log = RunLog(self, self._home)
        log.phases(self._results)
        try:
            log.close()
        except dg.Failure as failure:
            told = UserFailureData("failure", failure.description, failure.metadata)
            data = StepFailureData(None, told, ErrorSource.USER_CODE_ERROR)
            self._report(DagsterEventType.STEP_FAILURE, data=data, at=ended_at, step=STEP)
            self.instance.report_run_failed(self.run, failure.description)
            return
        data = StepSuccessData((ended_at - self._began_at) * 1_000)
        self._report(DagsterEventType.STEP_SUCCESS, data=data, at=ended_at, step=STEP)
        if self._was_cancelled():
            self.instance.report_run_canceling(self.run, f"Import {self._import_id!r} was cancelled.")
            self.instance.report_run_canceled(self.run)
        else:
            self._report(DagsterEventType.RUN_SUCCESS, "Ended.")

    def info(self, message: str) -> None:
        """Write a line for people into the log of the run."""
        self.instance.report_engine_event(message, self.run)

    def log_event(self, event: dg.AssetMaterialization, /) -> None:
        """Record what a table of records became."""
        self._report(DagsterEventType.ASSET_MATERIALIZATION, data=StepMaterializationData(event), step=STEP)

    def _was_cancelled(self) -> bool:
        errors = [error for _, result in self._results for error in result.errors.values()]
        return any(isinstance(one, StoppedError) and one.culprits["status"] == Status.CANCELLED for one in errors)

    def _report(
        self,
        kind: DagsterEventType,
        message: str | None = None,
        *,
        data: Any = None,
        at: float | None = None,
        step: str | None = None,
    ) -> None:
        event = DagsterEvent(kind.value, self.run.job_name, event_specific_data=data, message=message, step_key=step)
        self.instance.report_dagster_event(event, self.run.run_id, timestamp=at)
