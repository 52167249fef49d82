"""The job `import_batch`: many small imports in one run, for starting a run costs more than a short file.

It has one step, which takes them through the phases in batches (`service/run_imports.py`) and reports of each import
what the assets report in a run of its own: a phase is materialized where it did its work. An import that fails, or
waits for a person, does not stop the others; the run fails at its end and names it.
"""

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.errors import StoppedError
from import_pipeline.orchestration import cancelling, checks, dead_runs, metadata, records, tags
from import_pipeline.orchestration.assets import metadata_of
from import_pipeline.orchestration.import_events import ImportEvents
from import_pipeline.orchestration.masking import asked_of, told_again, told_of
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.told import Told
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from dagster._core.events import DagsterEvent

    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.service.running import PhaseResult
    from import_pipeline.settings import Settings

IMPORT_BATCH = "import_batch"
STEP = "import_files"
_COLUMNS = ("file", "status", "reason", "organization", "record_type", "import", "answer")


def build_batch_job(open_home: OpenHome, settings: "Settings") -> dg.JobDefinition:
    """The job of many small imports; the tag `import_pipeline/import` names them."""

    @dg.op(name=STEP, description="Takes the imports that the run's tags name through all seven phases.")
    def import_files(context: dg.OpExecutionContext) -> None:
        from import_pipeline.service.run_imports import run_imports

        home, run = open_home(), context.run
        dead_runs.note_process(context)
        log = RunLog(context, home)
        run_imports(home, tags.named_imports(run.tags), run.run_id, log.phase, partial(cancelling.is_wanted, context))
        log.close()

    @dg.job(
        name=IMPORT_BATCH,
        executor_def=dg.in_process_executor,
        tags={tags.MAX_RUNTIME: str(settings.run_seconds)},
        description="Imports many small files in one run; the sensor `queued_imports` launches it where many wait. "
        "Each import is a partition of the seven phases, as if it had a run of its own.",
    )
    def import_batch() -> None:
        import_files()

    return import_batch


class RunLog:
    """What Dagster is told of the imports of a run.

    Args:
        context: The run.
        home: The home.
    """

    def __init__(self, context: Told, home: "Home") -> None:
        self._context, self._home = context, home
        self._events = ImportEvents(context, STEP)
        self._ended: list[PhaseReport] = []
        self._failed: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    def phase(self, phase: Phase, result: "PhaseResult") -> None:
        """Tell what a phase of a batch came to: it is materialized for the imports for which it did its work."""
        self.phases([(phase, result)])

    def phases(self, results: "Iterable[tuple[Phase, PhaseResult]]") -> None:
        """Tell what phases of a batch came to, all at once."""
        self._events.report(event for phase, result in results for event in self._of_phase(phase, result))

    def _of_phase(self, phase: Phase, result: "PhaseResult") -> "Iterator[DagsterEvent]":
        done = [report for report in result.reports.values() if not (report.skipped or report.stopped)]
        for report in done:
            yield from self._of_done(report)
        if phase is Phase.CLEANUP:
            self._ended += done
        stopped = {report.import_id: report.reason or "" for report in result.reports.values() if report.stopped}
        self._report_passed_over(result)
        failed = {}
        for import_id, error in result.errors.items():
            told = told_of(error, import_id, show_values=self._home.settings.show_values)
            if isinstance(error, StoppedError) and error.culprits["status"] == Status.CANCELLED:
                self._context.log.info(told)
            else:
                failed[import_id] = told
        self._failed |= failed
        records = {record.id: record for record in imports.read(self._home.registry, [*stopped, *failed])}
        for import_id, reason in (stopped | failed).items():
            record = records.get(import_id)
            if record is not None and record.status is Status.NEEDS_REVIEW and not record.is_by_hand:
                reason = asked_of(record, show_values=self._home.settings.show_values)
                self._waiting[import_id] = reason
                waiting = checks.waits(phase, reason, _declared(phase))
                for one in waiting:
                    yield self._events.evaluated(one, import_id)
            if import_id in self._failed or import_id in self._waiting:
                yield self._events.planned(phase, import_id)
            if record is not None:
                yield self._events.observed(phase, import_id, metadata.of_stop(record, reason))

    def close(self) -> None:
        """Tell what holds for the whole run: changed tables, how the imports stand, and which did not get through.

        Raises:
            Failure: Some failed, or wait for a person.
        """
        records.report_changes(self._context, self._home, self._ended)
        tags.note_status(self._context, self._home, tags.named_imports(self._context.run.tags))
        told = self._failed | self._waiting
        if not told:
            return
        found = {record.id: record for record in imports.read(self._home.registry, list(told))}
        lines = [f"- {tags.title_of(found[one]) if one in found else one}: {why}" for one, why in told.items()]
        stops = [metadata.of_stop(found[one], why) for one, why in told.items() if one in found]
        raise dg.Failure(
            f"Of the imports of this run {len(self._failed)} failed and {len(self._waiting)} wait for a person; "
            "the others went on.\n" + "\n".join(lines),
            {
                "failed": len(self._failed),
                "waiting": len(self._waiting),
                "imports": dg.MetadataValue.table(
                    [dg.TableRecord({name: stop.get(name, "") for name in _COLUMNS}) for stop in stops],
                    schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in _COLUMNS]),
                ),
            },
            allow_retries=False,
        )

    def _of_done(self, report: "PhaseReport") -> "list[DagsterEvent]":
        show_values = self._home.settings.show_values
        results = checks.check_results(report, _declared(report.phase), show_values=show_values)
        return [
            self._events.materialized(report.phase, report.import_id, metadata_of(self._home, report)),
            *(self._events.evaluated(result, report.import_id) for result in results),
        ]

    def _report_passed_over(self, result: "PhaseResult") -> None:
        for report in result.reports.values():
            if report.skipped:
                reason = told_again(report.reason, report.import_id, show_values=self._home.settings.show_values)
                self._context.log.info(f"Import {report.import_id} is passed over: {reason}")


@cache
def _declared(phase: Phase) -> frozenset[dg.AssetCheckKey]:
    return frozenset(spec.key for spec in checks.check_specs(phase))
