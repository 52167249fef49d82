"""The record tables as assets of their own: nothing runs for them, the import that changed one reports it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline import record_types
from import_pipeline.words import GROUP_RECORDS, Outcome, Phase

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport

_CHANGING = (Outcome.CREATED, Outcome.UPDATED, Outcome.DELETED)


def build_record_assets() -> list[dg.AssetSpec]:
    """One asset for each record type that a model declares."""
    return [
        dg.AssetSpec(
            record_types.table_of(name),
            deps=[Phase.CLEANUP.value],
            group_name=GROUP_RECORDS,
            kinds={"duckdb", "table"},
            description=f"The table `{record_types.table_of(name)}` of every organization's record store. "
            "Each import that changed it reports how many records the organization has now.",
        )
        for name in record_types.names()
    ]


def report_changes(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, home: "Home", reports: Sequence["PhaseReport"]
) -> None:
    """Report each record table that imports of this run changed, once for each organization.

    Args:
        context: The run.
        home: Where records are counted.
        reports: The reports of the last phase.
    """
    from import_pipeline.service import imports

    changed: dict[tuple[str, str], dict[str, int]] = {}
    for report in reports:
        record = imports.get(home, report.import_id)
        outcomes = {outcome.value: report.outcomes.get(outcome, 0) for outcome in _CHANGING}
        outcomes[Outcome.DELETED.value] += record.overwritten_count
        if any(outcomes.values()) and not record.spec.get("dry_run"):
            total = changed.setdefault((record.organization, record.record_type), {})
            for outcome, count in outcomes.items():
                total[outcome] = total.get(outcome, 0) + count
    for (organization, record_type), counts in changed.items():
        if record_type in record_types.names():
            context.log_event(_materialized(home, organization, record_type, counts))


def _materialized(home: "Home", organization: str, record_type: str, counts: dict[str, int]) -> dg.AssetMaterialization:
    from import_pipeline.service import queries

    table = record_types.table_of(record_type)
    found = {
        "organization": organization,
        "dagster/row_count": queries.record_count(home, record_type, organization),
        "dagster/table_name": f"{organization}.{table}",
        **counts,
    }
    return dg.AssetMaterialization(table, metadata=found)
