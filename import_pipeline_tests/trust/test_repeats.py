"""Bytes that were imported before are a repeat, under whatever name they come, until a person says otherwise."""

from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.service import confirming, queries, resuming, transitions, undoing
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.service.reconciling import reconcile
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, tables
from import_pipeline.stores.workspace import workspace_path
from import_pipeline.words import Phase, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.trust.uploads import A, B, X, Y, arrive, first_names, import_all, newest, put


@pytest.fixture
def importing(settings: Settings, tmp_path: Path) -> Importing:
    """An empty home whose sensor takes objects as soon as they are there."""
    return Importing(settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


@pytest.fixture
def anywhere(bucket_settings: Settings, tmp_path: Path) -> Importing:
    """The same, once with a folder and once with a real S3 server as its bucket."""
    return Importing(bucket_settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)


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
        transitions.cancel(importing.home, [asked["id"]]).one()
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
    transitions.fail(importing.home, {a: "It broke."})
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
    assert reconcile(importing.home).done == {}
    importing.go(a, since=Phase.PREPARSING)
    import_all(importing)
    after = imports.get(importing.home.registry, b)
    assert (after.status, a in (after.reason or "")) == (Status.CANCELLED, True)


def arrive_only(importing: Importing, key: str, text: str) -> str:
    """Put an object and let the sensor look; gives the import that it queued."""
    put(importing, key, text)
    collect_uploads(importing.home, None)
    return newest(importing)["id"]


def test_of_imports_that_wait_for_each_other_the_one_that_came_first_goes_first(s3_settings: Settings, tmp_path: Path):
    importing = Importing(s3_settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)
    first = arrive_only(importing, A, X)
    transitions.fail(importing.home, {first: "It broke."})
    second = arrive_only(importing, A, X)
    importing.go(second, until=Phase.PREVALIDATION)  # the bytes are its own now
    workspace_path(importing.settings, second).unlink()
    transitions.requeue(importing.home, {second: "Its process ended, with all that it had."})
    resuming.resume(importing.home, first)  # which S3 allows where the same bytes were put there again
    assert f"same bytes as {second}" in importing.go(first)["reason"]
    assert f"same bytes as {first}" in importing.go(second)["reason"]
    import_all(importing)
    import_all(importing)
    ended = [imports.get(importing.home.registry, one) for one in (first, second)]
    assert [(one.status, one.repeat_of) for one in ended] == [(Status.COMPLETED, None), (Status.CANCELLED, first)]


def test_imports_that_an_earlier_version_left_waiting_for_each_other_are_brought_on(importing: Importing):
    for key in (A, B):
        importing.home.bucket.write_text(key, X)
    collect_uploads(importing.home, None)
    first, second = (record.id for record in imports.queued(importing.home.registry, 10))
    table, each = tables.imports, ((first, second), (second, first))
    for one, other in each:
        values = {"status": Status.UPLOADED.value, "waits_for": other}
        statement = table.update().where(table.c.id == one).values(**values)
        importing.home.registry.write(lambda connection, statement=statement: connection.execute(statement))
    assert reconcile(importing.home).done == {first: "wake"}
    import_all(importing)
    import_all(importing)
    assert imports.get(importing.home.registry, first).status is Status.COMPLETED
    assert imports.get(importing.home.registry, second).status is Status.CANCELLED


def test_a_person_may_import_the_same_bytes_again(importing: Importing):
    assert importing.run("external_id\n1\n")["created_count"] == 1
    assert importing.run("external_id\n1\n")["unchanged_count"] == 1
