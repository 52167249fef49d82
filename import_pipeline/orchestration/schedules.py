"""One schedule for each feed of the feeds file: at its time it queues what is new, and `queued_imports` starts it.

What a feed is belongs in `run_config.feeds`; what a tick does is in `service.discovery`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorType

from import_pipeline.orchestration import late_feed_files
from import_pipeline.orchestration.opening import OpenHome

if TYPE_CHECKING:
    from import_pipeline.run_config.feeds import Feed, Feeds
    from import_pipeline.settings import Settings

FEEDS_FILE = Path("data/feeds.yaml")
SCHEDULE_PREFIX = "feed_"


def feeds_of(settings: "Settings") -> "Feeds":
    """The feeds of the settings' feeds file; none without the file."""
    from import_pipeline.run_config.feeds import read_feeds

    return read_feeds(settings.feeds or FEEDS_FILE)


def build_schedules(open_home: OpenHome, import_file: Any, feeds: "Feeds") -> list[dg.ScheduleDefinition]:
    """One schedule for each feed; that of a feed that cannot be used fails at each tick and says why."""
    schedules: list[dg.ScheduleDefinition] = []
    for feed in feeds.usable:
        try:
            schedules.append(_schedule_of(feed, open_home, import_file))
        except dg.DagsterInvalidDefinitionError:
            reason = f"Feed {feed.name!r}: cron {feed.cron!r} names no times. Give five parts, such as '0 6 * * 1-5'."
            schedules.append(_failing_schedule_of(feed.name, reason, import_file))
    return [*schedules, *(_failing_schedule_of(feed.name, feed.reason, import_file) for feed in feeds.wrong)]


def is_on(instance: dg.DagsterInstance, feed: "Feed") -> bool:
    """Whether somebody turned the schedule of a feed on."""
    states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
    return any(state.name == f"{SCHEDULE_PREFIX}{feed.name}" and state.is_running for state in states)


def _failing_schedule_of(name: str, reason: str, import_file: Any) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{SCHEDULE_PREFIX}{name}",
        job=import_file,
        cron_schedule="*/15 * * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"This feed cannot be used, so its files are imported by nobody: {reason}",
    )
    def wrong_feed(context: dg.ScheduleEvaluationContext) -> dg.SkipReason:
        raise dg.Failure(reason)

    return wrong_feed


def _schedule_of(feed: "Feed", open_home: OpenHome, import_file: Any) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{SCHEDULE_PREFIX}{feed.name}",
        job=import_file,
        cron_schedule=feed.cron,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Looks for `{feed.pattern}` in the bucket and queues an import of {feed.record_type} records for "
        f"organization {feed.organization} from each new object.",
    )
    def feed_schedule(context: dg.ScheduleEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(late_feed_files.look(open_home(), context.instance, feed).message)

    return feed_schedule
