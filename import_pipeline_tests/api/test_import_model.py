"""Imports as pages 001 and 002 model them."""

import asyncio
import csv
import io
import threading
import time
from base64 import b64encode
from typing import Any

import dagster as dg
import httpx

from import_pipeline.api.app import create_app
from import_pipeline.home import Home
from import_pipeline.orchestration import checks
from import_pipeline.service import imports, queries, tokens
from import_pipeline.settings import Settings
from import_pipeline.words import TAG_STATUS, Phase, Status
from import_pipeline_tests.api.serving import Client, Served

PEOPLE = [{"email": "anna@example.com", "first_name": "Anna"}, {"email": "bob@", "first_name": "=Bob"}]


def sync(client: Client, data: Any = None, **body: Any) -> dict[str, Any]:
    """Import rows while waiting."""
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": data or PEOPLE} | body)


def wait_for(client: Client, import_id: str, state: str) -> dict[str, Any]:
    """The import, once it has this state."""
    for _ in range(100):
        found = client.get(f"/v1/imports/{import_id}")
        if found["state"] == state:
            return found
        time.sleep(0.2)
    raise AssertionError(f"It never became {state}.")


def test_an_import_whose_rows_the_bucket_refuses_has_failed_and_waits_for_no_file(settings: Settings) -> None:
    home = Home(settings)
    token, _ = tokens.create(home, "acme")
    settings.local_bucket.write_text("no folder")

    async def create() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(home))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as caller:
            body = {"resource": "contact", "upload_mode": "sync", "data": PEOPLE}
            return await caller.post("/v1/imports", json=body, headers={"Authorization": f"Bearer {token}"})

    assert asyncio.run(create()).status_code == 500
    [made] = imports.list_imports(home, "acme").items
    assert made.status is Status.FAILED


def test_a_sync_import_answers_when_all_is_done_and_its_run_is_in_dagster(served_local: Served) -> None:
    client = served_local.client()
    done = sync(client)
    assert (done["status"], done["created_count"], done["failed_count"]) == ("completed", 1, 1)
    assert done["stats"] == {"created": 1, "updated": 0, "deleted": 0, "overwritten": 0}
    assert {phase["mode"] for phase in done["phases"]} == {"sync"}
    assert [phase["status"] for phase in done["phases"]] == ["completed"] * 7
    assert served_local.ended_run(done["id"]).run_id == done["run_id"]
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert stored["email"] == "anna@example.com"


def test_dagster_is_told_of_a_sync_import_what_it_is_told_of_every_other(served_local: Served) -> None:
    client, instance = served_local.client(), served_local.runner.instance
    done = sync(client)
    assert served_local.ended_run(done["id"]).is_success
    for phase in Phase:
        of_import = dg.AssetRecordsFilter(dg.AssetKey(phase.value), asset_partitions=[done["id"]])
        [told] = instance.fetch_materializations(of_import, limit=10).records
        assert told.run_id == done["run_id"]
    [contacts] = instance.fetch_materializations(dg.AssetKey("contacts"), limit=1).records
    assert contacts.asset_materialization is not None
    assert contacts.asset_materialization.metadata["import"].value == done["id"]
    [decided] = checks.results_before(
        instance, Phase.VALIDATION, done["id"], [checks.key_of(Phase.VALIDATION, checks.DECIDED)]
    )
    assert decided.passed

    waiting = sync(client, [{"Full nme": "Cy Dee", "Mail adress": "cy@example.com"}])
    assert waiting["state"] == "needs_review"
    run = served_local.ended_run(waiting["id"])
    assert (run.status, run.tags[TAG_STATUS]) == (dg.DagsterRunStatus.FAILURE, "needs_review")


def test_an_import_says_nothing_of_our_own_notes(served_local: Served) -> None:
    client = served_local.client()
    assert set(sync(client)["details"]) == {"reading", "notices"}
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    assert asked["details"] == {}


def test_a_thousand_rows_are_imported_while_the_caller_waits(served_local: Served) -> None:
    client = served_local.client()
    sync(client)
    rows = [{"email": f"p{number}@example.com", "first_name": f"P{number}"} for number in range(1_000)]
    started = time.monotonic()
    done = sync(client, rows)
    seconds = time.monotonic() - started
    assert done["created_count"] == 1_000
    assert seconds < 10, "2 s are promised on a quiet machine"


def test_a_mixed_import_answers_when_all_is_checked_and_writes_afterwards(served_local: Served) -> None:
    client = served_local.client()
    waiting = client.post("/v1/imports", {"resource": "contact", "data": PEOPLE})
    assert (waiting["upload_mode"], waiting["status"]) == ("mixed", "queued")
    assert [phase["status"] for phase in waiting["phases"]] == ["completed"] * 5 + ["pending"] * 2
    assert (waiting["failed_count"], waiting["created_count"], waiting["processed_rows"]) == (1, 0, 1)
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    served_local.run_queued(waiting["id"])
    done = client.get(f"/v1/imports/{waiting['id']}")
    assert (done["status"], done["created_count"]) == ("completed", 1)


def test_a_file_put_to_the_upload_url_is_imported_without_another_word(served: Served) -> None:
    client = served.client()
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async", "name": "Leads of May"})
    assert (asked["status"], asked["has_upload_file"]) == ("requested", False)
    assert httpx.put(asked["_upload_url"], content=b"E-mail;Name\nanna@example.com;Anna\nbob@;Bob\n").is_success
    queued = wait_for(client, asked["id"], "queued")
    assert queued["_upload_url"] is None
    served.run_queued(asked["id"])

    done = client.get(f"/v1/imports/{asked['id']}")
    assert (done["status"], done["name"], done["created_count"]) == ("completed", "Leads of May", 1)
    assert len(done["checksum"]) == 64
    assert done["column_mapping"]["email"] == "E-mail"
    files = {name: httpx.get(done[name]).text for name in done if name.startswith("_") and done[name]}
    assert files["_upload_csv_url"].startswith("E-mail;Name\n")
    assert httpx.Response(200, text=files["_upload_json_url"]).json()[0] == {
        "E-mail": "anna@example.com",
        "Name": "Anna",
    }
    [failed] = csv.DictReader(io.StringIO(files["_errors_csv_url"]))
    assert (failed["E-mail"], failed["import_row_number"], failed["import_error_codes"]) == (
        "bob@",
        "2",
        "invalid_email",
    )
    assert httpx.Response(200, text=files["_errors_json_url"]).json()[0]["E-mail"] == "bob@"
    assert [row["outcome"] for row in csv.DictReader(io.StringIO(files["_results_csv_url"]))] == ["created", "failed"]


def test_a_mended_errors_file_is_imported_as_a_retry(served_local: Served) -> None:
    client = served_local.client()
    first = sync(client)
    errors = httpx.get(first["_errors_csv_url"]).text
    mended = b64encode(errors.replace("bob@", "bob@example.com").encode()).decode()
    again = sync(client, mended, retry_of=first["id"])
    assert (again["status"], again["created_count"], again["retry_of"]) == ("completed", 1, first["id"])
    names = {
        one["email"]: one["first_name"] for one in queries.records(served_local.home, "contact", client.organization)
    }
    assert names == {"anna@example.com": "Anna", "bob@example.com": "=Bob"}


def test_overwrite_delete_and_duplicate_handling_do_what_the_page_says(served_local: Served) -> None:
    client = served_local.client()
    twice = [{"email": "a@example.com"}, {"email": "a@example.com"}, {"email": "b@example.com"}]
    ignored = sync(client, twice)
    assert (ignored["created_count"], ignored["skipped_count"]) == (1, 2)
    first = sync(client, twice, duplicate_handling="use_first")
    assert first["created_count"] == 1
    over = sync(client, [{"email": "a@example.com"}], action="overwrite")
    assert over["stats"]["overwritten"] == 1
    [left] = queries.records(served_local.home, "contact", client.organization)
    gone = sync(client, [{"id": left["id"]}], action="delete")
    assert gone["stats"]["deleted"] == 1
    assert queries.record_count(served_local.home, "contact", client.organization) == 0


def test_rows_whose_keys_are_fields_need_no_mapping_even_with_the_records_id(served_local: Served) -> None:
    client = served_local.client()
    sync(client, [{"email": "anna@example.com", "first_name": "Anna"}])
    [stored] = queries.records(served_local.home, "contact", client.organization)
    changed = sync(client, [{"id": stored["id"], "first_name": "Anne"}])
    assert (changed["status"], changed["updated_count"]) == ("completed", 1)
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert (stored["first_name"], stored["email"]) == ("Anne", "anna@example.com")


def test_an_import_that_needs_a_mapping_says_so_and_goes_on_when_it_is_given(served_local: Served) -> None:
    client = served_local.client()
    waiting = sync(client, [{"e_mial": "anna@example.com", "zzz": "1"}])
    assert (waiting["status"], waiting["state"]) == ("failed", "needs_review")
    assert "mapped" in waiting["reason"]
    assert "import-pipeline" not in waiting["reason"]
    assert waiting["reason"].endswith(
        f"POST /v1/imports/{waiting['id']}/confirm with it as `column_mapping`, field to column."
    )
    confirmed = client.post(f"/v1/imports/{waiting['id']}/confirm", {"column_mapping": {"email": "e_mial"}})
    assert confirmed["status"] == "queued"
    served_local.run_queued(waiting["id"])
    assert client.get(f"/v1/imports/{waiting['id']}")["created_count"] == 1


def test_imports_are_listed_filtered_named_and_cancelled(served_local: Served) -> None:
    client = served_local.client()
    ids = [client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["id"] for _ in range(3)]
    page = client.get("/v1/imports?limit=2")
    assert ([one["id"] for one in page["data"]], page["has_more"], page["total_count"]) == (ids[:0:-1], True, 3)
    assert client.call("PATCH", f"/v1/imports/{ids[0]}", {"name": "First"}).json()["name"] == "First"
    cancelled = client.post(f"/v1/imports/{ids[0]}/cancel")
    assert (cancelled["status"], cancelled["state"]) == ("failed", "cancelled")
    assert client.call("POST", f"/v1/imports/{ids[0]}/cancel").status_code == 409
    assert client.get("/v1/imports?status=requested")["total_count"] == 2
    assert client.get("/v1/imports?status=failed")["total_count"] == 1
    assert client.get("/v1/imports?resource=company")["total_count"] == 0


def test_a_body_that_is_no_json_is_refused_in_words(served_local: Served) -> None:
    client = served_local.client()
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    for body in (b"{bad", b"\xff\xfe"):
        answer = client.http.post("/v1/imports", content=body, headers=headers)
        assert answer.status_code == 422
        assert "The body: No JSON" in answer.json()["error"]["message"]


def test_a_method_that_does_not_fit_is_answered_with_those_that_do(served_local: Served) -> None:
    client = served_local.client()
    for path, methods in (
        ("/v1/imports", "GET, POST"),
        ("/v1/imports/imp_1", "GET, PATCH"),
        ("/v1/imports/a/cancel", "POST"),
    ):
        answer = client.call("DELETE", path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


def test_contradictions_are_refused_with_both_readings(served_local: Served) -> None:
    client = served_local.client()
    for body in ({"upload_mode": "sync"}, {"upload_mode": "async", "data": PEOPLE}):
        answer = client.call("POST", "/v1/imports", {"resource": "contact"} | body)
        assert answer.status_code == 400
        assert answer.json()["error"]["details"]["readings"] == ["sync", "async"]
    assert client.get("/v1/imports")["total_count"] == 0


def test_looking_at_defects_does_not_get_in_the_way_of_a_run(served_local: Served) -> None:
    client = served_local.client()
    waiting = sync(client, [{"e_mial": "bob@", "zzz": "1"}])
    client.post(f"/v1/imports/{waiting['id']}/confirm", {"column_mapping": {"email": "e_mial"}})
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            assert client.call("GET", f"/v1/imports/{waiting['id']}/defects").status_code in (200, 409)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        served_local.run_queued(waiting["id"])
    finally:
        done.set()
        looking.join()
    assert client.get(f"/v1/imports/{waiting['id']}")["failed_count"] == 1
    [defect] = client.get(f"/v1/imports/{waiting['id']}/defects")["data"]
    assert (defect["row_number"], defect["code"]) == (1, "invalid_email")
