"""Each object is imported once: whatever is killed in the midst, whoever looks at once, in any order."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from import_pipeline.imports import ImportService
from import_pipeline.orchestration.collecting import collect_uploads
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.words import Source, Status
from import_pipeline_tests.importing import Importing

OBJECTS = 10


@pytest.fixture
def importing(home: Settings, tmp_path: Path) -> Importing:
    """An empty home whose sensor takes objects as soon as they are there."""
    return Importing(home.model_copy(update={"settle_seconds": 0.0}), tmp_path)


def fill(importing: Importing) -> None:
    for number in range(OBJECTS):
        key = f"uploads/acme/contact/f{number:02}.csv"
        importing.service.bucket.write_text(key, f"external_id,first_name\n{number},Name {number}\n")


def import_all(importing: Importing) -> None:
    for record in importing.service.registry.queued(1_000):
        importing.go(record.id)


def imports_by_object(service: ImportService) -> Counter:
    return Counter(record.object_key for record in service.registry.list(limit=1_000).items)


TICKING = """
import sys
from import_pipeline.imports import ImportService
from import_pipeline.orchestration.collecting import collect_uploads
from import_pipeline.settings import Settings

service = ImportService(Settings(home=sys.argv[1], settle_seconds=0.0))
service.registry.count_by_status(), service.bucket
print("ready", flush=True)
sys.stdin.readline()
print(sum(len(collect_uploads(service, None).queued) for _ in range(3)))
"""


def test_two_sensors_that_look_at_once_queue_each_object_once(importing: Importing):
    fill(importing)
    command = [sys.executable, "-c", TICKING, str(importing.settings.home)]
    ticking = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in ticking:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in ticking:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0] for process in ticking]
    assert [process.returncode for process in ticking] == [0, 0, 0]
    assert max(map(int, told)) > 0
    assert set(imports_by_object(importing.service).values()) == {1}
    import_all(importing)
    assert len(importing.stored(organization="acme")) == OBJECTS


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_same_bytes_under_two_names_are_imported_once_in_whichever_order_they_come(importing: Importing, order):
    for name in order:
        importing.service.bucket.write_text(f"uploads/acme/contact/{name}.csv", "external_id\n1\n")
        collect_uploads(importing.service, None)
    import_all(importing)
    found = {record.object_key: record.status for record in importing.service.registry.list().items}
    assert sorted(found.values()) == [Status.CANCELLED, Status.COMPLETED]
    assert len(importing.stored(organization="acme")) == 1


def test_new_bytes_under_the_same_name_are_a_new_import_that_names_the_one_before(importing: Importing):
    key = "uploads/acme/contact/a.csv"
    for text in ("external_id\n1\n", "external_id\n1\n2\n"):
        importing.service.bucket.write_text(key, text)
        collect_uploads(importing.service, None)
        import_all(importing)
    second, first = importing.service.registry.list().items
    shown = importing.service.import_object(second.id)
    assert (shown["supersedes"], shown["created_count"]) == (first.id, 1)
    importing.service.bucket.write_text(key, "external_id\n1\n")  # the first bytes once more: they are known
    collect_uploads(importing.service, None)
    import_all(importing)
    third = importing.service.import_object(importing.service.registry.list().items[0].id)
    assert (third["status"], third["supersedes"]) == ("cancelled", second.id)


def test_a_person_may_import_the_same_bytes_again(importing: Importing):
    assert importing.run("external_id\n1\n")["created_count"] == 1
    assert importing.run("external_id\n1\n")["unchanged_count"] == 1


KILLED_BEFORE_FAILING = """
import os, signal, sys
from import_pipeline.imports import ImportService
from import_pipeline.orchestration.collecting import collect_uploads
from import_pipeline.settings import Settings

ImportService.fail = lambda self, import_id, reason: os.kill(os.getpid(), signal.SIGKILL)
collect_uploads(ImportService(Settings(home=sys.argv[1], settle_seconds=0.0)), None)
"""


def test_an_import_whose_sidecar_is_wrong_is_not_started_by_the_defaults_where_a_tick_dies(importing: Importing):
    bucket = importing.service.bucket
    bucket.write_text("uploads/acme/contact/a.csv", "external_id\n1\n")
    bucket.write_text("uploads/acme/contact/a.csv.import.yaml", "acton: delete\n")
    command = [sys.executable, "-c", KILLED_BEFORE_FAILING, str(importing.settings.home)]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9
    import_all(importing)
    assert importing.stored(organization="acme") == []
    collect_uploads(importing.service, None)
    (record,) = importing.service.registry.list().items
    assert (record.status, "acton" in (record.reason or "")) == (Status.FAILED, True)


TWO_DAEMONS = """
import json, sys
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.starting import next_runs
from import_pipeline.orchestration.collecting import collect_uploads
from import_pipeline.settings import Settings

with ImportRunner(Settings(home=sys.argv[1], settle_seconds=0.0)) as runner:
    runner.warm_up()
    print("ready", flush=True)
    sys.stdin.readline()
    ended = []
    for _ in range(4):
        collect_uploads(runner.service, None)
        for run in next_runs(runner.service, runner.instance).runs:
            for import_id in run.tags["import_pipeline/import"].split(","):
                ended.append(str(runner.execute(import_id).record.status))
    print(json.dumps(ended))
"""


def test_two_daemons_of_one_home_write_each_record_once(importing: Importing):
    for number in range(4):
        key = f"uploads/acme/contact/f{number}.csv"
        importing.service.bucket.write_text(key, f"external_id,first_name\n{number},Name\n{number + 100},Name\n")
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
    service = importing.service
    assert set(imports_by_object(service).values()) == {1}
    assert {record.status for record in service.registry.list(limit=100).items} == {Status.COMPLETED}
    assert len(importing.stored(organization="acme")) == 8
    for record in service.find_records("contact", "acme")["data"]:
        assert [event["operation"] for event in service.history("contact", record["id"], "acme")] == ["created"]


def test_an_import_from_an_object_is_no_new_import_for_a_feed(importing: Importing):
    from import_pipeline.orchestration.collecting import collect_feed
    from import_pipeline.run_config.feeds import parse_feeds

    importing.service.bucket.write_text("uploads/acme/contact/a.csv", "external_id\n1\n")
    feeds = "feeds: [{name: all, cron: '0 6 * * *', url: 'uploads/acme/contact/*.csv'}]"
    (feed,) = parse_feeds(feeds)
    collect_uploads(importing.service, None)
    assert collect_feed(importing.service, feed).queued == ()
    assert imports_by_object(importing.service) == {"uploads/acme/contact/a.csv": 1}
    assert ImportSpec(record_type="contact").import_again is False
    assert importing.service.registry.list().items[0].source is Source.BUCKET
