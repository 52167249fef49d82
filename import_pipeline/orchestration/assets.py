"""The seven phases as assets in a chain; their bodies call the service and report what it tells.

A run takes one import, or a range of them (`run_steps`). In a range an import that fails does not stop the others: its
later phases are passed over, its metadata says so, and the last phase fails and names it. A run of one import fails
where it failed.
An import that waits for a person ends its run without failing: the later phases are skipped.
"""

import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.errors import ImportPipelineError
from import_pipeline.orchestration import metadata, records, tags
from import_pipeline.orchestration.checks import check_results, check_specs
from import_pipeline.orchestration.config import ImportConfig
from import_pipeline.orchestration.contracts import CONTRACTS
from import_pipeline.orchestration.masking import told_again, told_of
from import_pipeline.orchestration.opening import OnPhase, OpenHome
from import_pipeline.orchestration.partitions import imports_partitions
from import_pipeline.orchestration.run_steps import RunSteps, StepResult
from import_pipeline.stores import imports
from import_pipeline.words import GROUP_PHASES, RESULTS, Phase, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport

FIRST, LAST = next(iter(Phase)), list(Phase)[-1]


def build_phase_assets(open_home: OpenHome, on_phase: OnPhase | None = None) -> list[dg.AssetsDefinition]:
    """The seven assets.

    Args:
        open_home: Gives the home, when a phase runs.
        on_phase: Told of each phase as it begins and ends.
    """
    passing = RunSteps(on_phase)
    return [_phase_asset(phase, open_home, passing) for phase in Phase]


def _phase_asset(phase: Phase, open_home: OpenHome, passing: RunSteps) -> dg.AssetsDefinition:
    contract = CONTRACTS[phase]
    before = [before for before in Phase if before.position == phase.position - 1]
    spec = dg.AssetSpec(
        phase.value,
        deps=[one.value for one in before],
        group_name=GROUP_PHASES,
        description=contract.markdown,
        kinds=set(contract.kinds),
        code_version=contract.code_version,
        partitions_def=imports_partitions,
        skippable=True,
    )
    # A multi-asset of one: only there can checks be left out, as in a phase that has nothing to look at.
    declare = dg.multi_asset(
        name=phase.value,
        specs=[spec],
        check_specs=check_specs(phase),
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
        description=contract.does,
    )
    if phase is FIRST:

        @declare
        def first_phase(context: dg.AssetExecutionContext, config: ImportConfig) -> Iterator[Any]:
            yield from _report_phase(context, phase, open_home(), passing, config)

        return first_phase

    @declare
    def later_phase(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _report_phase(context, phase, open_home(), passing, None)

    return later_phase


def _report_phase(
    context: dg.AssetExecutionContext,
    phase: Phase,
    home: "Home",
    passing: RunSteps,
    config: ImportConfig | None,
) -> Iterator[Any]:
    if not context.selected_asset_keys:
        raise dg.Failure("A check is made by its phase: materialize the phase for an import.", allow_retries=False)
    import_ids = tags.imports_of_run(context.partition_keys, context.run.tags)
    passed = passing.through(context, phase, home, import_ids, config)
    if passed.errors and not passed.reports:
        raise _as_failure(passed.errors, home.settings.show_values)
    if not passed.reports and not passed.done_before:
        return
    if phase is LAST:
        records.report_changes(context, home, list(passed.reports.values()))
        failed = _reasons_of_failed(home, passed)
        if failed:
            _keep_the_others(context, phase, home, passed)
            raise dg.Failure(_told(failed), allow_retries=False)
    _add_metadata(context, phase, home, passed)
    show_values = home.settings.show_values
    results = check_results(phase, passed.reports, context.selected_asset_check_keys, show_values=show_values)
    yield dg.MaterializeResult(asset_key=phase.value, check_results=results)


def _as_failure(errors: dict[str, Exception], show_values: bool) -> Exception:
    told = {import_id: told_of(error, import_id, show_values=show_values) for import_id, error in errors.items()}
    if len(errors) > 1:
        return dg.Failure(_told(told), allow_retries=False)
    [(import_id, first)] = errors.items()
    if not isinstance(first, ImportPipelineError) and show_values:
        return first
    retries = first.transient if isinstance(first, ImportPipelineError) else True
    where = "".join(traceback.format_tb(first.__traceback__))  # lines of the program: no values
    failure = dg.Failure(told[import_id], {"raised at": dg.MetadataValue.text(where)}, allow_retries=retries)
    failure.__cause__ = first if show_values else None
    return failure


def _reasons_of_failed(home: "Home", passed: StepResult) -> dict[str, str]:
    show_values = home.settings.show_values
    errors = passed.broken | passed.errors
    reasons = {import_id: told_of(error, import_id, show_values=show_values) for import_id, error in errors.items()}
    for import_id in passed.skipped:
        record = imports.get(home.registry, import_id)
        if record.status in (Status.FAILED, Status.TIMED_OUT) and import_id not in reasons:
            reasons[import_id] = told_again(record.reason, import_id, show_values=show_values)
    return reasons


def _told(reasons: dict[str, str]) -> str:
    lines = "\n".join(f"- {import_id}: {reason}" for import_id, reason in reasons.items())
    return f"{len(reasons)} imports of this run failed; the others went on.\n{lines}"


def _add_metadata(context: dg.AssetExecutionContext, phase: Phase, home: "Home", passed: StepResult) -> None:
    for import_id, report in passed.reports.items():
        found = _metadata_of(home, report)
        context.add_asset_metadata(found, asset_key=phase.value, partition_key=import_id)
    for import_id, error in passed.errors.items():
        told = told_of(error, import_id, show_values=home.settings.show_values)
        context.add_asset_metadata(metadata.of_failure(import_id, told), asset_key=phase.value, partition_key=import_id)


def _keep_the_others(context: dg.AssetExecutionContext, phase: Phase, home: "Home", passed: StepResult) -> None:
    """Materialize what succeeded, one by one, because the step itself is about to fail."""
    for import_id, report in passed.reports.items():
        found = _metadata_of(home, report)
        context.log_event(dg.AssetMaterialization(phase.value, partition=import_id, metadata=found))


def _metadata_of(home: "Home", report: "PhaseReport") -> dict[str, Any]:
    status = imports.get(home.registry, report.import_id).status if report.stopped else None
    results, show_values = _results_of(home, report), home.settings.show_values
    return metadata.of_report(report, status=status, results=results, show_values=show_values)


def _results_of(home: "Home", report: "PhaseReport") -> str | None:
    if report.phase is not LAST:
        return None
    settings = home.settings
    return f"{settings.bucket_url or settings.local_bucket}/{RESULTS}/{report.import_id}/"
