"""The one place that wires Dagster objects: `build_definitions`, and `defs`, which Dagster calls to load them.

Importing this module reads neither environment nor files; calling `defs` does.
"""

from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.alerts import build_alerts
from import_pipeline.orchestration.assets import build_phase_assets
from import_pipeline.orchestration.import_batch import build_batch_job
from import_pipeline.orchestration.jobs import build_import_job, build_register_job
from import_pipeline.orchestration.keeping_house import build_keeping_house
from import_pipeline.orchestration.opening import OnPhase, OpenHome, opener_of
from import_pipeline.orchestration.records import build_record_assets
from import_pipeline.orchestration.schedules import build_schedules, feeds_of
from import_pipeline.orchestration.sensors import build_sensors
from import_pipeline.orchestration.snapshots import build_snapshots

if TYPE_CHECKING:
    from import_pipeline.run_config.feeds import Feeds
    from import_pipeline.settings import Settings


def build_definitions(
    settings: "Settings | None" = None,
    feeds: "Feeds | None" = None,
    *,
    open_home: OpenHome | None = None,
    on_phase: OnPhase | None = None,
) -> dg.Definitions:
    """Everything that Dagster knows of this project.

    Args:
        settings: The settings of the process; read from the environment if left out.
        feeds: The feeds that get schedules; read from the settings' feeds file if left out.
        open_home: Gives the home that assets, sensors and schedules call; made from the settings if left out.
        on_phase: Told of each phase as it begins and ends.

    A wrong feed costs that feed alone: its schedule fails and says why.
    """
    from import_pipeline.settings import Settings

    settings = settings or Settings()
    home = open_home or opener_of(settings)
    feeds = feeds_of(settings) if feeds is None else feeds
    import_file = build_import_job(settings)
    import_batch = build_batch_job(home, settings)
    keep_house, daily = build_keeping_house(home)
    record_snapshots, keep_snapshots = build_snapshots(home)
    return dg.Definitions(
        assets=[*build_phase_assets(home, on_phase), *build_record_assets(), record_snapshots],
        jobs=[import_file, import_batch, build_register_job(home), keep_house],
        sensors=[
            *build_sensors(home, [import_file, import_batch], settings, feeds),
            build_alerts(home),
            keep_snapshots,
        ],
        schedules=[*build_schedules(home, import_file, feeds), daily],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the home that the environment names."""
    from import_pipeline import logs
    from import_pipeline.settings import Settings

    settings = Settings()
    logs.configure(settings)
    return build_definitions(settings)
