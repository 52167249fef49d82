"""Each object is imported once: whatever is killed in the midst, whoever looks at once, in any order."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from import_pipeline.home import Home
from import_pipeline.intake.local_bucket import LocalBucket
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import queries
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Source, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.processes import run_at_once
from import_pipeline_tests.trust.uploads import import_all

OBJECTS = 10


@pytest.fixture
def importing(settings: Settings, tmp_path: Path) -> Importing:
    """An empty home whose sensor takes objects as soon as they are there."""
    return Importing(settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


@pytest.fixture
def anywhere(bucket_settings: Settings, tmp_path: Path) -> Importing:
    """The same, once with a folder and once with a real S3 server as its bucket."""
    return Importing(bucket_settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


def fill(importing: Importing) -> None:
    for number in range(OBJECTS):
        key = f"uploads/acme/contact/f{number:02}.csv"
        importing.home.bucket.write_text(key, f"external_id,first_name\n{number},Name {number}\n")


def imports_by_object(home: Home) -> Counter:
    return Counter(record.object_key for record in imports.list_imports(home.registry, limit=1_000).items)


TICKING = """
import sys
from import_pipeline.home import Home
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings
from import_pipeline.stores import imports

home = Home(Settings(home=sys.argv[1], settle_seconds=0.0))
imports.count_by_status(home.registry), home.bucket
print("ready", flush=True)
sys.stdin.readline()
print(sum(len(collect_uploads(home, None).queued) for _ in range(3)))
"""


def test_two_sensors_that_look_at_once_queue_each_object_once(importing: Importing):
    fill(importing)
    told = run_at_once(TICKING, [[str(importing.settings.home)]] * 3)
    assert max(map(int, told)) > 0
    assert set(imports_by_object(importing.home).values()) == {1}
    import_all(importing)
    assert len(importing.stored(organization="acme")) == OBJECTS


class Vanishing(LocalBucket):
    """A bucket whose sidecars go between the moment in which they are listed and that in which they are read."""

    def read_bytes(self, key: str, max_bytes: int) -> bytes:
        self.delete(key)
        return super().read_bytes(key, max_bytes)


def test_an_object_whose_sidecar_is_taken_away_this_moment_is_imported_without_it(importing: Importing):
    bucket = importing.home.bucket
    bucket.write_text("uploads/acme/contact/a.csv", "external_id\n1\n")
    bucket.write_text("uploads/acme/contact/a.csv.import.yaml", "action: delete\n")
    importing.home.__dict__["bucket"] = Vanishing(importing.settings.local_bucket)
    first = collect_uploads(importing.home, None)
    assert (first.queued, first.refused, first.postponed) == ((), (), 1)
    assert len(collect_uploads(importing.home, first.cursor).queued) == 1
    import_all(importing)
    assert importing.stored(organization="acme") == [{"external_id": "1"}]


KILLED_BEFORE_FAILING = """
import os, signal, sys
from import_pipeline.home import Home
from import_pipeline.service import transitions
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings

transitions.fail = lambda home, reasons: os.kill(os.getpid(), signal.SIGKILL)
collect_uploads(Home(Settings(home=sys.argv[1], settle_seconds=0.0)), None)
"""


def test_an_import_whose_sidecar_is_wrong_is_not_started_by_the_defaults_where_a_tick_dies(importing: Importing):
    bucket = importing.home.bucket
    bucket.write_text("uploads/acme/contact/a.csv", "external_id\n1\n")
    bucket.write_text("uploads/acme/contact/a.csv.import.yaml", "acton: delete\n")
    command = [sys.executable, "-c", KILLED_BEFORE_FAILING, str(importing.settings.home)]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9
    import_all(importing)
    assert importing.stored(organization="acme") == []
    collect_uploads(importing.home, None)
    (record,) = imports.list_imports(importing.home.registry).items
    assert (record.status, "acton" in (record.reason or "")) == (Status.FAILED, True)


TWO_DAEMONS = """
import json, sys
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.starting import next_runs
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings

with ImportRunner(Settings(home=sys.argv[1], settle_seconds=0.0)) as runner:
    runner.warm_up()
    print("ready", flush=True)
    sys.stdin.readline()
    ended = []
    for _ in range(4):
        collect_uploads(runner.home, None)
        for run in next_runs(runner.home, runner.instance).runs:
            for import_id in run.tags["import_pipeline/import"].split(","):
                ended.append(str(runner.execute(import_id).record.status))
    print(json.dumps(ended))
"""


def test_two_daemons_of_one_home_write_each_record_once(importing: Importing):
    for number in range(4):
        key = f"uploads/acme/contact/f{number}.csv"
        importing.home.bucket.write_text(key, f"external_id,first_name\n{number},Name\n{number + 100},Name\n")
    command = [sys.executable, "-c", TWO_DAEMONS, str(importing.settings.home)]
    daemons = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for daemon in daemons:
        assert daemon.stdout is not None
        daemon.stdout.readline()
    for daemon in daemons:
        assert daemon.stdin is not None
        daemon.stdin.write("go\n")
        daemon.stdin.flush()
    answers = [daemon.communicate(timeout=200) for daemon in daemons]
    assert [daemon.returncode for daemon in daemons] == [0, 0], answers[0][1][-2000:] + answers[1][1][-2000:]
    assert json.loads(answers[0][0]) + json.loads(answers[1][0])
    home = importing.home
    assert set(imports_by_object(home).values()) == {1}
    assert {record.status for record in imports.list_imports(home.registry, limit=100).items} == {Status.COMPLETED}
    assert len(importing.stored(organization="acme")) == 8
    for record in queries.find_records(home, "contact", "acme")["data"]:
        assert [event["operation"] for event in queries.history(home, "contact", record["id"], "acme")] == ["created"]


def test_an_import_from_an_object_is_no_new_import_for_a_feed(importing: Importing):
    from import_pipeline.run_config.feeds import parse_feeds
    from import_pipeline.service.discovery import collect_feed

    importing.home.bucket.write_text("uploads/acme/contact/a.csv", "external_id\n1\n")
    feeds = "feeds: [{name: all, cron: '0 6 * * *', url: 'uploads/acme/contact/*.csv'}]"
    (feed,) = parse_feeds(feeds).usable
    collect_uploads(importing.home, None)
    assert collect_feed(importing.home, feed).queued == ()
    assert imports_by_object(importing.home) == {"uploads/acme/contact/a.csv": 1}
    assert ImportSpec(record_type="contact").import_again is False
    assert imports.list_imports(importing.home.registry).items[0].source is Source.BUCKET
