"""Asset checks: the adapter between the `CheckReport`s of the phases and Dagster.

Names and descriptions are those of `phases.checks`, so they are known without running anything. A check of bad rows
warns, since each bad row is already accounted for; what a person has to decide, and a fault of the pipeline itself, is
an error. Checks are partitioned, so that a result names its import and stays its own, whichever other is at work.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration.masking import masked
from import_pipeline.orchestration.metadata import REASON_LENGTH, counted, table
from import_pipeline.orchestration.partitions import imports_partitions
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.phases.report import CheckReport, PhaseReport

DECIDED = "decided"
"""The check that nothing waits for a person."""
MAY_STOP = (Phase.PREVALIDATION, Phase.VALIDATION)
"""The phases that may ask a person."""
_TOLD = 5


def check_specs(phase: Phase) -> list[dg.AssetCheckSpec]:
    """What a phase's asset declares."""
    from import_pipeline.phases.checks import CHECKS

    described = dict(CHECKS[phase])
    if phase in MAY_STOP:
        described[DECIDED] = "Nothing in this phase waits for a person's decision."
    with warnings.catch_warnings(category=dg.PreviewWarning, action="ignore"):  # of partitions of checks
        return [
            dg.AssetCheckSpec(name, asset=phase.value, description=description, partitions_def=imports_partitions)
            for name, description in described.items()
        ]


def check_results(
    report: "PhaseReport", selected: Collection[dg.AssetCheckKey], *, show_values: bool
) -> list[dg.AssetCheckResult]:
    """The results of the selected checks of a phase that did its work.

    Args:
        report: What the phase tells.
        selected: The checks that the run is to report.
        show_values: Whether samples show values of rows, or their shapes.
    """
    phase = report.phase
    found = [_result(phase, check, show_values) for check in report.checks]
    if phase in MAY_STOP:
        found.append(_decided(phase, None))
    return [result for result in found if key_of(phase, str(result.check_name)) in selected]


def waits(phase: Phase, reason: str, selected: Collection[dg.AssetCheckKey]) -> list[dg.AssetCheckResult]:
    """The result of the check that failed because a person has to decide."""
    return [_decided(phase, reason)] if key_of(phase, DECIDED) in selected else []


def results_before(
    instance: dg.DagsterInstance, phase: Phase, import_id: str, selected: Collection[dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    """What the checks of a phase of an import told when it was last at work: that stands where nothing is done anew."""
    from dagster._core.event_api import PartitionKeyFilter
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

    evaluated = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
    for spec in check_specs(phase):
        if spec.key not in selected:
            continue
        records = instance.event_log_storage.get_asset_check_execution_history(
            spec.key, limit=1, status=evaluated, partition_filter=PartitionKeyFilter(key=import_id)
        )
        for record in records:
            if (found := record.evaluation) is not None:
                yield dg.AssetCheckResult(asset_key=phase.value, check_name=spec.name, **_finding(found))


def evaluation_of(result: dg.AssetCheckResult, import_id: str) -> dg.AssetCheckEvaluation:
    """A result as it is recorded by who is not in a step of the asset."""
    assert result.asset_key is not None
    assert result.check_name is not None
    return dg.AssetCheckEvaluation(
        asset_key=result.asset_key, check_name=result.check_name, partition=import_id, **_finding(result)
    )


def _finding(found: dg.AssetCheckResult | dg.AssetCheckEvaluation) -> dict[str, Any]:
    """What a check found, whichever way it is recorded."""
    return {name: getattr(found, name) for name in ("passed", "severity", "description", "metadata")}


def key_of(phase: Phase, name: str) -> dg.AssetCheckKey:
    """The key of a check."""
    return dg.AssetCheckKey(dg.AssetKey(phase.value), name)


def _decided(phase: Phase, reason: str | None) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=phase.value,
        check_name=DECIDED,
        passed=reason is None,
        severity=dg.AssetCheckSeverity.ERROR,
        description=reason or "It holds.",
    )


def _result(phase: Phase, report: "CheckReport", show_values: bool) -> dg.AssetCheckResult:
    samples = (sample if show_values else masked(phase, sample) for sample in report.samples)
    metadata = {
        "found": sum(report.counts.values()) if report.severity == "WARN" else None,
        "counts": counted(report.counts, "what"),
        "samples": None if report.passed else table(samples, cell_length=REASON_LENGTH),
    }
    return dg.AssetCheckResult(
        asset_key=phase.value,
        check_name=report.name,
        passed=report.passed,
        severity=dg.AssetCheckSeverity[report.severity],
        description="It holds." if report.passed else _told(report.counts),
        metadata={key: value for key, value in metadata.items() if value is not None},
    )


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count:,}" for what, count in list(counts.items())[:_TOLD])
