"""The seven phases as assets in a chain; their bodies call the service and report what it tells.

A run takes one import, a step a phase; it fails where the import failed or waits for a person, so that who looks at the
partitions or watches runs sees it. What an earlier run did stays as it is. Where a person chooses a range of imports,
each gets a run of its own.
"""

import traceback
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.errors import ImportPipelineError, StoppedError
from import_pipeline.orchestration import cancelling, checks, dead_runs, launchpad, metadata, records, tags
from import_pipeline.orchestration.config import ImportConfig
from import_pipeline.orchestration.contracts import CONTRACTS
from import_pipeline.orchestration.import_events import ImportEvents
from import_pipeline.orchestration.masking import asked_of, told_again, told_of
from import_pipeline.orchestration.opening import OnPhase, OpenHome
from import_pipeline.orchestration.partitions import imports_partitions
from import_pipeline.service import transitions
from import_pipeline.stores import imports
from import_pipeline.words import GROUP_PHASES, RESULTS, Phase, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.stores.import_record import ImportRecord

FIRST, LAST = next(iter(Phase)), list(Phase)[-1]


def build_phase_assets(open_home: OpenHome, on_phase: OnPhase | None = None) -> list[dg.AssetsDefinition]:
    """The seven assets.

    Args:
        open_home: Gives the home, when a phase runs.
        on_phase: Told of each phase as it begins and ends.
    """
    return [_phase_asset(phase, open_home, on_phase) for phase in Phase]


def _phase_asset(phase: Phase, open_home: OpenHome, on_phase: OnPhase | None) -> dg.AssetsDefinition:
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
        check_specs=checks.check_specs(phase),
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=1),
        description=contract.does,
    )
    if phase is FIRST:

        @declare
        def first_phase(context: dg.AssetExecutionContext, config: ImportConfig) -> Iterator[Any]:
            yield from _report_phase(context, phase, open_home(), on_phase, config)

        return first_phase

    @declare
    def later_phase(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _report_phase(context, phase, open_home(), on_phase, None)

    return later_phase


def _report_phase(
    context: dg.AssetExecutionContext,
    phase: Phase,
    home: "Home",
    on_phase: OnPhase | None,
    config: ImportConfig | None,
) -> Iterator[Any]:
    if not context.selected_asset_keys:
        raise dg.Failure("A check is made by its phase: materialize the phase for an import.", allow_retries=False)
    if len(context.partition_keys) != 1:
        raise dg.Failure("A run takes one import: launch one for each of these partitions.", allow_retries=False)
    report = _run_phase(context, phase, home, on_phase, config)
    if not (report.skipped or report.stopped or phase is LAST):  # it goes on: nothing else is to be known of it
        yield _materialized(context, phase, home, report)
        return
    record = imports.get(home.registry, report.import_id)
    if report.skipped or report.stopped or record.status.is_final:
        tags.note_status(context, home, [record.id])
    selected, show_values = context.selected_asset_check_keys, home.settings.show_values
    waits = record.status is Status.NEEDS_REVIEW and not record.is_by_hand
    if report.stopped and waits:
        yield from checks.waits(phase, asked_of(record, show_values=show_values), selected)
    if waits:
        reason = asked_of(record, show_values=show_values)
        _observe_stop(context, phase, record, reason)
        raise _waiting(record, reason)
    if report.stopped:  # put aside, or in the hands of a person who looks at it: nothing failed
        context.log.info(f"{tags.title_of(record)}: {report.reason}")
        _observe_stop(context, phase, record, report.reason or "")
        return
    if report.skipped:
        told = told_again(report.reason, record.id, show_values=show_values)
        context.log.info(f"Import {record.id} is passed over: {told}")
        yield from _as_before(context, phase, report)
        return
    if phase is LAST:
        records.report_changes(context, home, [report])
    yield _materialized(context, phase, home, report)


def _materialized(
    context: dg.AssetExecutionContext, phase: Phase, home: "Home", report: "PhaseReport"
) -> dg.MaterializeResult:
    selected, show_values = context.selected_asset_check_keys, home.settings.show_values
    results = checks.check_results(report, selected, show_values=show_values)
    return dg.MaterializeResult(asset_key=phase.value, metadata=metadata_of(home, report), check_results=results)


def _observe_stop(context: dg.AssetExecutionContext, phase: Phase, record: "ImportRecord", reason: str) -> None:
    """Tell at the partition whose import did not get through the phase, of which file, and why.

    The page of the partitions shows a failure of the run as such, and not what it says.
    """
    observation = dg.AssetObservation(phase.value, partition=record.id, metadata=metadata.of_stop(record, reason))
    context.log_event(observation)


def _waiting(record: "ImportRecord", reason: str) -> dg.Failure:
    return dg.Failure(
        f"{tags.title_of(record)} waits for a person: {reason}\n{metadata.answer_of(record)}.",
        metadata.of_stop(record, reason),
        allow_retries=False,
    )


def _as_before(context: dg.AssetExecutionContext, phase: Phase, report: "PhaseReport") -> Iterator[Any]:
    """What an earlier run told of an import stands; where that did this phase alone, the next one goes on."""
    import_id, selected = report.import_id, context.selected_asset_check_keys
    results = list(checks.results_before(context.instance, phase, import_id, selected))
    if report.done_before:
        told = _metadata_before(context.instance, phase, import_id)
        yield dg.MaterializeResult(asset_key=phase.value, metadata=told, check_results=results)
        return
    yield from results
    later = [one for one in Phase if one.position > phase.position]  # their steps are not even begun
    events = ImportEvents(context, phase.value)
    events.report(
        events.evaluated(result, import_id)
        for one in later
        for result in checks.results_before(
            context.instance, one, import_id, [spec.key for spec in checks.check_specs(one)]
        )
    )


def _metadata_before(instance: dg.DagsterInstance, phase: Phase, import_id: str) -> dict[str, Any]:
    of_import = dg.AssetRecordsFilter(dg.AssetKey(phase.value), asset_partitions=[import_id])
    for found in instance.fetch_materializations(of_import, limit=1).records:
        if found.asset_materialization is not None:
            return dict(found.asset_materialization.metadata)
    return {}


def _run_phase(
    context: dg.AssetExecutionContext,
    phase: Phase,
    home: "Home",
    on_phase: OnPhase | None,
    config: ImportConfig | None,
) -> "PhaseReport":
    from import_pipeline.service import running

    import_id, run = context.partition_key, context.run
    steps = [one for one in Phase if run.step_keys_to_execute is None or one.value in run.step_keys_to_execute]
    if phase is steps[0]:
        dead_runs.note_process(context)
    if on_phase:
        on_phase(phase, None)
    try:
        if config is not None:
            tags.tag_run(context, launchpad.ensure_registered(home, config, import_id))
        cancels = partial(cancelling.is_wanted, context)
        report = running.run_phase_of(home, import_id, phase, run.run_id, cancels)
    except Exception as error:  # whatever it is, Dagster is told in our words
        if isinstance(error, StoppedError):
            cancelling.end_as_canceled(context, error)
        tags.note_status(context, home, [import_id])
        raise _as_failure(context, phase, home, error) from None
    if phase is steps[-1] and phase is not LAST:  # a person chose only some phases: it rests until they choose the next
        transitions.release(home, [import_id])
    if on_phase:
        on_phase(phase, report)
    return report


def _as_failure(context: dg.AssetExecutionContext, phase: Phase, home: "Home", error: Exception) -> Exception:
    """What is raised for an error of a phase, which is told at the partition, too."""
    import_id = context.partition_key
    show_values, record = home.settings.show_values, imports.find(home.registry, import_id)
    told = told_of(error, import_id, show_values=show_values)
    if record is not None:
        _observe_stop(context, phase, record, told)
    if not isinstance(error, ImportPipelineError) and show_values:
        return error
    retries = error.transient if isinstance(error, ImportPipelineError) else True
    where = "".join(traceback.format_tb(error.__traceback__))  # lines of the program: no values
    failure = dg.Failure(
        told if record is None else f"{tags.title_of(record)}: {told}",
        {
            **({} if record is None else metadata.of_stop(record, told)),
            "raised at": dg.MetadataValue.text(where),
        },
        allow_retries=retries,
    )
    failure.__cause__ = error if show_values else None
    return failure


def metadata_of(home: "Home", report: "PhaseReport") -> dict[str, Any]:
    """The metadata of one phase of one import."""
    settings = home.settings
    folder = f"{settings.bucket_url or settings.local_bucket}/{RESULTS}/{report.import_id}/"
    results = folder if report.phase is LAST else None
    return metadata.of_report(report, results=results, show_values=settings.show_values)
