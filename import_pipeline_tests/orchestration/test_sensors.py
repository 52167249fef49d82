"""What the sensors and schedules queue, start and follow up, tick by tick, with real objects and runs."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.local_bucket import LocalBucket
from import_pipeline.orchestration import late_feed_files
from import_pipeline.orchestration.sensors import BUCKET_SENSOR, ENDED_RUNS, QUEUED_IMPORTS
from import_pipeline.orchestration.tags import MAX_RUNTIME
from import_pipeline.run_config.feeds import parse_feeds
from import_pipeline.service import queries
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.stores import imports
from import_pipeline.words import TAG_FILE, Source, Status
from import_pipeline_tests.orchestration.scenario import (
    definitions_of,
    imports_by_key,
    people,
    put,
    tick,
)


def test_a_new_object_is_queued_started_and_imported(runner):
    put(runner, "uploads/acme/contact/a.csv", people("ann"))

    first = tick(runner, BUCKET_SENSOR)
    assert first.skip_message == "1 import queued"
    second = tick(runner, BUCKET_SENSOR, first.cursor)
    assert second.skip_message == "Nothing new."

    record = imports_by_key(runner)["uploads/acme/contact/a.csv"]
    assert (record.status, record.source, record.organization) == (Status.QUEUED, Source.BUCKET, "acme")
    started = tick(runner, QUEUED_IMPORTS)
    [request] = started.run_requests
    assert request.partition_key == record.id
    assert request.tags[TAG_FILE] == "uploads/acme/contact/a.csv"
    assert request.tags[MAX_RUNTIME] == str(runner.settings.run_seconds)
    assert [list(added.partition_keys) for added in started.dynamic_partitions_requests] == [[record.id]]

    assert runner.execute(record.id).record.status is Status.COMPLETED
    assert [row["email"] for row in queries.records(runner.home, "contact", "acme")] == ["ann@example.com"]
    assert tick(runner, QUEUED_IMPORTS).skip_message == "No import waits."


def test_a_new_version_of_an_object_is_a_new_import_that_supersedes_the_first(runner):
    put(runner, "uploads/acme/contact/a.csv", people("ann"))
    cursor = tick(runner, BUCKET_SENSOR).cursor
    first = imports_by_key(runner)["uploads/acme/contact/a.csv"]
    put(runner, "uploads/acme/contact/a.csv", people("ann", "bob"))

    tick(runner, BUCKET_SENSOR, cursor)

    [second] = [record for record in imports.list_imports(runner.home.registry).items if record.id != first.id]
    assert second.supersedes == first.id


def test_objects_that_grow_wait_and_empty_or_misplaced_ones_are_reported_once(runner):
    settings = runner.settings.model_copy(update={"settle_seconds": 3600.0})
    put(runner, "uploads/acme/contact/growing.csv", people("ann"))
    waiting = collect_uploads(type(runner.home)(settings), None)
    assert (waiting.queued, waiting.waiting) == ((), 1)

    put(runner, "uploads/acme/contact/empty.csv", "")
    put(runner, "uploads/acme/planet/mars.csv", people("ann"))
    first = tick(runner, BUCKET_SENSOR)

    assert "1 import queued" in first.skip_message
    assert "empty.csv has no bytes" in first.skip_message
    assert "planet" in first.skip_message
    assert tick(runner, BUCKET_SENSOR, None).skip_message == "Nothing new."


def test_a_sidecar_says_how_to_import_and_a_wrong_one_fails_its_import(runner):
    put(runner, "uploads/acme/contact/good.csv", people("ann"))
    put(runner, "uploads/acme/contact/good.csv.import.yaml", "action: overwrite\ntags: [vip]\n")
    put(runner, "uploads/acme/contact/bad.csv", people("bob"))
    put(runner, "uploads/acme/contact/bad.csv.import.yaml", "acton: overwrite\n")

    ticked = tick(runner, BUCKET_SENSOR)
    message = ticked.skip_message

    found = imports_by_key(runner)
    good, bad = found["uploads/acme/contact/good.csv"], found["uploads/acme/contact/bad.csv"]
    assert (good.status, good.spec["action"], good.spec["tags"]) == (Status.QUEUED, "overwrite", ["vip"])
    assert bad.status is Status.FAILED
    assert "acton" in (bad.reason or "")
    assert "1 import queued. 1 import failed: " in message
    assert f"uploads/acme/contact/bad.csv (import {bad.id}): " in message
    [seen] = ticked.asset_events
    assert (seen.partition, seen.metadata["file"].value) == (bad.id, "uploads/acme/contact/bad.csv")
    assert [list(added.partition_keys) for added in ticked.dynamic_partitions_requests] == [[bad.id]]


def test_the_same_bytes_under_a_new_name_are_reported_and_not_loaded_twice(runner):
    put(runner, "uploads/acme/contact/a.csv", people("ann"))
    put(runner, "uploads/acme/contact/copy.csv", people("ann"))
    tick(runner, BUCKET_SENSOR)
    runs = [runner.execute(record.id) for record in imports.queued(runner.home.registry, 10)]

    assert [run.record.status for run in runs] == [Status.COMPLETED, Status.CANCELLED]
    assert f"same bytes as {runs[0].record.id}" in runs[1].record.reason
    assert "same bytes were imported before" in runs[1].record.reason
    assert all(run.success for run in runs)


FEEDS = """
feeds:
  - {name: leads, cron: "0 6 * * *", url: "uploads/acme/contact/leads-*.csv", spec: {tags: [lead]}}
"""


def test_a_feed_takes_what_matches_and_the_bucket_sensor_leaves_that_to_it(runner):
    feeds = parse_feeds(FEEDS)
    put(runner, "uploads/acme/contact/leads-1.csv", people("ann"))
    put(runner, "uploads/acme/contact/leads-[ab].csv", people("bob"))
    put(runner, "uploads/acme/contact/other.csv", people("cyd"))

    told = tick(runner, BUCKET_SENSOR, feeds=feeds).skip_message
    assert told.startswith("1 import queued. 2 objects left to feed 'leads', whose schedule is off: turn it on")
    schedule = definitions_of(runner, feeds).resolve_schedule_def("feed_leads")
    with dg.build_schedule_context(instance=runner.instance) as context:
        assert schedule.evaluate_tick(context).skip_message == "2 imports queued"
        assert schedule.evaluate_tick(context).skip_message == "Nothing new."

    found = imports_by_key(runner)
    assert {key for key, record in found.items() if record.source is Source.FEED} == {
        "uploads/acme/contact/leads-1.csv",
        "uploads/acme/contact/leads-[ab].csv",
    }
    assert found["uploads/acme/contact/leads-1.csv"].spec["tags"] == ["lead"]


def test_a_file_that_still_arrives_at_its_feeds_hour_is_taken_soon_after_and_later_ones_wait(runner, monkeypatch):
    runner.home.settings = runner.settings.model_copy(update={"settle_seconds": 300.0})
    feeds = parse_feeds(FEEDS)
    put(runner, "uploads/acme/contact/leads-1.csv", people("ann"))
    with dg.build_schedule_context(instance=runner.instance) as context:
        schedule = definitions_of(runner, feeds).resolve_schedule_def("feed_leads")
        assert schedule.evaluate_tick(context).skip_message == "1 object still arriving"
    put(runner, "uploads/acme/contact/leads-2.csv", people("bob"))
    tick(runner, ENDED_RUNS, feeds=feeds)
    assert imports_by_key(runner) == {}
    later = time.time() + 400
    monkeypatch.setattr("time.time", lambda: later)
    tick(runner, ENDED_RUNS, feeds=feeds)
    assert list(imports_by_key(runner)) == ["uploads/acme/contact/leads-1.csv"]


class Slow(LocalBucket):
    """A bucket in which something happens while it is listed."""

    def __init__(self, folder: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(folder)
        self._meanwhile = meanwhile

    def find(self, prefix: str = "") -> list[StoredObject]:
        found = super().find(prefix)
        self._meanwhile()
        return found


def test_what_a_feed_finds_arriving_while_its_late_files_are_looked_at_is_not_forgotten(runner):
    runner.home.settings = runner.settings.model_copy(update={"settle_seconds": 300.0})
    feeds = parse_feeds(FEEDS)
    (feed,) = feeds.usable
    put(runner, "uploads/acme/contact/leads-1.csv", people("ann"))
    late_feed_files.look(runner.home, runner.instance, feed)
    at_its_hour = threading.Thread(target=late_feed_files.look, args=(runner.home, runner.instance, feed))

    def another_arrives_at_the_feeds_hour() -> None:
        if not at_its_hour.ident:
            put(runner, "uploads/acme/contact/leads-2.csv", people("bob"))
            at_its_hour.start()
            at_its_hour.join(0.5)  # it waits until this look is over

    runner.home.__dict__["bucket"] = Slow(runner.settings.local_bucket, another_arrives_at_the_feeds_hour)
    late_feed_files.look_again(runner.home, runner.instance, feeds.usable)
    at_its_hour.join()
    runner.home.settings = runner.settings.model_copy(update={"settle_seconds": 0.0})
    late_feed_files.look_again(runner.home, runner.instance, feeds.usable)
    assert len(imports_by_key(runner)) == 2


def test_ten_thousand_new_objects_are_queued_tick_by_tick_well_within_a_ticks_time(runner):
    folder = runner.settings.local_bucket / "uploads/acme/contact"
    folder.mkdir(parents=True)
    for number in range(10_000):
        (folder / f"{number}.csv").touch()
        (folder / f"{number}.csv").write_bytes(b"email\n%d@example.com\n" % number)

    cursor, queued, slowest = None, 0, 0.0
    while queued < 10_000:
        began = time.process_time()
        found = collect_uploads(runner.home, cursor)
        slowest = max(slowest, time.process_time() - began)
        cursor, queued = found.cursor, queued + len(found.queued)
        assert found.queued

    assert imports.count_by_status(runner.home.registry)[Status.QUEUED] == 10_000
    assert slowest < 40
