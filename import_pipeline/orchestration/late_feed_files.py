"""The files that were still arriving when their feed's time came: looked at again until they rest, then queued.

The feed's schedule remembers their keys in Dagster's storage, and a sensor looks again: waiting for the feed's next
time could mean a day, or a month.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.run_config.feeds import Feed

_KEY = "import_pipeline/late_feed_files/"


def remember(instance: dg.DagsterInstance, feed: "Feed", keys: Sequence[str]) -> None:
    """Keep the keys of a feed's files that have to be looked at again; they take the place of those kept before."""
    instance.daemon_cursor_storage.set_cursor_values({_KEY + feed.name: json.dumps(list(keys))})


def look_again(home: "Home", instance: dg.DagsterInstance, feeds: "Sequence[Feed]") -> list[str]:
    """Queue an import of each of those files that rests by now.

    Returns:
        The imports that were queued.
    """
    if not feeds:
        return []
    from import_pipeline.service.discovery import collect_feed

    kept = instance.daemon_cursor_storage.get_cursor_values({_KEY + feed.name for feed in feeds})
    queued: list[str] = []
    for feed in feeds:
        keys = json.loads(kept.get(_KEY + feed.name, "[]"))
        if keys:
            found = collect_feed(home, feed, only=frozenset(keys))
            remember(instance, feed, found.unsettled)
            queued += found.queued
    return queued
