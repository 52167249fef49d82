"""Undoing an import over HTTP."""

import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

PEOPLE = [{"email": "anna@example.com", "first_name": "Anna"}, {"email": "bob@example.com", "first_name": "Bob"}]


def imported(client: Client, rows: list[dict[str, str]]) -> dict:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": rows})


@pytest.fixture
def client(served_local: Served) -> Client:
    return served_local.client()


def test_an_import_is_undone_after_a_dry_run_that_says_what_would_happen(served_local: Served, client: Client) -> None:
    done = imported(client, PEOPLE)
    imported(client, [{"email": "bob@example.com", "last_name": "Ray"}])
    path = f"/v1/imports/{done['id']}/undo"
    would = client.post(f"{path}?dry_run=true")
    assert (would["action"], would["undoes"], would["dry_run"]) == ("undo", done["id"], True)
    assert would["undo"] == {"reverted": 1, "kept": 1, "errored": 0}
    assert queries.record_count(served_local.home, "contact", client.organization) == 2
    assert client.get(f"/v1/imports/{done['id']}")["state"] == "completed"

    undo = client.post(path)
    assert (undo["state"], undo["source"], undo["created_by"]) == ("completed", "api", done["created_by"])
    assert undo["undo"] == {"reverted": 1, "kept": 1, "errored": 0}
    [kept] = queries.records(served_local.home, "contact", client.organization)
    assert (kept["email"], kept["last_name"]) == ("bob@example.com", "Ray")
    [defect] = client.get(f"/v1/imports/{undo['id']}/defects")["data"]
    assert defect["code"] == "changed_since"


def test_an_undo_under_one_idempotency_key_is_done_once(client: Client) -> None:
    path = f"/v1/imports/{imported(client, PEOPLE)['id']}/undo"
    first, second = (client.post(path, Idempotency_Key="take it back") for _ in range(2))
    assert first["id"] == second["id"]


def test_what_cannot_be_undone_says_why(served_local: Served, client: Client) -> None:
    done = imported(client, PEOPLE)
    path = f"/v1/imports/{done['id']}/undo"
    client.post(path)
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    reader = served_local.client(client.organization, "read")
    for answer, status, word in (
        (client.call("POST", path), 409, "undone"),
        (client.call("POST", f"/v1/imports/{asked['id']}/undo"), 409, "requested"),
        (served_local.client().call("POST", path), 404, "no"),
        (reader.call("POST", path), 403, "read"),
    ):
        assert answer.status_code == status, answer.text
        assert word in answer.json()["error"]["message"]
