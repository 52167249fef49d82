"""What the client of page 003 sends and reads, at the addresses where it looks."""

import json
from typing import Any

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

GUESTS = (
    "First,Last,E-Mail,Phase\n"
    "Ann,Lee,ann@example.com,new\n"
    "Bob,Ray,bob@example.com,Old customer\n"
    "Cid,Poe,cid@example.com,\n"
)
MAPPINGS = {"first_name": "first", "last_name": "last", "email_1": "e_mail", "status": "phase"}
CONSTANTS = {
    "status": [
        {"id": "lead", "values": ["new"]},
        {"id": "customer", "values": ["Old customer"]},
        {"id": "", "values": [""]},
    ]
}


@pytest.fixture
def client(served_local: Served) -> Client:
    return served_local.client()


def uploaded(client: Client, path: str, **form: str) -> dict[str, Any]:
    """What the client does with a file: a JSON:API document as a form, nothing said of a preview."""
    answer = client.http.post(
        path,
        data={"data[type]": "imports", **form},
        files={"data[attributes][file]": ("guests.csv", GUESTS.encode(), "text/csv")},
        headers={"Authorization": f"Bearer {client.token}"},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def put(client: Client, path: str, import_id: str, **attributes: Any) -> httpx.Response:
    """What the client does with a change."""
    document = {
        "data": {
            "type": "imports",
            "id": import_id,
            "attributes": {"overwrite": True, **attributes},
            "relationships": {"sample_contacts": {"data": [{"id": "row-1", "type": "sample_contacts"}]}},
        }
    }
    return client.http.put(
        f"{path}/{import_id}?include=sample_contacts,sample_contacts.addresses",
        content=json.dumps(document),
        headers={"Authorization": f"Bearer {client.token}", "Content-Type": "application/vnd.api+json"},
    )


@pytest.mark.parametrize("prefix", ["", "/api/v2"])
def test_a_file_goes_from_its_upload_to_the_finished_import(served_local: Served, client: Client, prefix: str) -> None:
    path = f"{prefix}/account_lists/{client.organization}/imports/csv"
    created = uploaded(client, path)["data"]
    assert created["type"] == "imports"
    assert created["attributes"]["in_preview"] is True
    assert created["attributes"]["file_headers"]["e_mail"] == "E-Mail"
    import_id = created["id"]

    mapped = put(client, path, import_id, file_headers_mappings=MAPPINGS, file_constants_mappings=CONSTANTS)
    assert mapped.status_code == 200, mapped.text
    document = mapped.json()
    assert document["data"]["attributes"]["file_headers_mappings"] == MAPPINGS
    assert document["data"]["attributes"]["in_preview"] is True
    shown = {(one["type"], one["id"]): one["attributes"] for one in document["included"]}
    named = [(one["type"], one["id"]) for one in document["data"]["relationships"]["sample_contacts"]["data"]]
    assert [shown[one]["email"] for one in named] == ["ann@example.com", "bob@example.com", "cid@example.com"]
    assert [shown[one]["status"] for one in named] == ["lead", "customer", None]

    assert put(client, path, import_id, tag_list="fair,2026", in_preview=False).status_code == 200
    served_local.run_queued(import_id)
    done = client.get(f"{path}/{import_id}?include=sample_contacts")["data"]
    assert done["attributes"]["in_preview"] is False
    stored = queries.records(served_local.home, "contact", client.organization)
    assert [(one["email"], one["status"], one["tags"]) for one in stored] == [
        ("ann@example.com", "lead", ["fair", "2026"]),
        ("bob@example.com", "customer", ["fair", "2026"]),
        ("cid@example.com", None, ["fair", "2026"]),
    ]
    assert [one["id"] for one in client.get(path)["data"]] == [import_id]


def test_an_envelope_says_what_plain_fields_say(client: Client) -> None:
    path = f"/api/v2/account_lists/{client.organization}/imports"
    form = {
        "data[attributes][in_preview]": "true",
        "data[attributes][override]": "true",
        "data[attributes][tag_list]": "fair",
        "data[attributes][file_headers_mappings][email]": "e_mail",
        "data[relationships][user][data][id]": "u1",
        "data[relationships][user][data][type]": "users",
    }
    in_envelope = uploaded(client, path, **form)["data"]
    plain = {"in_preview": "true", "override": "true", "tag_list": "fair", "user": json.dumps({"id": "u1"})}
    as_fields = uploaded(client, path, **plain, file_headers_mappings=json.dumps({"email": "e_mail"}))["data"]
    assert in_envelope["relationships"] == as_fields["relationships"]
    assert in_envelope["relationships"]["user"]["data"] == {"id": "u1", "type": "users"}
    changing = {"created_at", "updated_at", "updated_in_db_at", "file_url"}
    assert {name: value for name, value in in_envelope["attributes"].items() if name not in changing} == {
        name: value for name, value in as_fields["attributes"].items() if name not in changing
    }


def test_headers_are_mapped_by_their_keys_in_the_first_call(served_local: Served, client: Client) -> None:
    path = f"/account_lists/{client.organization}/imports"
    mapping = json.dumps({"first_name": "first", "email": "e_mail"})
    created = uploaded(client, path, file_headers_mappings=mapping)["data"]
    assert created["attributes"]["in_preview"] is False
    served_local.run_queued(created["id"])
    stored = queries.records(served_local.home, "contact", client.organization)
    assert (stored[0]["first_name"], stored[0]["email"]) == ("Ann", "ann@example.com")


def test_only_who_says_overwrite_changes_what_changed_meanwhile(client: Client) -> None:
    path = f"/account_lists/{client.organization}/imports/csv"
    import_id = uploaded(client, path)["data"]["id"]
    seen = "2020-01-01T00:00:00Z"
    refused = put(client, path, import_id, updated_in_db_at=seen, tag_list="x", overwrite=False)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "changed_since")
    changed = put(client, path, import_id, updated_in_db_at=seen, tag_list="x")
    assert changed.status_code == 200
    assert changed.json()["data"]["attributes"]["tag_list"] == "x"


def test_a_name_that_is_a_header_and_another_one_s_key_is_refused_with_both(client: Client) -> None:
    path = f"/account_lists/{client.organization}/imports"
    answer = client.http.post(
        path,
        data={"in_preview": "true", "file_headers_mappings": json.dumps({"email": "e_mail"})},
        files={"file": ("a.csv", b"E-Mail,e_mail\nann@example.com,bob@example.com\n", "text/csv")},
        headers={"Authorization": f"Bearer {client.token}"},
    )
    assert answer.status_code == 400
    assert "Write 'E-Mail' itself, or 'e_mail_2'" in answer.json()["error"]["message"]
