"""Changes out over HTTP: pages that go on for ever, whose they are, and what is refused."""

from import_pipeline_tests.api.one_import import imported
from import_pipeline_tests.api.serving import Client, Served

CREATE = {"resource": "contact", "upload_mode": "sync"}


def run(client: Client, *rows: dict) -> str:
    return client.post("/v1/imports", CREATE | {"data": list(rows)})["id"]


def test_a_reader_follows_changes_from_page_to_page_and_goes_on_later(served_local: Served) -> None:
    client = served_local.client()
    empty = client.get("/v1/changes/contact")
    assert (empty["data"], empty["has_more"]) == ([], False)
    made = run(client, {"external_id": "1", "first_name": "Ann"}, {"external_id": "2"})
    first = client.get(f"/v1/changes/contact?limit=1&after={empty['next_cursor']}")
    [change] = first["data"]
    assert (change["operation"], change["import_id"], change["row_number"], change["before"]) == (
        "created",
        made,
        1,
        None,
    )
    assert (change["after"]["id"], change["after"]["first_name"]) == (change["record_id"], "Ann")
    rest = client.get(f"/v1/changes/contact?after={first['next_cursor']}")
    assert (first["has_more"], rest["has_more"], len(rest["data"])) == (True, False, 1)
    changed = run(client, {"external_id": "1", "first_name": "Anna"})
    undo = client.post(f"/v1/imports/{changed}/undo", {})["id"]
    later = client.get(f"/v1/changes/contact?after={rest['next_cursor']}")["data"]
    assert [(one["import_id"], one["before"]["first_name"], one["after"]["first_name"]) for one in later] == [
        (changed, "Ann", "Anna"),
        (undo, "Anna", "Ann"),
    ]


def test_changes_are_those_of_the_own_organization_and_cursors_are_checked(served_local: Served) -> None:
    client, other = served_local.client(), served_local.client("other")
    imported(client)
    cursor = client.get("/v1/changes/contact")["next_cursor"]
    assert other.get("/v1/changes/contact")["data"] == []
    assert other.call("GET", f"/v1/changes/contact?after={cursor}").status_code == 400
    assert client.call("GET", f"/v1/changes/company?after={cursor}").status_code == 400
    assert client.call("GET", f"/v1/changes/contact?after={cursor[:-3]}").status_code == 400
    assert client.call("GET", f"/v1/changes/contact?after={'x' * 3_000}").status_code == 422
    assert client.call("GET", "/v1/changes/contact?limit=1001").status_code == 422
    assert client.call("GET", "/v1/changes/nonsense").status_code == 400
    reader = served_local.client(client.organization, "read")
    assert reader.get(f"/v1/changes/contact?after={cursor}")["data"] == []


def test_a_cursor_from_beyond_what_the_store_holds_answers_410_with_the_remedy(served_local: Served) -> None:
    client = served_local.client()
    run(client, {"external_id": "1"})
    lost = client.get("/v1/changes/contact")["next_cursor"]
    (served_local.settings.records / f"{client.organization}.duckdb").unlink()
    answer = client.call("GET", f"/v1/changes/contact?after={lost}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "changes_gone")
    assert "without a cursor" in answer.json()["error"]["message"]
