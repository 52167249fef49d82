"""Each object is imported once: whatever is killed in the midst, whoever looks at once, in any order."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import confirming, queries, resuming, transitions, undoing
from import_pipeline.service.deduplication import settle_waiting
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.importing import Importing

OBJECTS = 10


@pytest.fixture
def importing(settings: Settings, tmp_path: Path) -> Importing:
    """An empty home whose sensor takes objects as soon as they are there."""
    return Importing(settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


@pytest.fixture
def anywhere(bucket_settings: Settings, tmp_path: Path) -> Importing:
    """The same, once with a folder and once with a real S3 server as its bucket."""
    return Importing(bucket_settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


A, B = "uploads/acme/contact/a.csv", "uploads/acme/contact/b.csv"
X, Y = "external_id,first_name\n1,Ada\n", "external_id,first_name\n1,Augusta\n"


def put(importing: Importing, key: str, text: str) -> None:
    """Put an object; S3 tells the time of its change in whole seconds."""
    if importing.settings.bucket_url:
        time.sleep(1.1)
    importing.home.bucket.write_text(key, text)


def arrive(importing: Importing, key: str, text: str) -> dict:
    """Put an object, let the sensor look and the queue run; gives the newest import."""
    put(importing, key, text)
    collect_uploads(importing.home, None)
    import_all(importing)
    return newest(importing)


def newest(importing: Importing) -> dict:
    return queries.import_object(importing.home, imports.list_imports(importing.home.registry).items[0].id)


def first_names(importing: Importing) -> list:
    return [record.get("first_name") for record in importing.stored(organization="acme")]


def fill(importing: Importing) -> None:
    for number in range(OBJECTS):
        key = f"uploads/acme/contact/f{number:02}.csv"
        importing.home.bucket.write_text(key, f"external_id,first_name\n{number},Name {number}\n")


def import_all(importing: Importing) -> None:
    for record in imports.queued(importing.home.registry, 1_000):
        importing.go(record.id)


def imports_by_object(home: Home) -> Counter:
    return Counter(record.object_key for record in imports.list_imports(home.registry, limit=1_000).items)


TICKING = """
import sys
from import_pipeline.home import Home
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings

home = Home(Settings(home=sys.argv[1], settle_seconds=0.0))
imports.count_by_status(home.registry), home.bucket
print("ready", flush=True)
sys.stdin.readline()
print(sum(len(collect_uploads(home, None).queued) for _ in range(3)))
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
    assert set(imports_by_object(importing.home).values()) == {1}
    import_all(importing)
    assert len(importing.stored(organization="acme")) == OBJECTS


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_same_bytes_under_two_names_are_imported_once_in_whichever_order_they_come(importing: Importing, order):
    for name in order:
        importing.home.bucket.write_text(f"uploads/acme/contact/{name}.csv", "external_id\n1\n")
        collect_uploads(importing.home, None)
    import_all(importing)
    found = {record.object_key: record.status for record in imports.list_imports(importing.home.registry).items}
    assert sorted(found.values()) == [Status.CANCELLED, Status.COMPLETED]
    assert len(importing.stored(organization="acme")) == 1


def test_new_bytes_under_the_same_name_are_a_new_import_that_names_the_one_before(importing: Importing):
    key = "uploads/acme/contact/a.csv"
    for text in ("external_id\n1\n", "external_id\n1\n2\n"):
        importing.home.bucket.write_text(key, text)
        collect_uploads(importing.home, None)
        import_all(importing)
    second, first = imports.list_imports(importing.home.registry).items
    shown = queries.import_object(importing.home, second.id)
    assert (shown["supersedes"], shown["created_count"]) == (first.id, 1)


def test_a_file_that_goes_back_to_its_former_content_is_imported(anywhere: Importing):
    done = [arrive(anywhere, A, text) for text in (X, Y, X)]
    assert [one["status"] for one in done] == ["completed"] * 3
    assert done[2]["supersedes"] == done[1]["id"]
    assert first_names(anywhere) == ["Ada"]


def test_the_same_bytes_under_one_key_once_more_are_seen_and_told_to_be_a_repeat(anywhere: Importing):
    first = arrive(anywhere, A, X)
    second = arrive(anywhere, A, X)
    assert (second["status"], second["supersedes"]) == ("cancelled", first["id"])
    assert f"same bytes as {first['id']}" in second["reason"]
    third = arrive(anywhere, A, X)
    assert (third["status"], f"same bytes as {first['id']}" in third["reason"]) == ("cancelled", True)


def test_a_repeat_is_imported_where_a_person_resumes_it_or_its_sidecar_says_so(anywhere: Importing):
    arrive(anywhere, A, X)
    repeat = arrive(anywhere, A, X)
    resuming.resume(anywhere.home, repeat["id"])
    assert anywhere.go(repeat["id"])["unchanged_count"] == 1
    put(anywhere, f"{A}.import.yaml", "import_again: true\n")
    assert arrive(anywhere, A, X)["unchanged_count"] == 1


def test_a_corrected_sidecar_takes_its_object_up_again(anywhere: Importing):
    put(anywhere, f"{A}.import.yaml", "acton: merge\n")
    refused = arrive(anywhere, A, X)
    assert (refused["status"], "is corrected" in refused["reason"]) == ("failed", True)
    assert collect_uploads(anywhere.home, None).queued == ()
    put(anywhere, f"{A}.import.yaml", "action: merge\ntags: [vip]\n")
    collect_uploads(anywhere.home, None)
    import_all(anywhere)
    done = newest(anywhere)
    assert (done["status"], done["created_count"], done["supersedes"]) == ("completed", 1, refused["id"])
    assert anywhere.stored(organization="acme")[0]["tags"] == ["vip"]
    put(anywhere, f"{A}.import.yaml", "action: delete\n")  # what was imported is not taken up again
    late = collect_uploads(anywhere.home, None)
    assert ([report.reason for report in late.reported], late.queued) == (["late_sidecar"], ())


def test_an_import_that_was_refused_for_its_sidecar_is_resumed_by_the_sidecar_as_it_is_then(importing: Importing):
    put(importing, f"{A}.import.yaml", "acton: merge\n")
    refused = arrive(importing, A, X)["id"]
    with pytest.raises(MisuseError, match="acton"):
        resuming.resume(importing.home, refused)
    put(importing, f"{A}.import.yaml", "tags: [vip]\n")
    resuming.resume(importing.home, refused)
    importing.go(refused)
    assert importing.stored(organization="acme")[0]["tags"] == ["vip"]


def test_the_same_bytes_under_another_name_are_a_repeat_until_something_else_is_written(importing: Importing):
    first = arrive(importing, A, X)["id"]
    assert arrive(importing, B, X)["status"] == "cancelled"
    other = importing.run("external_id,first_name\n1,Other\n", organization="acme")["id"]
    asked = arrive(importing, "uploads/acme/contact/c.csv", X)
    assert asked["status"] == "needs_review"
    assert all(text in asked["reason"] for text in (first, other, f"import-pipeline confirm {asked['id']}"))
    confirming.confirm(importing.home, asked["id"])
    assert importing.go(asked["id"])["updated_count"] == 1
    assert first_names(importing) == ["Ada"]


def test_the_bytes_of_an_import_that_was_undone_come_in_again_only_when_a_person_says_so(importing: Importing):
    first = arrive(importing, A, X)["id"]
    undoing.undo(importing.home, first)
    for key in (A, B):
        asked = arrive(importing, key, X)
        assert (asked["status"], first in asked["reason"]) == ("needs_review", True)
        transitions.cancel(importing.home, asked["id"])
    assert first_names(importing) == []


def test_a_repeat_waits_for_the_import_that_has_the_same_bytes_and_is_imported_if_that_one_fails(importing: Importing):
    for key in (A, B):
        importing.home.bucket.write_text(key, X)
    collect_uploads(importing.home, None)
    a, b = (record.id for record in imports.queued(importing.home.registry, 10))
    importing.go(a, until=Phase.PARSING)
    waits = importing.go(b)
    assert (waits["status"], f"same bytes as {a}" in waits["reason"]) == ("uploaded", True)
    assert imports.queued(importing.home.registry, 10) == []
    transitions.fail(importing.home, a, "It broke.")
    import_all(importing)
    assert imports.get(importing.home.registry, b).status is Status.COMPLETED
    assert first_names(importing) == ["Ada"]


def test_a_repeat_that_waited_is_cancelled_once_the_other_one_is_imported(importing: Importing):
    for key in (A, B):
        importing.home.bucket.write_text(key, X)
    collect_uploads(importing.home, None)
    a, b = (record.id for record in imports.queued(importing.home.registry, 10))
    importing.go(a, until=Phase.PREVALIDATION)
    importing.go(b)
    assert settle_waiting(importing.home) == []
    importing.go(a, since=Phase.PREPARSING)
    import_all(importing)
    after = imports.get(importing.home.registry, b)
    assert (after.status, a in (after.reason or "")) == (Status.CANCELLED, True)


def test_a_person_may_import_the_same_bytes_again(importing: Importing):
    assert importing.run("external_id\n1\n")["created_count"] == 1
    assert importing.run("external_id\n1\n")["unchanged_count"] == 1


KILLED_BEFORE_FAILING = """
import os, signal, sys
from import_pipeline.home import Home
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.settings import Settings

Home.fail = lambda self, import_id, reason: os.kill(os.getpid(), signal.SIGKILL)
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
