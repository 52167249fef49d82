"""The files that were still arriving when their feed's time came: looked at again until they rest, then queued.

The feed's schedule remembers their keys in Dagster's storage, and a sensor looks again: waiting for the feed's next
time could mean a day, or a month.
"""

import json
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.run_config.feeds import Feed
    from import_pipeline.service.discovery import Collected

_KEY = "import_pipeline/late_feed_files/"
_looking: dict[str, threading.Lock] = {}
"""One for each feed. Schedules and sensors tick in threads of one code server: who looks last has to remember last."""


def look(home: "Home", instance: dg.DagsterInstance, feed: "Feed") -> "Collected":
    """Queue what is new to a feed, and remember its files that are still arriving."""
    with _one_at_a_time(feed):
        return _look(home, instance, feed)


def _one_at_a_time(feed: "Feed") -> threading.Lock:
    return _looking.setdefault(feed.name, threading.Lock())


def _look(home: "Home", instance: dg.DagsterInstance, feed: "Feed", only: Collection[str] | None = None) -> "Collected":
    from import_pipeline.service.discovery import collect_feed

    found = collect_feed(home, feed, only)
    instance.daemon_cursor_storage.set_cursor_values({_KEY + feed.name: json.dumps(found.unsettled)})
    return found


def look_again(home: "Home", instance: dg.DagsterInstance, feeds: "Sequence[Feed]") -> list[str]:
    """Queue an import of each of those files that rests by now.

    Returns:
        The imports that were queued.
    """
    if not feeds:
        return []
    late = _late_files(instance, feeds)
    queued: list[str] = []
    for feed in (one for one in feeds if late[one.name]):
        with _one_at_a_time(feed):
            keys = _late_files(instance, [feed])[feed.name]
            queued += _look(home, instance, feed, keys).queued
    return queued


def _late_files(instance: dg.DagsterInstance, feeds: "Sequence[Feed]") -> dict[str, frozenset[str]]:
    """The keys that are remembered, by the name of the feed."""
    kept = instance.daemon_cursor_storage.get_cursor_values({_KEY + feed.name for feed in feeds})
    return {feed.name: frozenset(json.loads(kept.get(_KEY + feed.name, "[]"))) for feed in feeds}
