"""The job `import_batch`: many small imports in one run, for starting a run costs more than a short file.

It has one step, which takes them through the phases in batches (`service/run_imports.py`) and reports of each import
what the assets report in a run of its own: a phase is materialized where it did its work. An import that fails does not
stop the others; the run fails at its end and names it.
"""

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.events import (
    AssetMaterializationPlannedData,
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    StepMaterializationData,
    generate_event_batch_id,
)

from import_pipeline.errors import StoppedError
from import_pipeline.orchestration import cancelling, dead_runs, records
from import_pipeline.orchestration.assets import metadata_of
from import_pipeline.orchestration.checks import check_results, check_specs
from import_pipeline.orchestration.masking import told_of
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.tags import MAX_RUNTIME, named_imports
from import_pipeline.stores import imports
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.service.running import PhaseResult
    from import_pipeline.settings import Settings

IMPORT_BATCH = "import_batch"
_STEP = "import_files"


def build_batch_job(open_home: OpenHome, settings: "Settings") -> dg.JobDefinition:
    """The job of many small imports; the tag `import_pipeline/import` names them."""

    @dg.op(name=_STEP, description="Takes the imports that the run's tags name through all seven phases.")
    def import_files(context: dg.OpExecutionContext) -> None:
        from import_pipeline.service.run_imports import run_imports

        home, run = open_home(), context.run
        dead_runs.note_process(context)
        log = _BatchLog(context, home)
        run_imports(home, named_imports(run.tags), run.run_id, log.phase, partial(cancelling.is_wanted, context))
        log.close()

    @dg.job(
        name=IMPORT_BATCH,
        executor_def=dg.in_process_executor,
        tags={MAX_RUNTIME: str(settings.run_seconds)},
        description="Imports many small files in one run; the sensor `queued_imports` launches it where many wait. "
        "Each import is a partition of the seven phases, as if it had a run of its own.",
    )
    def import_batch() -> None:
        import_files()

    return import_batch


class _BatchLog:
    """What Dagster is told of the imports of a run.

    Args:
        context: Of the step.
        home: The home.
    """

    def __init__(self, context: dg.OpExecutionContext, home: "Home") -> None:
        self._context, self._home = context, home
        self._reports: defaultdict[Phase, dict[str, PhaseReport]] = defaultdict(dict)
        self._failed: dict[str, str] = {}

    def phase(self, phase: Phase, result: "PhaseResult") -> None:
        """Tell what a phase of a batch came to."""
        done = [report for report in result.reports.values() if not report.skipped]
        self._reports[phase] |= {report.import_id: report for report in done}
        events = [self._materialized(report) for report in done]
        for import_id, error in result.errors.items():
            told = told_of(error, import_id, show_values=self._home.settings.show_values)
            if isinstance(error, StoppedError):
                self._context.log.info(told)
            else:
                self._failed[import_id] = told
                events.append(self._planned(phase, import_id))
        self._report(events)

    def close(self) -> None:
        """Tell what holds for the whole run: checks, changed tables, and which imports failed.

        Raises:
            Failure: Some did.
        """
        for phase, reports in self._reports.items():
            keys = {check.key for check in check_specs(phase)}
            results = check_results(phase, reports, keys, show_values=self._home.settings.show_values)
            self._report([self._evaluated(result) for result in results])
        records.report_changes(self._context, self._home, list(self._reports[Phase.CLEANUP].values()))
        if self._failed:
            found = {record.id: record for record in imports.read(self._home.registry, list(self._failed))}
            names = {one: f"{record.file_name} ({one})" for one, record in found.items()}
            lines = [f"- {names.get(one, one)}: {told}" for one, told in self._failed.items()]
            raise dg.Failure(
                f"{len(lines)} imports of this run failed; the others went on.\n" + "\n".join(lines),
                allow_retries=False,
            )

    def _materialized(self, report: "PhaseReport") -> DagsterEvent:
        materialization = dg.AssetMaterialization(
            report.phase.value, partition=report.import_id, metadata=metadata_of(self._home, report)
        )
        return self._event(DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(materialization))

    def _planned(self, phase: Phase, import_id: str) -> DagsterEvent:
        """That a phase was to be materialized, and is not: in a run that failed, Dagster shows it as failed."""
        planned = AssetMaterializationPlannedData(dg.AssetKey(phase.value), partition=import_id)
        return self._event(DagsterEventType.ASSET_MATERIALIZATION_PLANNED, planned)

    def _evaluated(self, result: dg.AssetCheckResult) -> DagsterEvent:
        assert result.asset_key is not None
        assert result.check_name is not None
        evaluation = dg.AssetCheckEvaluation(
            asset_key=result.asset_key,
            check_name=result.check_name,
            passed=result.passed,
            metadata=result.metadata,
            severity=result.severity,
            description=result.description,
        )
        return self._event(DagsterEventType.ASSET_CHECK_EVALUATION, evaluation)

    def _event(
        self,
        kind: DagsterEventType,
        data: StepMaterializationData | AssetMaterializationPlannedData | dg.AssetCheckEvaluation,
    ) -> DagsterEvent:
        return DagsterEvent(kind.value, IMPORT_BATCH, event_specific_data=data, step_key=_STEP)

    def _report(self, events: list[DagsterEvent]) -> None:
        """Write events at once: each by itself costs as much as a phase of a short file."""
        batch_id = generate_event_batch_id()
        for place, event in enumerate(events, start=1):
            self._context.instance.report_dagster_event(
                event,
                self._context.run.run_id,
                batch_metadata=DagsterEventBatchMetadata(batch_id, place == len(events)),
            )
