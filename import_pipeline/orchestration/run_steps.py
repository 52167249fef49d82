"""Taking the imports of a run through its phases, and what came of it phase by phase; the assets report that.

In a run of one import each step runs its own phase. In a run of many the first step takes those that can share a
workspace through all phases together, and the others one by one: a short file is done in less time than its workspace
takes to open and close seven times. The later steps then only report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.errors import StoppedError
from import_pipeline.orchestration import cancelling, dead_runs, launchpad, tags
from import_pipeline.orchestration.config import ImportConfig
from import_pipeline.orchestration.masking import told_again, told_of
from import_pipeline.orchestration.opening import OnPhase
from import_pipeline.service import running, together, transitions
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport


@dataclass
class StepResult:
    """What one phase of the imports of a run came to."""

    reports: dict[str, "PhaseReport"] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    done_before: list[str] = field(default_factory=list)
    errors: dict[str, Exception] = field(default_factory=dict)
    broken: dict[str, Exception] = field(default_factory=dict)
    """What imports of the run raised in this phase and those before."""


class RunSteps:
    """Runs the phases of a run's imports, and keeps what its first step did for the later ones.

    Args:
        on_phase: Told of each phase as it begins and ends.
    """

    def __init__(self, on_phase: OnPhase | None = None) -> None:
        self._on_phase = on_phase
        self._kept: tuple[str, dict[Phase, StepResult]] = ("", {})
        self._broken: dict[str, Exception] = {}

    def through(
        self,
        context: dg.AssetExecutionContext,
        phase: Phase,
        home: "Home",
        import_ids: Sequence[str],
        config: ImportConfig | None,
    ) -> StepResult:
        """Run a phase for the imports of a run, unless its first step has done so.

        Args:
            context: Of the step.
            phase: The step's phase.
            home: The home.
            import_ids: The imports of the run.
            config: The run config; given for the first phase alone.
        """
        run_id, kept = self._kept
        if run_id == context.run.run_id and phase in kept:
            return kept.pop(phase)
        if run_id != context.run.run_id:
            dead_runs.note_process(context)
            self._broken = {}
        phases = _phases_of_run(context, phase) if config is not None and len(import_ids) > 1 else [phase]
        passed = {one: StepResult(broken=self._broken) for one in phases}
        run_alone = partial(self._run, context, home, config, passed)
        if len(phases) == len(Phase) and config == ImportConfig():
            done = together.run_together(home, import_ids, context.run.run_id, run_alone)
            for import_id, reports in done.items():
                for one, report in reports.items():
                    passed[one].reports[import_id] = report
            context.log.info(f"{len(done)} of {len(import_ids)} imports went through the phases together.")
        else:
            for import_id in import_ids:
                run_alone(import_id)
        if _is_last(context, phase):  # a person chose only some phases: the import rests until they choose the next
            transitions.release(home, import_ids)
        self._kept = (context.run.run_id, passed)
        return passed.pop(phase)

    def _run(
        self,
        context: dg.AssetExecutionContext,
        home: "Home",
        config: ImportConfig | None,
        passed: dict[Phase, StepResult],
        import_id: str,
    ) -> None:
        from import_pipeline.stores.engine import kept_open

        if len(passed) > 1:
            with kept_open():
                for phase, of_phase in passed.items():
                    self._run_phase(context, phase, home, config, import_id, of_phase)
        else:
            for phase, of_phase in passed.items():
                self._run_phase(context, phase, home, config, import_id, of_phase)

    def _run_phase(
        self,
        context: dg.AssetExecutionContext,
        phase: Phase,
        home: "Home",
        config: ImportConfig | None,
        import_id: str,
        passed: StepResult,
    ) -> None:
        if self._on_phase:
            self._on_phase(phase, None)
        try:
            if config is not None and phase.position == 1:
                record = launchpad.ensure_registered(home, config, import_id)
                if len(context.partition_keys) == 1:
                    tags.tag_run(context, record)
            report = running.run_phase(
                home, import_id, phase, context.run.run_id, partial(cancelling.is_wanted, context)
            )
        except StoppedError as stopped:
            context.log.info(told_of(stopped, import_id, show_values=home.settings.show_values))
            if len(context.partition_keys) > 1:
                passed.skipped.append(import_id)
                return
            cancelling.end_as_canceled(context, stopped)
            passed.errors[import_id] = self._broken[import_id] = stopped
            return
        except Exception as error:  # kept, and raised by this step or the last: the other imports go on first
            passed.errors[import_id] = self._broken[import_id] = error
            return
        if self._on_phase:
            self._on_phase(phase, report)
        if report.skipped:
            told = told_again(report.reason, import_id, show_values=home.settings.show_values)
            context.log.info(f"Import {import_id} is passed over: {told}")
            (passed.done_before if report.done_before else passed.skipped).append(import_id)
        else:
            passed.reports[import_id] = report


def _is_last(context: dg.AssetExecutionContext, phase: Phase) -> bool:
    """Whether a run executes no phase after this one, though there are more."""
    return phase is not Phase.CLEANUP and _phases_of_run(context, phase)[-1] is phase


def _phases_of_run(context: dg.AssetExecutionContext, first: Phase) -> list[Phase]:
    """The phases that this run executes without a gap, from its first on."""
    steps = context.run.step_keys_to_execute
    found: list[Phase] = []
    for phase in Phase:
        if phase.position >= first.position:
            if steps is not None and phase.value not in steps:
                break
            found.append(phase)
    return found
