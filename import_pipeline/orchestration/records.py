"""The record tables as assets of their own: nothing runs for them, the import that changed one reports it."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline import record_types
from import_pipeline.orchestration.told import Told
from import_pipeline.words import GROUP_RECORDS, Outcome, Phase

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.service.changes import Changed
    from import_pipeline.stores.import_record import ImportRecord

_CHANGING = (Outcome.CREATED, Outcome.UPDATED, Outcome.DELETED)
_NAMED = 20
CHANGES_CURSOR = "changes_cursor"
"""Metadata: the cursor behind the changes that are reported, see `changes.py`."""


def build_record_assets() -> list[dg.AssetSpec]:
    """One asset for each record type that a model declares."""
    return [
        dg.AssetSpec(
            record_types.table_of(name),
            deps=[Phase.CLEANUP.value],
            group_name=GROUP_RECORDS,
            kinds={"duckdb", "table"},
            description=f"The table `{record_types.table_of(name)}` of every organization's record store. "
            "Each import that changed it reports what it changed, how many records the organization has now, and the "
            "cursor behind these changes: an asset that depends on this one reads them by `follow_changes`.",
        )
        for name in record_types.names()
    ]


def report_changes(context: Told, home: "Home", reports: Sequence["PhaseReport"]) -> None:
    """Report each record table that imports of this run changed, once for each organization.

    Args:
        context: The run.
        home: Where records are counted.
        reports: The reports of the last phase.
    """
    for materialization in _changes(home, [report.import_id for report in reports]):
        context.log_event(materialization)


def report_undo(instance: dg.DagsterInstance, home: "Home", undo_id: str) -> None:
    """Report the record table that an undo changed, which no run of Dagster's made.

    Args:
        instance: Where it is reported.
        home: Where records are counted.
        undo_id: The undo, which is an import of its own.
    """
    for materialization in _changes(home, [undo_id]):
        instance.report_runless_asset_event(materialization)


def _changes(home: "Home", import_ids: Sequence[str]) -> Iterator[dg.AssetMaterialization]:
    """Each table that imports changed, once for each organization: also what they created for references."""
    from import_pipeline.service import changes, imports

    at_work: dict[tuple[str, str], list[ImportRecord]] = {}
    for record in (imports.get(home, import_id) for import_id in import_ids):
        is_known = record.record_type in record_types.names()
        if is_known and not record.spec.get("dry_run") and _has_changed(record):
            at_work.setdefault((record.organization, record.record_type), []).append(record)
    for (organization, record_type), records in at_work.items():
        for changed in changes.changed_by(home, record_type, organization, [record.id for record in records]):
            yield _materialized(organization, changed, records)


def _has_changed(record: "ImportRecord") -> bool:
    return any(getattr(record, f"{outcome}_count") for outcome in _CHANGING) or bool(record.overwritten_count)


def _materialized(organization: str, changed: "Changed", records: "Sequence[ImportRecord]") -> dg.AssetMaterialization:
    record_type, table = changed.record_type, record_types.table_of(changed.record_type)
    counts = {outcome.value: changed.counts.get(outcome.value, 0) for outcome in _CHANGING}
    named = [record.id for record in records[:_NAMED]]
    undone = [record.undoes for record in records if record.undoes is not None]
    found: dict[str, Any] = {
        "organization": organization,
        "import": ", ".join(named) + (f" and {len(records) - _NAMED} more" if len(records) > _NAMED else ""),
        "imports": len(records),
        **({"undoes": ", ".join(undone)} if undone else {}),
        "changed_records": sum(counts.values()),
        **counts,
        CHANGES_CURSOR: changed.cursor,
        "dagster/row_count": changed.stored,
        "dagster/table_name": f"{organization}.{table}",
        "dagster/column_schema": _schema_of(record_type),
    }
    return dg.AssetMaterialization(table, metadata=found)


@cache
def _schema_of(record_type: str) -> dg.TableSchema:
    columns = [dg.TableColumn("id", "VARCHAR", constraints=dg.TableColumnConstraints(nullable=False, unique=True))]
    for field in record_types.get(record_type).fields:
        rules = dg.TableColumnConstraints(nullable=not field.required)
        columns.append(dg.TableColumn(field.name, field.type.sql_type, field.description or field.label, rules))
    return dg.TableSchema(columns=columns)
