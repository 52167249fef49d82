"""The sensors: `bucket_sensor` queues what arrives, `queued_imports` starts what is queued, `ended_runs` follows up.

One sensor alone starts runs, whoever queued the import (bucket, feed, Launchpad, API, a person's confirmation): so
none is started twice and no way in can crowd out another. What a tick decides is in `discovery`, `starting` and
`service/reconciling`.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration import cancelling, ended_runs, late_feed_files, starting
from import_pipeline.orchestration.import_batch import IMPORT_BATCH
from import_pipeline.orchestration.jobs import IMPORT_FILE
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.partitions import imports_partitions
from import_pipeline.orchestration.schedules import is_on
from import_pipeline.orchestration.tags import MAX_RUNTIME
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_pipeline.run_config.feeds import Feeds
    from import_pipeline.service.discovery import Refused
    from import_pipeline.settings import Settings

BUCKET_SENSOR = "bucket_sensor"
QUEUED_IMPORTS = "queued_imports"
ENDED_RUNS = "ended_runs"


def build_sensors(
    open_home: OpenHome, jobs: "Sequence[Any]", settings: "Settings", feeds: "Feeds"
) -> list[dg.SensorDefinition]:
    """The three sensors.

    Args:
        open_home: Gives the home, when a sensor ticks.
        jobs: The jobs that run imports: of one, and of many small ones.
        settings: The settings of the process.
        feeds: The feeds; what they take, the bucket sensor leaves to them.
    """

    @dg.sensor(
        name=BUCKET_SENSOR,
        job=jobs[0],
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Looks for new files in the bucket's folder uploads/<organization>/<record type>/ and queues an "
        "import of each. A file that still grows is left until it rests; a new version of a file is a new import; "
        "a file `<name>.import.yaml` beside it says how to import it.",
    )
    def bucket_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        from import_pipeline.service.discovery import collect_uploads

        found = collect_uploads(open_home(), context.cursor, feeds, lambda feed: is_on(context.instance, feed))
        for report in found.reported:
            context.log.warning(report.message)
        for refused in found.refused:
            context.log.warning(refused.message)
        return dg.SensorResult(
            skip_reason=found.message,
            cursor=found.cursor,
            asset_events=[_refused(one) for one in found.refused],
            dynamic_partitions_requests=[imports_partitions.build_add_request([one.import_id for one in found.refused])]
            if found.refused
            else [],
        )

    @dg.sensor(
        name=QUEUED_IMPORTS,
        jobs=jobs,
        minimum_interval_seconds=3,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts the imports that wait in the registry, in turn between organizations. Many small files "
        "share a run. Not more are started than the backlog limit allows.",
    )
    def queued_imports(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        found = starting.next_runs(open_home(), context.instance)
        if not found.runs:
            return dg.SensorResult(skip_reason=found.reason)
        context.log.info(found.message)
        return dg.SensorResult(
            run_requests=[_request(run, settings) for run in found.runs],
            dynamic_partitions_requests=[imports_partitions.build_add_request(list(found.new_partitions))]
            if found.new_partitions
            else [],
        )

    @dg.sensor(
        name=ENDED_RUNS,
        job=jobs[0],
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks after imports that were left behind: whose process died or fell silent, whose run timed out "
        "or was cancelled, whose upload came or never came, so that none waits or stays `processing` for ever. Queues "
        "the files that were still arriving at the time of their feed, once they rest.",
    )
    def ended_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        home = open_home()
        found = ended_runs.follow_up(home, context.instance, context.cursor)
        cancelling.cancel_queued_runs(home, context.instance)
        late_feed_files.look_again(home, context.instance, feeds.usable)
        return dg.SensorResult(skip_reason=found.message, cursor=found.cursor)

    return [bucket_sensor, queued_imports, ended_runs_sensor]


def _refused(one: "Refused") -> dg.AssetObservation:
    """What is seen of an import that never had a run, among the partitions of the phase that it did not reach."""
    told = {"file": one.key, "import": one.import_id, "status": Status.FAILED.value, "reason": one.reason}
    return dg.AssetObservation(Phase.PREVALIDATION.value, partition=one.import_id, metadata=told)


def _request(run: starting.NextRun, settings: "Settings") -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run.key,
        job_name=IMPORT_FILE if run.partition is not None else IMPORT_BATCH,
        partition_key=run.partition,
        tags=run.tags | {MAX_RUNTIME: str(settings.run_seconds)},
    )
