"""The asset `record_snapshots`: record tables as Parquet files in the bucket, for those who read them beside imports.

Notebooks, SQL and downstream assets read the files and never keep an import waiting. The sensor `keep_snapshots`, once
it is turned on, takes new ones of what imports changed.
"""

from typing import Any

import dagster as dg

from import_pipeline import record_types
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.words import GROUP_RECORDS, SNAPSHOTS

RECORD_SNAPSHOTS = "record_snapshots"
KEEP_SNAPSHOTS = "keep_snapshots"
OVERLAP_SECONDS = 10
"""An import notes when it ended a moment before others see that: so far a run looks back behind the one before."""
_UP_TO = "changed_up_to"
"""Metadata: the snapshots hold what imports had changed until then, in epoch seconds."""


def build_snapshots(open_home: OpenHome) -> tuple[dg.AssetsDefinition, dg.AutomationConditionSensorDefinition]:
    """The asset, and the sensor that keeps it up to date.

    Args:
        open_home: Gives the home, when a snapshot is taken.
    """

    @dg.asset(
        name=RECORD_SNAPSHOTS,
        deps=[record_types.table_of(name) for name in record_types.names()],
        group_name=GROUP_RECORDS,
        kinds={"parquet"},
        automation_condition=dg.AutomationCondition.eager(),
        description=f"Record tables as Parquet files, `{SNAPSHOTS}/<organization>/<table>.parquet` in the bucket. Each "
        "run writes those anew that imports changed since the last one. Read these beside imports: a record store that "
        "is held open keeps imports waiting, a snapshot never does.",
    )
    def record_snapshots(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from import_pipeline.service import snapshots

        home = open_home()
        since = _since(context)
        up_to = home.registry.now()
        taken = [snapshots.take(home, *table) for table in snapshots.tables_with_records(home, since)]
        rows = [
            dg.TableRecord(
                {
                    "file": f"{home.settings.bucket_address}/{one.key}",
                    "rows": f"{one.rows:,}",
                    "changes_cursor": one.changes_cursor,
                }
            )
            for one in taken
        ]
        found: dict[str, Any] = {_UP_TO: up_to, "snapshots": len(taken), "rows": sum(one.rows for one in taken)}
        if rows:
            found["files"] = dg.MetadataValue.table(rows)
        return dg.MaterializeResult(metadata=found)

    sensor = dg.AutomationConditionSensorDefinition(
        KEEP_SNAPSHOTS,
        target=dg.AssetSelection.assets(RECORD_SNAPSHOTS),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Takes new snapshots of the record tables that imports changed. Turn it on where somebody reads "
        "the snapshots.",
    )
    return record_snapshots, sensor


def _since(context: dg.AssetExecutionContext) -> int:
    last = context.instance.get_latest_materialization_event(dg.AssetKey(RECORD_SNAPSHOTS))
    found = last.asset_materialization.metadata.get(_UP_TO) if last and last.asset_materialization else None
    return int(str(found.value)) - OVERLAP_SECONDS if found is not None else 0
