"""The headless imports of page 004, saved schemas and review, over HTTP."""

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline.stores import imports
from import_pipeline_tests.api.serving import Client, Served

PATH = "/api/v1/headless/imports/"
FIELDS = [
    {"key": "first_name", "type": "string", "label": "First Name", "validators": []},
    {"key": "last_name", "type": "string", "label": "Last Name", "validators": []},
]
HOOK = '(record, mode) => { return { row: { first_name: { value: "Updated from row hook" } } }; }'
ATTENDEES = {
    "name": "Attendees",
    "fields": [
        {"key": "email", "label": "Email", "type": "email", "validators": [{"validate": "unique"}]},
        {"key": "seats", "type": ["number", {"preset": "integer", "min": 1}]},
    ],
    "settings": {"invalidDataBehavior": "BLOCK_SUBMIT", "importIdentifier": "attendees"},
}


def shown(client: Client, import_id: str) -> dict:
    return client.get(f"{PATH}{import_id}/")


def test_the_page_s_own_example_goes_from_the_first_call_to_the_finished_import(served: Served) -> None:
    client = served.client()
    body = {
        "fields": FIELDS,
        "settings": {"importIdentifier": "contacts-import", "invalidDataBehavior": "BLOCK_SUBMIT"},
        "hooks": {"rowHooks": [HOOK]},
        "original_filename": "user.csv",
        "import_metadata": {
            "user": {
                "id": "jeff_id",
                "name": "Jeff",
                "email": "jeff@dromo.io",
                "companyName": "Dromo",
                "companyId": "dromo_id",
            }
        },
    }
    created = client.post(PATH, body)
    assert (created["status"], created["original_filename"]) == ("AWAITING_UPLOAD", "user.csv")
    assert created["review_url"].endswith(f"/app/imports/{created['id']}")
    assert created["user"]["name"] == "Jeff"
    assert httpx.put(created["upload"], content="First Name,Last Name\nZeph,Paul\nAnn,Lee\n").is_success

    assert shown(client, created["id"])["status"] == "RUNNING"
    served.run_queued(created["id"])
    done = shown(client, created["id"])
    assert (done["status"], done["number_of_rows"], done["created_count"], done["import_errors"]) == (
        "SUCCESSFUL",
        2,
        2,
        None,
    )
    stored = queries.records(served.home, done["resource"], client.organization)
    assert [(one["first_name"], one["last_name"]) for one in stored] == [
        ("Updated from row hook", "Paul"),
        ("Updated from row hook", "Lee"),
    ]


def test_rows_sent_along_start_by_themselves(served_local: Served) -> None:
    client = served_local.client()
    rows = [{"first_name": "Zeph", "last_name": "paul.zeph@gmail.com"}]
    created = client.post(PATH, {"fields": FIELDS, "initial_data": rows})
    assert (created["status"], created["upload"]) == ("RUNNING", None)
    served_local.run_queued(created["id"])
    [stored] = queries.records(served_local.home, created["resource"], client.organization)
    assert (stored["first_name"], stored["last_name"]) == ("Zeph", "paul.zeph@gmail.com")


def test_a_saved_schema_blocks_bad_rows_until_a_person_has_corrected_them(served_local: Served) -> None:
    client = served_local.client()
    schema = client.post("/v1/schemas", ATTENDEES)
    assert schema["resource"] == "custom_attendees"
    created = client.post(PATH, {"schema_id": schema["id"], "original_filename": "a.csv"})
    httpx.put(created["upload"], content="Email,Seats\nann@example.com,2\nbob@,0\neve@example.com,many\n")
    served_local.run_queued(created["id"])
    waiting = shown(client, created["id"])
    assert waiting["status"] == "NEEDS_REVIEW"
    assert {one["code"] for one in waiting["import_errors"]} == {"invalid_email", "out_of_bounds", "invalid_integer"}
    assert queries.record_count(served_local.home, "custom_attendees", client.organization) == 0

    review = f"/v1/imports/{created['id']}/review"
    page = client.get(f"{review}?limit=1")
    assert (page["failing_rows"], page["next_after"], page["columns"]) == (2, 2, ["Email", "Seats"])
    assert page["rows"][0]["cells"] == {"Email": "bob@", "Seats": "0"}
    assert {one["field"] for one in page["rows"][0]["defects"]} == {"email", "seats"}
    [second] = client.get(f"{review}?after=2")["rows"]
    assert second["row_number"] == 3

    cells = {"Email": "bob@example.com", "Seats": "1"}
    assert client.call("PATCH", review, {"rows": [{"row_number": 2, "cells": cells}]}).json()["corrected_cells"] == 2
    assert client.get(review)["rows"][0]["corrected"] == ["Email", "Seats"]
    assert client.post(f"{review}/submit")["state"] == "queued"
    served_local.run_queued(created["id"])
    assert [one["row_number"] for one in client.get(review)["rows"]] == [3]

    client.call("PATCH", review, {"rows": [{"row_number": 3, "cells": {"Seats": "5"}}]})
    client.post(f"{review}/submit")
    served_local.run_queued(created["id"])
    assert shown(client, created["id"])["status"] == "SUCCESSFUL"
    stored = queries.records(served_local.home, "custom_attendees", client.organization)
    assert [(one["email"], one["seats"]) for one in stored] == [
        ("ann@example.com", 2),
        ("bob@example.com", 1),
        ("eve@example.com", 5),
    ]
    assert client.call("PATCH", review, {"rows": [{"row_number": 3, "cells": {"Seats": "6"}}]}).status_code == 409


def test_a_correction_of_what_is_not_there_is_refused_by_name(served_local: Served) -> None:
    client = served_local.client()
    schema = client.post("/v1/schemas", ATTENDEES)
    created = client.post(PATH, {"schema_id": schema["id"], "initial_data": [{"email": "bob@", "seats": 1}]})
    served_local.run_queued(created["id"])
    review = f"/v1/imports/{created['id']}/review"
    for row_number, column, culprit in ((9, "email", "row 9"), (1, "mail", "'mail'")):
        answer = client.call("PATCH", review, {"rows": [{"row_number": row_number, "cells": {column: "x"}}]})
        assert answer.status_code == 400
        assert culprit in answer.json()["error"]["message"]


def test_rows_that_still_fail_may_be_left_out_at_the_submission(served_local: Served) -> None:
    client = served_local.client()
    schema = client.post("/v1/schemas", ATTENDEES)
    rows = [{"email": "bob@", "seats": 1}, {"email": "eve@example.com", "seats": 1}]
    created = client.post(PATH, {"schema_id": schema["id"], "initial_data": rows})
    served_local.run_queued(created["id"])
    client.post(f"/v1/imports/{created['id']}/review/submit", {"invalid_data": "remove_rows"})
    served_local.run_queued(created["id"])
    done = shown(client, created["id"])
    assert (done["status"], done["created_count"], done["failed_count"]) == ("SUCCESSFUL", 1, 1)


def test_settings_and_hooks_of_a_call_go_over_those_of_the_schema_for_this_import_only(served_local: Served) -> None:
    client = served_local.client()
    hooks = {"rowHooks": ["(record) => ({row: {seats: {value: 7}}})"]}
    schema = client.post("/v1/schemas", ATTENDEES | {"hooks": hooks})
    rows = [{"email": "bob@example.com", "seats": "many"}, {"email": "eve@example.com", "seats": 1}]
    body = {"schema_id": schema["id"], "initial_data": rows}
    over = client.post(PATH, body | {"settings": {"invalidDataBehavior": "INCLUDE_INVALID_ROWS"}})
    client.call("PUT", f"/v1/schemas/{schema['id']}", ATTENDEES | {"hooks": {"rowHooks": []}})
    served_local.run_queued(over["id"])
    stored = queries.records(served_local.home, "custom_attendees", client.organization)
    assert [(one["email"], one["seats"]) for one in stored] == [("bob@example.com", 7), ("eve@example.com", 7)]
    assert imports.get(served_local.home.registry, over["id"]).name == "attendees"


def test_a_schema_is_kept_while_an_import_uses_it_and_then_deleted(served_local: Served) -> None:
    client = served_local.client()
    schema = client.post("/v1/schemas", ATTENDEES)
    path = f"/v1/schemas/{schema['id']}"
    created = client.post(PATH, {"schema_id": schema["id"], "original_filename": "a.csv"})
    assert client.call("DELETE", path).json()["error"]["code"] == "schema_in_use"
    client.post(f"/v1/imports/{created['id']}/cancel")
    assert client.call("DELETE", path).status_code == 204
    assert client.call("GET", path).status_code == 404


def test_schemas_of_another_organization_do_not_exist(served_local: Served) -> None:
    one, other = served_local.client(), served_local.client()
    schema = one.post("/v1/schemas", ATTENDEES)
    path = f"/v1/schemas/{schema['id']}"
    for method, body in (("GET", None), ("PUT", ATTENDEES), ("DELETE", None)):
        assert other.call(method, path, body).status_code == 404
    assert other.call("POST", PATH, {"schema_id": schema["id"], "original_filename": "a.csv"}).status_code == 404
    assert other.get("/v1/schemas")["data"] == []
    created = one.post(PATH, {"schema_id": schema["id"], "original_filename": "a.csv"})
    for method, path, body in (
        ("GET", f"{PATH}{created['id']}/", None),
        ("GET", f"/v1/imports/{created['id']}/review", None),
        ("PATCH", f"/v1/imports/{created['id']}/review", {"rows": [{"row_number": 1, "cells": {"a": "b"}}]}),
        ("POST", f"/v1/imports/{created['id']}/review/submit", {}),
    ):
        assert other.call(method, path, body).status_code == 404


def test_two_schemas_of_one_name_have_tables_of_their_own(served_local: Served) -> None:
    client = served_local.client()
    names = [client.post("/v1/schemas", ATTENDEES)["resource"] for _ in range(2)]
    assert names == ["custom_attendees", "custom_attendees_2"]


@pytest.mark.parametrize(
    ("field", "culprit"),
    [
        ({"key": "a", "type": "colour"}, "colour"),
        ({"key": "a", "validators": [{"validate": "nice"}]}, "nice"),
        ({"key": "a", "validators": [{"validate": "regex_match", "regex": "(?=x)"}]}, "RE2"),
        ({"key": "id"}, "'id'"),
        ({"key": "a", "colour": "red"}, "colour"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(served_local: Served, field: dict, culprit: str) -> None:
    client = served_local.client()
    for path, body in (
        ("/v1/schemas", {"name": "Bad", "fields": [field]}),
        (PATH, {"fields": [field], "original_filename": "a.csv"}),
    ):
        answer = client.call("POST", path, body)
        assert answer.status_code == 400, answer.text
        assert culprit in answer.json()["error"]["message"]


def test_a_field_keeps_its_type_when_a_schema_is_replaced(served_local: Served) -> None:
    client = served_local.client()
    schema = client.post("/v1/schemas", ATTENDEES)
    changed = ATTENDEES | {"fields": [{"key": "seats", "type": "string"}]}
    answer = client.call("PUT", f"/v1/schemas/{schema['id']}", changed)
    assert answer.status_code == 400
    assert "'seats'" in answer.json()["error"]["message"]


def test_a_hook_that_throws_fails_its_row_and_says_why(served_local: Served) -> None:
    client = served_local.client()
    hooks = {"rowHooks": ["(record) => { throw new Error('not this one'); }"]}
    body = {"fields": FIELDS, "hooks": hooks, "initial_data": [{"first_name": "Ann", "last_name": "Lee"}]}
    created = client.post(PATH, body)
    served_local.run_queued(created["id"])
    done = shown(client, created["id"])
    assert (done["status"], done["failed_count"]) == ("SUCCESSFUL", 1)
    assert done["import_errors"][0]["code"] == "hook_failed"
    assert "not this one" in done["import_errors"][0]["message"]


def test_the_list_counts_and_pages_headless_imports_alone(served_local: Served) -> None:
    client = served_local.client()
    ids = []
    for _ in range(3):
        ids.append(client.post(PATH, {"fields": FIELDS, "original_filename": "a.csv"})["id"])
        client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    pages = [client.get(f"{PATH}?limit=2&offset={offset}") for offset in (0, 2)]
    assert [[one["id"] for one in page["results"]] for page in pages] == [[ids[2], ids[1]], [ids[0]]]
    assert [page["count"] for page in pages] == [3, 3]
    assert (pages[0]["previous"], pages[1]["next"]) == (None, None)
    assert client.http.get(pages[0]["next"], headers={"Authorization": f"Bearer {client.token}"}).json() == pages[1]
    assert client.get(pages[1]["previous"].removeprefix(served_local.url)) == pages[0]
