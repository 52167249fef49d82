"""What becomes of rows, stored records with what made them, and failed rows once more, over HTTP."""

from typing import Any

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_drafts import draft, patch
from import_pipeline_tests.api.test_previews import FILE, MAPPING, STORED, confirmed, counts, previewed, until


def imported(client: Client, data: list[dict[str, Any]], **body: Any) -> dict[str, Any]:
    """Rows, imported while waiting."""
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": data} | body)


def test_rows_are_paged_by_outcome_with_what_changes_and_whose_they_are(served_local: Served) -> None:
    client = served_local.client()
    imported(client, STORED)
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING, action="overwrite")
    seen = previewed(client, import_id)
    path = f"/v1/imports/{import_id}/rows"
    whole = client.get(path)
    assert whole["total"] == len(whole["data"]) == 7
    assert whole["counts"] == {"created": 1, "deleted": 1, "failed": 1, "skipped": 2, "unchanged": 1, "updated": 1}
    [updated] = client.get(f"{path}?outcome=updated")["data"]
    assert updated["changes"] == [{"field": "first_name", "before": "Anna", "after": "Anne"}]
    assert (updated["row_number"], updated["label"]) == (1, "anna@example.com")
    [deleted] = client.get(f"{path}?outcome=deleted")["data"]
    assert (deleted["row_number"], deleted["label"]) == (None, "eve@example.com")
    assert seen["overwritten_count"] == 1
    page = client.get(f"{path}?limit=3&offset=3")
    assert (page["data"], page["has_more"]) == (whole["data"][3:6], True)
    [bad] = client.get(f"{path}?code=invalid_email")["data"]
    assert (bad["row_number"], bad["outcome"], bad["label"]) == (4, "failed", None)
    assert bad["messages"][0].startswith("E-mail: ")
    assert deleted["messages"] == ["No row of the file means this record."]
    assert all(row["messages"] for row in whole["data"] if row["outcome"] == "skipped")
    assert client.call("GET", f"{path}?outcome=lost").status_code == 400
    assert served_local.client().call("GET", path).status_code == 404


def test_rows_that_may_repeat_stored_records_are_found_by_their_defect(served_local: Served) -> None:
    client = served_local.client()
    imported(client, [{"first_name": "Anna", "last_name": "Bell", "phone": "+44 20 7946 0018"}])
    import_id = draft(client, b"First name,Last name,Phone\nZoe,Quirk,+44 20 7946 0018\n")["id"]
    seen = previewed(client, import_id)
    assert seen["details"]["preview"]["possible_duplicates"] == 1
    [row] = client.get(f"/v1/imports/{import_id}/rows?code=possible_duplicate")["data"]
    assert (row["outcome"], row["label"]) == ("created", "Zoe Quirk")


def test_records_are_found_by_what_they_hold_page_by_page(served_local: Served) -> None:
    client = served_local.client()
    assert client.get("/v1/records/contact") == {"data": [], "has_more": False, "next_cursor": None}
    imported(client, [*STORED, {"email": "jose@example.com", "first_name": "José", "tags": "vip, may"}])
    first = client.get("/v1/records/contact?limit=3")
    rest = client.get(f"/v1/records/contact?limit=3&cursor={first['next_cursor']}")
    assert [len(first["data"]), len(rest["data"]), rest["has_more"]] == [3, 1, False]
    for text, emails in (("JOSE", ["jose@example.com"]), ("vip", ["jose@example.com"]), ("zz", [])):
        found = client.get(f"/v1/records/contact?q={text}")["data"]
        assert [one["email"] for one in found] == emails
    record_id = first["data"][0]["id"]
    assert [one["id"] for one in client.get(f"/v1/records/contact?q={record_id}")["data"]] == [record_id]
    assert client.get(f"/v1/records/contact/{record_id}") == first["data"][0]
    other = served_local.client()
    assert other.get("/v1/records/contact")["data"] == []
    assert other.call("GET", f"/v1/records/contact/{record_id}").status_code == 404
    assert other.call("GET", f"/v1/records/contact/{record_id}/history").status_code == 404
    assert client.call("GET", "/v1/records/vehicle").status_code == 400
    assert client.call("GET", "/v1/records/contact?cursor=nonsense").status_code == 400


def test_the_history_of_a_record_names_the_row_and_the_file_of_each_value(served_local: Served) -> None:
    client = served_local.client()
    first = imported(client, STORED, file_name="first.json")
    record_id = client.get("/v1/records/contact?q=bob")["data"][0]["id"]
    import_id = draft(client, FILE, file_name="second.csv")["id"]
    patch(client, import_id, column_mapping=MAPPING, reading={"header_row": 1})
    previewed(client, import_id)
    confirmed(client, import_id)
    again = imported(client, [{"external_id": "2", "first_name": "Robert"}], file_name="third.json")
    events = client.get(f"/v1/records/contact/{record_id}/history")["data"]
    told = [(one["operation"], one["import_id"], one["row_number"], one["file_name"]) for one in events]
    assert told == [("created", first["id"], 2, "first.json"), ("updated", again["id"], 1, "third.json")]
    assert events[1]["changes"] == [{"field": "first_name", "before": "Bob", "after": "Robert"}]


def test_failed_rows_are_replayed_as_a_draft_and_written_once_they_are_mended(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, b"E-mail,State\nanna@example.com,lead\nbob@example.com,zzz\n")["id"]
    patch(client, import_id, column_mapping={"email": "E-mail", "status": "State"}, on_bad_optional="fail")
    previewed(client, import_id)
    assert counts(confirmed(client, import_id)) == {"created": 1, "failed": 1}
    replayed = client.post(f"/v1/imports/{import_id}/replay")
    assert (replayed["is_draft"], replayed["retry_of"], replayed["state"]) == (True, import_id, "uploaded")
    found = client.post(f"/v1/imports/{replayed['id']}/inspection")
    assert ([one["name"] for one in found["columns"]], found["total_rows"]) == (["E-mail", "State"], 1)
    patch(client, replayed["id"], value_mappings={"status": {"zzz": "customer"}})
    previewed(client, replayed["id"])
    assert counts(confirmed(client, replayed["id"])) == {"created": 1}
    stored = queries.records(served_local.home, "contact", client.organization)
    assert sorted((one["email"], one["status"]) for one in stored) == [
        ("anna@example.com", "lead"), ("bob@example.com", "customer"),
    ]  # fmt: skip
    assert served_local.client().call("POST", f"/v1/imports/{import_id}/replay", {}).status_code == 404


def test_a_replay_may_start_at_once(served_local: Served) -> None:
    client = served_local.client()
    done = imported(client, [{"email": "anna@example.com"}, {"email": "nonsense@"}])
    replayed = client.post(f"/v1/imports/{done['id']}/replay", {"start": True})
    assert counts(until(client, replayed["id"], "completed")) == {"failed": 1}
    good = imported(client, [{"email": "eve@example.com"}])
    answer = client.call("POST", f"/v1/imports/{good['id']}/replay", {})
    assert (answer.status_code, "nothing to replay" in answer.text) == (400, True)


def test_imports_are_found_by_name_file_name_and_id(served_local: Served) -> None:
    client = served_local.client()
    first = draft(client, None, name="Leads of May", file_name="leads_may.csv")
    second = draft(client, None, file_name="Firms 100%.xlsx")
    for text, found in (
        ("leads", [first]),
        ("100%25", [second]),
        (second["id"], [second]),
        ("_may", [first]),
        ("x%25", []),
    ):
        listed = client.get(f"/v1/imports?q={text}")
        assert [one["id"] for one in listed["data"]] == [one["id"] for one in found], text
        assert listed["total_count"] == len(found)
    assert served_local.client().get("/v1/imports?q=leads")["data"] == []
