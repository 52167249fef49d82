"""Drafts: an import that is uploaded, looked at and changed before it starts."""

from typing import Any

import httpx

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

PEOPLE = b"Mail;Name\nanna@example.com;Anna\nbob@example.com;Bob\n"


def draft(client: Client, content: bytes | None = PEOPLE, **body: Any) -> dict[str, Any]:
    """A draft, with its file uploaded unless there is none."""
    asked = client.post("/v1/imports", {"resource": "contact", "start": False, "upload_mode": "async"} | body)
    if content is not None:
        put(asked, content)
    return client.get(f"/v1/imports/{asked['id']}")


def put(asked: dict[str, Any], content: bytes) -> None:
    """PUT the file of an import to its URL."""
    answer = httpx.put(asked["_upload_url"], content=content)
    assert answer.is_success, answer.text


def patch(client: Client, import_id: str, **changes: Any) -> dict[str, Any]:
    """Change an import."""
    answer = client.call("PATCH", f"/v1/imports/{import_id}", changes)
    assert answer.is_success, answer.text
    return answer.json()


def test_a_draft_does_not_start_when_its_file_is_there(served: Served) -> None:
    client = served.client()
    asked = draft(client, None)
    assert (asked["is_draft"], asked["state"], asked["has_upload_file"]) == (True, "requested", False)
    put(asked, PEOPLE)
    came = client.get(f"/v1/imports/{asked['id']}")
    assert (came["is_draft"], came["state"], came["has_upload_file"]) == (True, "uploaded", True)
    assert client.get(f"/v1/imports/{asked['id']}")["state"] == "uploaded"
    assert queries.record_count(served.home, "contact", client.organization) == 0


def test_what_is_asked_of_a_draft_changes_part_by_part_and_null_is_the_default(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client)
    import_id = asked["id"]
    patch(client, import_id, column_mapping={"email": "Mail", "full_name": "Name", "phone": None}, tags=["may"])
    changed = patch(client, import_id, reading={"delimiter": ";", "encoding": "utf-8"}, duplicate_strategy="fill")
    assert changed["spec"]["column_mapping"] == {"email": "Mail", "full_name": "Name"}
    assert (changed["spec"]["tags"], changed["spec"]["duplicate_strategy"]) == (["may"], "fill")
    changed = patch(client, import_id, reading={"encoding": None}, tags=None, column_mapping=None, name="Leads of May")
    assert changed["spec"]["reading"] == {"delimiter": ";"}
    assert (changed["spec"]["tags"], changed["spec"]["column_mapping"]) == ([], None)
    assert (changed["name"], changed["state"], changed["is_draft"]) == ("Leads of May", "uploaded", True)


def test_a_draft_of_another_record_type_forgets_what_meant_fields_of_the_first(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client)
    patch(client, asked["id"], column_mapping={"email": "Mail"}, match_by=["email"], tags=["may"])
    changed = patch(client, asked["id"], resource="company")
    assert (changed["resource"], changed["spec"]["resource"]) == ("company", "company")
    assert (changed["spec"]["column_mapping"], changed["spec"]["match_by"]) == (None, [])
    assert changed["spec"]["tags"] == ["may"]


def test_value_mappings_of_fields_that_are_not_mapped_any_more_go(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client, b"Mail,Status\nanna@example.com,on\n")
    mapping = {"email": "Mail", "status": "Status"}
    changed = patch(client, asked["id"], column_mapping=mapping, value_mappings={"status": {"on": "active"}})
    assert changed["spec"]["value_mappings"] == {"status": {"on": "active"}}
    assert patch(client, asked["id"], column_mapping={"email": "Mail"})["spec"]["value_mappings"] == {}


def test_a_slip_in_a_change_is_refused_by_name_and_changes_nothing(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client)
    for changes, said in (
        ({"column_mapping": {"emial": "Mail"}}, "Did you mean 'email'"),
        ({"match_by": ["emial"]}, "no field 'emial'"),
        ({"column_mapping": {"email": "Mail", "full_name": "Mail"}}, "'Mail'"),
        ({"action": "delete", "duplicate_strategy": "skip"}, "delete"),
        ({"resource": "vehicles"}, "vehicles"),
        ({"reading": {"delimiter": ""}}, "delimiter"),
        ({"dry_run": True}, "dry_run"),
    ):
        answer = client.call("PATCH", f"/v1/imports/{asked['id']}", changes)
        assert answer.status_code in (400, 422), answer.text
        assert said in answer.text
    assert client.get(f"/v1/imports/{asked['id']}")["spec"] == asked["spec"]


def test_an_import_that_has_started_keeps_what_was_asked_and_only_its_name_changes(served_local: Served) -> None:
    client = served_local.client()
    done = client.post(
        "/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{"email": "a@b.example"}]}
    )
    answer = client.call("PATCH", f"/v1/imports/{done['id']}", {"tags": ["may"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")
    assert "only its name can be changed" in answer.json()["error"]["message"]
    assert patch(client, done["id"], name="Leads of May")["name"] == "Leads of May"
    assert client.get(f"/v1/imports/{done['id']}")["spec"]["tags"] == []


def test_the_file_of_a_draft_may_be_replaced(served: Served) -> None:
    client = served.client()
    asked = draft(client)
    put(client.get(f"/v1/imports/{asked['id']}"), b"E-mail,Phone\neve@example.com,\n")
    found = client.post(f"/v1/imports/{asked['id']}/inspection")
    assert [column["name"] for column in found["columns"]] == ["E-mail", "Phone"]
    assert client.get(f"/v1/imports/{asked['id']}")["is_draft"]


def test_rows_that_come_with_the_call_are_no_draft(served_local: Served) -> None:
    body = {"resource": "contact", "start": False, "data": [{"email": "a@b.example"}]}
    answer = served_local.client().call("POST", "/v1/imports", body)
    assert answer.status_code == 400
    assert "leave start out" in answer.json()["error"]["message"]


def test_a_draft_is_nothing_to_another_organization_and_only_seen_by_who_may_read(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client)
    path = f"/v1/imports/{asked['id']}"
    other = served_local.client()
    assert other.call("PATCH", path, {"name": "Mine now"}).status_code == 404
    assert other.call("POST", f"{path}/inspection", {}).status_code == 404
    reader = served_local.client(client.organization, "read")
    assert reader.call("PATCH", path, {"name": "Mine now"}).status_code == 403
    assert reader.get(path)["_upload_url"] is None
    assert reader.post(f"{path}/inspection")["total_rows"] == 2
