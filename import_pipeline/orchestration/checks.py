"""Asset checks: the adapter between the `CheckReport`s of the phases and Dagster.

Names and descriptions are those of `phases.checks`, so they are known without running anything. A check of bad rows
warns, since each bad row is already accounted for; only a check of the pipeline itself fails as an error.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.masking import masked
from import_pipeline.orchestration.metadata import counted, table
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.phases.report import CheckReport, PhaseReport

_TOLD = 5
_TOLD_LENGTH = 200


def check_specs(phase: Phase) -> list[dg.AssetCheckSpec]:
    """What a phase's asset declares."""
    from import_pipeline.phases.checks import CHECKS

    return [
        dg.AssetCheckSpec(name, asset=phase.value, description=description)
        for name, description in CHECKS[phase].items()
    ]


def check_results(
    phase: Phase,
    reports: "Mapping[str, PhaseReport]",
    selected: Collection[dg.AssetCheckKey],
    *,
    show_values: bool,
) -> list[dg.AssetCheckResult]:
    """One result for each selected check; those of several imports of a run are added up.

    Args:
        phase: The phase.
        reports: Import id → what the phase told of it.
        selected: The checks that the run is to report.
        show_values: Whether samples show values of rows, or their shapes.
    """
    by_name: dict[str, dict[str, CheckReport]] = {}
    for import_id, report in reports.items():
        for check in report.checks:
            by_name.setdefault(check.name, {})[import_id] = check
    return [
        _result(phase, name, found, show_values)
        for name, found in by_name.items()
        if dg.AssetCheckKey(dg.AssetKey(phase.value), name) in selected
    ]


def _result(phase: Phase, name: str, reports: "Mapping[str, CheckReport]", show_values: bool) -> dg.AssetCheckResult:
    failed = {import_id: report for import_id, report in reports.items() if not report.passed}
    shown = (failed or reports).values()
    severity = max((report.severity for report in shown), key=lambda word: word == "ERROR")
    counts: dict[str, int] = {}
    for report in shown:
        for what, count in report.counts.items():
            counts[what] = counts.get(what, 0) + count
    several = len(reports) > 1
    samples = (
        ({"import": import_id} if several else {}) | (sample if show_values else masked(phase, sample))
        for import_id, report in failed.items()
        for sample in report.samples
    )
    metadata = {
        "found": sum(counts.values()) if severity == "WARN" else None,
        "counts": counted(counts, "what"),
        "samples": table(samples, cell_length=_TOLD_LENGTH),
        "imports": len(reports) if several else None,
        "imports_failed": len(failed) if several else None,
    }
    return dg.AssetCheckResult(
        asset_key=phase.value,
        check_name=name,
        passed=not failed,
        severity=dg.AssetCheckSeverity[severity],
        description=_told(counts) if failed else "It holds.",
        metadata={key: value for key, value in metadata.items() if value is not None},
    )


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count:,}" for what, count in list(counts.items())[:_TOLD])
