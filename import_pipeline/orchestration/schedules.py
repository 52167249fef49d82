"""One schedule for each feed of the feeds file: at its time it queues what is new, and `queued_imports` starts it.

What a feed is belongs in `run_config.feeds`; what a tick does is in `collecting`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration import late_feed_files
from import_pipeline.orchestration.opening import OpenHome

if TYPE_CHECKING:
    from import_pipeline.run_config.feeds import Feed
    from import_pipeline.settings import Settings

FEEDS_FILE = Path("data/feeds.yaml")
SCHEDULE_PREFIX = "feed_"


def feeds_of(settings: "Settings") -> "tuple[Feed, ...]":
    """The feeds of the settings' feeds file; none without the file.

    Raises:
        SpecError: The file is wrong; it is named, with the remedy.
    """
    from import_pipeline.run_config.feeds import read_feeds

    return read_feeds(settings.feeds or FEEDS_FILE)


def build_schedules(open_home: OpenHome, import_file: Any, feeds: "Sequence[Feed]") -> list[dg.ScheduleDefinition]:
    """One schedule for each feed."""
    return [_schedule_of(feed, open_home, import_file) for feed in feeds]


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
        from import_pipeline.service.discovery import collect_feed

        found = collect_feed(open_home(), feed)
        late_feed_files.remember(context.instance, feed, found.unsettled)
        return dg.SkipReason(found.message)

    return feed_schedule
