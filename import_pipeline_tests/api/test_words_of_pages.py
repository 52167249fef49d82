"""What an import says in the words of its page, and what can be said of it beside the page's own fields."""

from typing import Any

import httpx
import pytest

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_guided_flow import uploaded
from import_pipeline_tests.api.test_import_model import sync
from import_pipeline_tests.importing import slow_second_phase

TWO_TABLES = (
    "Email,First name\nann@example.com,Ann\nbob@example.com,Bob\n\n"
    "Domain,Company,City\nexample.com,Acme,Kiel\nexample.org,Best,Bonn\n"
)


def by_upload(served: Served, client: Client, file: str, **asked: Any) -> dict[str, Any]:
    """An import of a file as far as it goes by itself."""
    made = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"} | asked)
    assert httpx.put(made["_upload_url"], content=file.encode()).is_success
    served.run_queued(made["id"])
    return client.get(f"/v1/imports/{made['id']}")


def confirmed(served: Served, client: Client, import_id: str, **decision: Any) -> dict[str, Any]:
    """The import after it was confirmed and has run."""
    client.post(f"/v1/imports/{import_id}/confirm", decision)
    served.run_queued(import_id)
    return client.get(f"/v1/imports/{import_id}")


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("Email,Birthday\na@example.com,01/02/1980\nb@example.com,03/04/1981\n", "date_format"),
        ("Mailing adress,Frist name\na@example.com,Ann\n", "column_mapping"),
        (TWO_TABLES, "table"),
    ],
)
def test_what_an_import_waits_for_is_told_as_a_call_of_its_own_page(
    served_local: Served, file: str, named: str
) -> None:
    client = served_local.client()
    waiting = by_upload(served_local, client, file)
    assert waiting["state"] == "needs_review"
    assert f"POST /v1/imports/{waiting['id']}/confirm" in waiting["reason"]
    assert named in waiting["reason"]
    guided = client.post("/api/imports-get", {"id": waiting["id"]})["result"]
    assert "POST /api/imports-confirm" in guided["reason"]
    assert f"`{named}`" in guided["reason"]
    assert ("column to field" in guided["reason"]) == (named == "column_mapping")
    for reason in (waiting["reason"], guided["reason"]):
        assert "import-pipeline" not in reason
    assert "/v1/" not in guided["reason"]


def test_a_table_of_several_is_chosen_by_confirming(served_local: Served) -> None:
    client = served_local.client()
    waiting = by_upload(served_local, client, TWO_TABLES, resource="company")
    assert [table["columns"] for table in waiting["details"]["tables"]] == [
        ["Email", "First name"],
        ["Domain", "Company", "City"],
    ]
    mapping = {"domain": "Domain", "name": "Company"}
    done = confirmed(served_local, client, waiting["id"], reading={"table": 2}, column_mapping=mapping)
    assert (done["status"], done["created_count"], done["skipped_count"]) == ("completed", 2, done["total_rows"] - 2)
    stored = queries.records(served_local.home, "company", client.organization)
    assert [one["domain"] for one in stored] == ["example.com", "example.org"]

    job = uploaded(client, TWO_TABLES)
    tables = client.post("/api/imports-complete-upload", {"id": job})["result"]["preview"]["tables"]
    assert [table["number"] for table in tables] == [1, 2]
    asked = {"id": job, "column_mapping": {"Email": "email", "First name": "first_name"}, "table": 1}
    client.post("/api/imports-confirm", asked)
    served_local.run_queued(job)
    assert [one["email"] for one in queries.records(served_local.home, "contact", client.organization)] == [
        "ann@example.com",
        "bob@example.com",
    ]


def test_an_import_that_takes_too_long_is_timed_out_in_the_words_of_the_page(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    assert httpx.put(made["_upload_url"], content=b"email,first_name\nann@example.com,Ann\n").is_success
    with ImportRunner(served_local.settings.model_copy(update={"run_seconds": 1}), slow_second_phase) as runner:
        runner.execute(made["id"])
    found = client.get(f"/v1/imports/{made['id']}")
    assert (found["status"], found["state"]) == ("timed_out", "timed_out")
    assert "longer than 1 seconds" in found["reason"]
    listed = client.get("/v1/imports?status=timed_out")["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert client.post("/api/imports-get", {"id": made["id"]})["result"]["status"] == "failed"
    assert queries.record_count(served_local.home, "contact", client.organization) == 0


def test_a_resource_that_nobody_has_is_refused_in_a_filter_as_an_unknown_status_is(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/api/v1/headless/imports/", {"fields": [{"key": "name"}], "initial_data": [{"name": "Ann"}]})
    for query in ("resource=contcat", "resource=contacts", "status=done", f"resource={made['resource']}x"):
        assert client.call("GET", f"/v1/imports?{query}").status_code == 400
    assert client.get("/v1/imports?resource=company")["data"] == []
    assert [one["id"] for one in client.get(f"/v1/imports?resource={made['resource']}")["data"]] == [made["id"]]
    assert served_local.client().call("GET", f"/v1/imports?resource={made['resource']}").status_code == 400


@pytest.mark.parametrize(("mode", "in_sync"), [("sync", 7), ("mixed", 2), ("async", 0)])
def test_phases_say_their_mode_as_the_page_has_it(served_local: Served, mode: str, in_sync: int) -> None:
    client = served_local.client()
    asked: dict[str, Any] = {"resource": "contact", "upload_mode": mode}
    made = client.post("/v1/imports", asked if mode == "async" else asked | {"data": [{"email": "a@example.com"}]})
    assert [phase["mode"] for phase in made["phases"]] == ["sync"] * in_sync + ["async"] * (7 - in_sync)
    if mode == "mixed":
        served_local.run_queued(made["id"])
        done = client.get(f"/v1/imports/{made['id']}")
        assert [phase["mode"] for phase in done["phases"]] == [phase["mode"] for phase in made["phases"]]


def test_a_plain_confirm_accepts_what_is_waited_for(served_local: Served) -> None:
    client = served_local.client()
    sync(client, [{"external_id": f"x{row}", "email": f"p{row}@example.com"} for row in range(30)])
    waiting = sync(client, [{"external_id": "x1", "email": "p1@example.com"}], action="overwrite")
    assert (waiting["state"], waiting["details"]["accepting"]) == ("needs_review", {"confirm_deletions": True})
    assert waiting["details"]["deleted_records"] == 29
    done = confirmed(served_local, client, waiting["id"])
    assert (done["status"], done["overwritten_count"]) == ("completed", 29)
    assert queries.record_count(served_local.home, "contact", client.organization) == 1


def test_columns_that_are_not_imported_are_told_with_the_import(served_local: Served) -> None:
    client = served_local.client()
    done = by_upload(served_local, client, "Email,Shoe size\na@example.com,42\nb@example.com,\n")
    [notice] = done["details"]["notices"]
    assert (notice["code"], notice["count"], notice["columns"]) == ("columns_not_imported", 1, {"Shoe size": 1})
    assert "'Shoe size' (1 value)" in notice["message"]
    assert "keep_unmapped" in done["reason"]


def test_columns_without_a_field_are_kept_where_that_is_said_on_either_page(served_local: Served) -> None:
    client = served_local.client()
    file = "Email,Shoe size\na@example.com,42\n"
    assert by_upload(served_local, client, file, keep_unmapped=True)["details"]["notices"] == []
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert stored["extra"] == '{"Shoe size":"42"}'

    job = uploaded(client, "Email,Hat size\nb@example.com,7\n")
    client.post("/api/imports-complete-upload", {"id": job})
    client.post("/api/imports-confirm", {"id": job, "column_mapping": {"Email": "email"}, "keep_unmapped": True})
    served_local.run_queued(job)
    extras = [one["extra"] for one in queries.records(served_local.home, "contact", client.organization)]
    assert '{"Hat size":"7"}' in extras


def test_a_refusal_without_a_field_is_asked_about_and_goes_on_by_the_call_that_is_named(served_local: Served) -> None:
    client = served_local.client()
    waiting = by_upload(served_local, client, "Email,Do not call\na@example.com,yes\n")
    assert waiting["state"] == "needs_review"
    assert f"POST /v1/imports/{waiting['id']}/confirm" in waiting["reason"]
    assert "keep_unmapped" in waiting["reason"]
    done = confirmed(served_local, client, waiting["id"], keep_unmapped=True)
    assert (done["status"], done["created_count"]) == ("completed", 1)


def test_confirmed_mappings_are_used_again_listed_and_forgotten(served_local: Served) -> None:
    client = served_local.client()
    header = "Nm,Contact point\n"
    waiting = by_upload(served_local, client, f"{header}Ann Lee,a@example.com\nBob May,b@example.com\n")
    mapping = {"full_name": "Nm", "email": "Contact point"}
    assert confirmed(served_local, client, waiting["id"], column_mapping=mapping)["status"] == "completed"
    again = by_upload(served_local, client, f"{header}Cat Low,c@example.com\n")
    assert again["status"] == "completed"
    assert f"as a person confirmed it for import {waiting['id']}" in again["reason"]

    [kept] = client.get("/v1/mappings")["data"]
    assert (kept["column_mapping"], kept["used_count"]) == ({"Nm": "full_name", "Contact point": "email"}, 1)
    assert client.get(f"/v1/mappings/{kept['id']}") == kept
    stranger = served_local.client(organization="stranger")
    assert stranger.get("/v1/mappings")["data"] == []
    assert stranger.call("DELETE", f"/v1/mappings/{kept['id']}").status_code == 404
    assert client.call("DELETE", f"/v1/mappings/{kept['id']}").status_code == 204
    assert client.get("/v1/mappings")["data"] == []
    assert by_upload(served_local, client, f"{header}Dan Fox,d@example.com\n")["state"] == "needs_review"


def test_how_records_are_found_and_what_empties_a_field_can_be_said_beside_the_pages_words(
    served_local: Served,
) -> None:
    client = served_local.client()
    sync(client, [{"external_id": "x1", "email": "ann@example.com", "first_name": "Ann", "city": "Bonn"}])
    row = {"external_id": "x2", "email": "ann@example.com", "city": "-none-"}
    taken = sync(client, [row])
    assert (taken["failed_count"], taken["updated_count"]) == (1, 0)
    done = sync(client, [row], match_by=["email"], clear_token="-none-")
    assert (done["failed_count"], done["updated_count"]) == (0, 1)
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert (stored["external_id"], stored["first_name"], stored["city"]) == ("x2", "Ann", None)

    job = uploaded(client, "External ID,Email,City\nx3,ann@example.com,-none-\n")
    client.post("/api/imports-complete-upload", {"id": job})
    mapping = {"External ID": "external_id", "Email": "email", "City": "city"}
    asked = {"id": job, "column_mapping": mapping, "duplicate_strategy": "merge"}
    said = {"match_by": ["email"], "clear_token": "-none-", "on_possible_duplicate": "skip"}
    client.post("/api/imports-confirm", asked | said)
    served_local.run_queued(job)
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert stored["external_id"] == "x3"


def test_possible_duplicates_are_asked_about_where_that_is_said(served_local: Served) -> None:
    client = served_local.client()
    sync(client, [{"domain": "example.com", "name": "Nord AG"}], resource="company")
    other = [{"domain": "example.com", "name": "Quite Another"}]
    waiting = sync(client, other, resource="company", on_possible_duplicate="ask")
    assert (waiting["state"], waiting["details"]["possible_duplicates"]) == ("needs_review", 1)
    done = confirmed(served_local, client, waiting["id"], on_possible_duplicate="skip")
    assert (done["status"], done["created_count"], done["skipped_count"]) == ("completed", 0, 1)
    again = sync(client, other, resource="company", on_possible_duplicate="ask")
    assert confirmed(served_local, client, again["id"])["created_count"] == 1


def test_references_to_what_is_deleted_are_emptied_where_that_is_said(served_local: Served) -> None:
    client = served_local.client()
    sync(client, [{"external_id": "c1", "name": "Acme"}], resource="company")
    sync(client, [{"external_id": "x1", "email": "a@example.com", "company_external_id": "c1"}])
    gone = [{"external_id": "c1"}]
    kept = sync(client, gone, resource="company", action="delete")
    assert (kept["status"], kept["deleted_count"]) == ("completed", 0)
    assert [notice["code"] for notice in kept["details"]["notices"]] == ["still_referred_to"]
    done = sync(client, gone, resource="company", action="delete", on_referenced="clear")
    assert (done["status"], done["deleted_count"]) == ("completed", 1)


@pytest.mark.parametrize(
    "said",
    [
        {"on_possible_duplicate": "perhaps"},
        {"on_referenced": "drop"},
        {"clear_token": " "},
        {"clear_token": "x" * 33},
        {"tag_delimiter": ""},
    ],
)
def test_what_cannot_be_said_is_refused(served_local: Served, said: dict[str, Any]) -> None:
    client = served_local.client()
    body = {"resource": "contact", "upload_mode": "sync", "data": [{"email": "a@example.com"}]} | said
    answer = client.call("POST", "/v1/imports", body)
    assert answer.status_code in (400, 422)
    assert next(iter(said)) in answer.json()["error"]["message"]
    assert client.get("/v1/imports")["data"] == []
