"""The multipart imports of page 003, from the first call to the finished import."""

import json
from typing import Any

import httpx

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

GUESTS = (
    "Spouse-fname,First,Last,Mail,Phase,Tags\n"
    ",Ann,Lee,ann@example.com,new,a;b\n"
    "\n"
    "Eve,Bob,Ray,bob@,Old customer,\n"
    ",Cid,Poe,cid@example.com,new,c\n"
    ",Dan,Fox,dan@example.com,,\n"
    ",Eli,Kay,eli@example.com,new,\n"
)
HEADERS = {"first_name": "first", "last_name": "Last", "email_1": "mail", "status": "phase", "tags": "tags"}
CONSTANTS = {
    "status": [
        {"id": "lead", "values": ["new"]},
        {"id": "customer", "values": ["Old customer"]},
        {"id": "", "values": [""]},
    ]
}


def imports_of(client: Client) -> str:
    return f"/v1/organizations/{client.organization}/imports"


def sent(client: Client, file: str = GUESTS, **attributes: Any) -> httpx.Response:
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}
    return client.http.post(
        imports_of(client),
        data=form,
        files={"file": ("guests.csv", file.encode(), "text/csv")},
        headers={"Authorization": f"Bearer {client.token}"},
    )


def test_a_preview_is_shown_changed_and_started(served: Served) -> None:
    client = served.client()
    created = sent(client, in_preview="true", tag_list="vip, 2026", source="fair", user={"id": "u1"}, override="true")
    assert created.status_code == 201, created.text
    shown = created.json()["data"]
    attributes = shown["attributes"]
    assert attributes["in_preview"] is True
    assert attributes["file_headers"]["spouse_fname"] == "Spouse-fname"
    assert attributes["file_constants"]["phase"] == ["", "Old customer", "new"]
    assert not {"mail", "tags", "first"} & set(attributes["file_constants"])
    assert (attributes["tag_list"], attributes["source"], attributes["override"]) == ("vip,2026", "fair", True)
    assert attributes["account_list_id"] == client.organization
    assert shown["relationships"]["user"]["data"]["id"] == "u1"
    assert httpx.get(attributes["file_url"]).text.splitlines()[:2] == GUESTS.splitlines()[:2]

    path = f"{imports_of(client)}/{shown['id']}"
    change = {"file_headers": attributes["file_headers"], "file_headers_mappings": HEADERS}
    document = {"data": {"attributes": change | {"file_constants_mappings": CONSTANTS}}}
    changed = client.call("PUT", path, document)
    assert changed.status_code == 200, changed.text
    sample = changed.json()["data"]["relationships"]["sample_contacts"]["data"]
    assert [one["attributes"]["first_name"] for one in sample] == ["Ann", "Bob", "Cid", "Dan"]
    assert [one["attributes"]["status"] for one in sample] == ["lead", "customer", "lead", None]
    assert sample[0]["attributes"]["tags"][-2:] == ["vip", "2026"]
    assert [one["code"] for one in sample[1]["errors"]] == ["invalid_email"]
    assert queries.record_count(served.home, "contact", client.organization) == 0

    started = client.call("PUT", path, {"in_preview": False})
    assert started.status_code == 200, started.text
    assert started.json()["data"]["attributes"]["in_preview"] is False
    served.run_queued(shown["id"])
    done = client.get(path)["data"]
    assert (done["meta"]["status"], done["meta"]["created_count"], done["meta"]["failed_count"]) == ("completed", 4, 1)
    stored = queries.records(served.home, "contact", client.organization)
    assert {(one["email"], one["status"]) for one in stored} >= {("ann@example.com", "lead"), ("dan@example.com", None)}
    assert all({"vip", "2026"} <= set(one["tags"]) and one["source"] == "fair" for one in stored)
    assert [one["id"] for one in client.get(imports_of(client))["data"]] == [shown["id"]]


def test_without_in_preview_the_import_starts_at_once(served_local: Served) -> None:
    client = served_local.client()
    created = sent(client, "First name,Last name,Email\nAnn,Lee,ann@example.com\n").json()["data"]
    assert created["attributes"]["in_preview"] is False
    served_local.run_queued(created["id"])
    assert queries.record_count(served_local.home, "contact", client.organization) == 1


def test_groups_and_their_tags_choose_and_mark_rows(served_local: Served) -> None:
    client = served_local.client()
    client.post(
        "/v1/imports", {"resource": "group", "upload_mode": "sync", "data": [{"name": "Fair"}, {"name": "Press"}]}
    )
    created = sent(
        client,
        "Email,Groups\nann@example.com,Fair\nbob@example.com,Press\ncid@example.com,\n",
        groups="Fair",
        group_tags={"Fair": ["met", "2026"]},
        import_by_group="true",
        file_headers_mappings={"email": "Email", "groups": "Groups"},
    )
    assert created.status_code == 201, created.text
    shown = created.json()["data"]
    attributes = shown["attributes"]
    assert (attributes["groups"], attributes["import_by_group"]) == ("Fair", True)
    assert attributes["group_tags"] == {"Fair": ["met", "2026"]}
    served_local.run_queued(shown["id"])
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert (stored["email"], stored["tags"]) == ("ann@example.com", ["met", "2026"])
    meta = client.get(f"{imports_of(client)}/{shown['id']}")["data"]["meta"]
    assert (meta["total_rows"], meta["created_count"], meta["failed_count"]) == (3, 1, 0)


def test_override_says_whether_imported_values_beat_stored_ones(served_local: Served) -> None:
    client = served_local.client()
    client.post(
        "/v1/imports",
        {"resource": "contact", "upload_mode": "sync", "data": [{"email": "ann@example.com", "first_name": "Ann"}]},
    )
    file = "Email,First name,Last name\nann@example.com,Anna,Lee\n"
    for override, name in (("false", "Ann"), ("true", "Anna")):
        created = sent(client, file, override=override).json()["data"]
        served_local.run_queued(created["id"])
        [stored] = queries.records(served_local.home, "contact", client.organization)
        assert (stored["first_name"], stored["last_name"]) == (name, "Lee")


def test_a_value_that_no_constant_is_mapped_to_keeps_the_import_in_preview(served_local: Served) -> None:
    client = served_local.client()
    some = {"status": [{"id": "lead", "values": ["new", "gone"]}]}
    mapping = {"email": "Mail", "status": "Phase"}
    created = sent(client, in_preview="true", file_headers_mappings=mapping, file_constants_mappings=some).json()[
        "data"
    ]
    path = f"{imports_of(client)}/{created['id']}"
    refused = client.call("PUT", path, {"in_preview": False})
    assert refused.status_code == 400
    message = refused.json()["error"]["message"]
    assert "'Old customer'" in message
    assert "'gone'" in message
    assert client.get(path)["data"]["attributes"]["in_preview"] is True
    assert client.call("PUT", path, {"in_preview": False, "file_constants_mappings": CONSTANTS}).status_code == 200


def test_a_column_of_many_values_has_no_constants(served_local: Served) -> None:
    client = served_local.client()
    rows = "".join(f"p{row}@example.com,v{row},{row % 100}\n" for row in range(101))
    created = sent(client, f"Email,Kind,Level\n{rows}", in_preview="true").json()["data"]
    assert list(created["attributes"]["file_constants"]) == ["level"]
    assert len(created["attributes"]["file_constants"]["level"]) == 100


def test_what_another_client_changed_meanwhile_is_not_overwritten(served_local: Served) -> None:
    client = served_local.client()
    created = sent(client, in_preview="true").json()["data"]
    change = {"updated_in_db_at": "2020-01-01T00:00:00Z", "tag_list": "x"}
    answer = client.call("PUT", f"{imports_of(client)}/{created['id']}", change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed_since")


def test_refusals_name_what_is_wrong(served_local: Served) -> None:
    client, other = served_local.client(), served_local.client()
    created = sent(client, in_preview="true").json()["data"]
    cases = (
        (sent(client, colour="red"), 400, "colour"),
        (sent(client, ""), 400, "empty"),
        (sent(client, "Email\n"), 422, "header"),
        (client.call("POST", imports_of(client), {"in_preview": True}), 422, "no file"),
        (other.call("GET", f"{imports_of(client)}/{created['id']}"), 404, ""),
        (other.call("GET", f"{imports_of(other)}/{created['id']}"), 404, ""),
        (other.call("PUT", f"{imports_of(other)}/{created['id']}", {"in_preview": False}), 404, ""),
    )
    for answer, status, word in cases:
        assert answer.status_code == status, answer.text
        assert word in answer.json()["error"]["message"]


def test_the_list_counts_and_pages_what_came_this_way_alone(served_local: Served) -> None:
    client = served_local.client()
    ids = []
    for _ in range(3):
        ids.append(sent(client, in_preview="true").json()["data"]["id"])
        client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    pages = [client.get(f"{imports_of(client)}?limit=2&page={page}") for page in (1, 2)]
    assert [[one["id"] for one in page["data"]] for page in pages] == [[ids[2], ids[1]], [ids[0]]]
    assert [page["meta"] for page in pages] == [
        {"page": 1, "limit": 2, "has_more": True, "total_count": 3},
        {"page": 2, "limit": 2, "has_more": False, "total_count": 3},
    ]
