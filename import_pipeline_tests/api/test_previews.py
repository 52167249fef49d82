"""Previews: what an import would write is seen before it is written, and written as it was seen, by a server alone."""

import time
from typing import Any

import pytest

from import_pipeline.service import confirming, drafting, queries
from import_pipeline.stores import imports
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_drafts import draft, patch

COUNTS = ("created", "updated", "unchanged", "skipped", "deleted", "failed", "overwritten")
STORED = [
    {"external_id": "1", "email": "anna@example.com", "first_name": "Anna"},
    {"external_id": "2", "email": "bob@example.com", "first_name": "Bob"},
    {"external_id": "3", "email": "eve@example.com", "first_name": "Eve"},
]
FILE = b"""External ID,E-mail,First name,Note
1,anna@example.com,Anne,x
2,bob@example.com,Bob,x
4,dora@example.com,Dora,x
5,nonsense@,Nina,x
6,fred@example.com,Fred,x
6,fred@example.com,Fred,x
"""
MAPPING = {"external_id": "External ID", "email": "E-mail", "first_name": "First name"}


def until(client: Client, import_id: str, *states: str) -> dict[str, Any]:
    """The import, once it has one of these states."""
    found: dict[str, Any] = {}
    for _ in range(300):
        found = client.get(f"/v1/imports/{import_id}")
        if found["state"] in states:
            return found
        time.sleep(0.1)
    raise AssertionError(f"It never became {states}: {found}")


def previewed(client: Client, import_id: str) -> dict[str, Any]:
    """The import with its preview, once it is made."""
    queued = client.post(f"/v1/imports/{import_id}/preview")
    assert queued["spec"]["preview"]
    return until(client, import_id, "needs_review", "failed", "completed")


def confirmed(client: Client, import_id: str) -> dict[str, Any]:
    """The import, once it is written."""
    client.post(f"/v1/imports/{import_id}/confirm")
    return until(client, import_id, "completed", "failed", "needs_review")


def counts(imported: dict[str, Any]) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: imported[f"{name}_count"] for name in COUNTS if imported[f"{name}_count"]}


def store(served: Served, client: Client) -> list[dict[str, Any]]:
    """The stored contacts by external id, without what the store adds itself."""
    found = queries.records(served.home, "contact", client.organization, limit=None)
    names = ("id", "external_id", "email", "first_name")
    return sorted(({name: one[name] for name in names} for one in found), key=lambda one: one["external_id"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"created": 1, "updated": 1, "unchanged": 1, "skipped": 2, "failed": 1}),
        ({"duplicate_handling": "use_first"}, {"created": 2, "updated": 1, "unchanged": 1, "skipped": 1, "failed": 1}),
        ({"duplicate_strategy": "skip"}, {"created": 1, "skipped": 4, "failed": 1}),
        (
            {"action": "overwrite"},
            {"created": 1, "updated": 1, "unchanged": 1, "skipped": 2, "failed": 1, "overwritten": 1},
        ),
        ({"action": "delete"}, {"deleted": 2, "failed": 4}),
    ],
)
def test_what_the_preview_says_of_every_row_is_what_confirming_it_writes(
    served_local: Served, changes: dict[str, Any], told: dict[str, int]
) -> None:
    client = served_local.client()
    client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": STORED})
    before = store(served_local, client)
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING, **changes)
    seen = previewed(client, import_id)
    assert (seen["is_preview"], seen["is_draft"], seen["state"]) == (True, False, "needs_review")
    assert counts(seen) == told
    assert served_local.ended_run(import_id).is_success, "that somebody looks at a preview is no failure"
    rows = queries.rows(served_local.home, import_id, limit=100)
    assert store(served_local, client) == before
    done = confirmed(client, import_id)
    assert (done["state"], counts(done), done["is_preview"]) == ("completed", told, False)
    written = queries.rows(served_local.home, import_id, limit=100)
    shown = [(row["row_number"], row["outcome"], row["reason"], row["changes"]) for row in rows]
    assert [(row["row_number"], row["outcome"], row["reason"], row["changes"]) for row in written] == shown
    _must_hold(served_local, client, before, rows)


def _must_hold(served: Served, client: Client, before: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """The store is what it was with the changes of the rows, field by field."""
    expected = {one["id"]: one for one in before}
    created = []
    for row in rows:
        after = {change["field"]: change["after"] for change in row["changes"]}
        if row["outcome"] == "created":
            created.append({name: after.get(name) for name in ("external_id", "email", "first_name")})
        elif row["outcome"] == "updated":
            expected[row["record_id"]] = expected[row["record_id"]] | after
        elif row["outcome"] == "deleted":
            del expected[row["record_id"]]
    stored = store(served, client)
    known = [one for one in stored if one["id"] in expected]
    assert known == sorted(expected.values(), key=lambda one: one["external_id"])
    fresh = [{name: one[name] for name in one if name != "id"} for one in stored if one["id"] not in expected]
    assert fresh == created


def test_a_preview_tells_its_figures_and_publishes_what_failed(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    seen = previewed(client, import_id)
    figures = seen["details"]["preview"]
    assert (figures["created"], figures["failed"], figures["deletions"], figures["possible_duplicates"]) == (3, 1, 0, 0)
    assert seen["processed_rows"] == seen["total_rows"] == 6
    assert seen["_errors_csv_url"] is not None
    assert seen["reason"].startswith("A preview: 3 created, 2 skipped, 1 failed. Nothing was written.")
    cancelled = client.post(f"/v1/imports/{import_id}/cancel")
    assert (cancelled["state"], cancelled["created_count"]) == ("cancelled", 0)
    assert queries.record_count(served_local.home, "contact", client.organization) == 0


def test_a_preview_that_was_changed_is_previewed_again_before_it_is_written(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    assert previewed(client, import_id)["created_count"] == 3
    changed = patch(client, import_id, duplicate_handling="use_first")
    assert (changed["state"], changed["is_preview"], changed["created_count"]) == ("needs_review", False, 0)
    again = confirmed(client, import_id)
    assert (again["state"], again["is_preview"], again["created_count"]) == ("needs_review", True, 4)
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    assert confirmed(client, import_id)["created_count"] == 4


def test_cells_that_are_corrected_after_the_preview_are_previewed_before_they_are_written(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    assert counts(previewed(client, import_id)) == {"created": 3, "skipped": 2, "failed": 1}
    corrected = {"rows": [{"row_number": 4, "cells": {"E-mail": "nina@example.com"}}]}
    assert client.call("PATCH", f"/v1/imports/{import_id}/review", corrected).is_success
    after = client.get(f"/v1/imports/{import_id}")
    assert (after["state"], after["is_preview"], "preview" in after["details"]) == ("needs_review", False, False)
    again = confirmed(client, import_id)
    assert (again["is_preview"], counts(again)) == (True, {"created": 4, "skipped": 2})
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    assert counts(confirmed(client, import_id)) == {"created": 4, "skipped": 2}


def test_a_slip_that_only_the_file_shows_is_told_and_mended(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping={"email": "Mail"})
    waiting = previewed(client, import_id)
    assert (waiting["state"], waiting["is_preview"]) == ("needs_review", False)
    assert "no column 'Mail'" in waiting["reason"]
    patch(client, import_id, column_mapping=MAPPING, reading={"header_row": 90})
    assert "no rows below" in previewed(client, import_id)["reason"]
    patch(client, import_id, reading={"header_row": None})
    assert previewed(client, import_id)["is_preview"]


def test_a_preview_asks_for_deletions_and_to_confirm_it_allows_them(served_local: Served) -> None:
    client = served_local.client()
    many = [{"external_id": str(number), "email": f"p{number}@example.com"} for number in range(1, 31)]
    client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": many})
    import_id = draft(client, b"External ID,E-mail\n1,p1@example.com\n")["id"]
    patch(client, import_id, action="overwrite")
    seen = previewed(client, import_id)
    assert (seen["is_preview"], seen["overwritten_count"]) == (True, 29)
    assert "more than half" in seen["reason"]
    assert counts(confirmed(client, import_id)) == {"unchanged": 1, "overwritten": 29}


def test_the_mapping_of_a_confirmed_preview_is_offered_next_time(served_local: Served) -> None:
    client = served_local.client()
    content = b"Mail addr,Full nm\nanna@example.com,Anna Bell\n"
    import_id = draft(client, content)["id"]
    mapping = {"email": "Mail addr", "full_name": "Full nm"}
    patch(client, import_id, column_mapping=mapping)
    assert previewed(client, import_id)["is_preview"]
    confirmed(client, import_id)
    found = client.post(f"/v1/imports/{draft(client, content)['id']}/inspection")
    assert found["remembered_mapping"] == mapping


def test_a_preview_is_asked_for_once_under_one_key_and_not_of_what_has_ended(served_local: Served) -> None:
    client = served_local.client()
    empty = draft(client, None)["id"]
    answer = client.call("POST", f"/v1/imports/{empty}/preview")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_missing")
    import_id = draft(client)["id"]
    patch(client, import_id, column_mapping={"email": "Mail", "full_name": "Name"})
    path = f"/v1/imports/{import_id}/preview"
    assert client.call("POST", path, Idempotency_Key="once").is_success
    assert client.call("POST", path, Idempotency_Key="once").is_success
    until(client, import_id, "needs_review")
    confirmed(client, import_id)
    assert client.call("POST", path).status_code == 409
    assert served_local.client().call("POST", path).status_code == 404
    assert served_local.client(client.organization, "read").call("POST", path).status_code == 403


def test_a_server_alone_makes_the_previews_that_other_processes_ask_for_and_leaves_what_nobody_brings_on_to_a_run(
    served_local: Served,
) -> None:
    client = served_local.client()
    left = client.post("/v1/imports", {"resource": "contact", "data": [{"email": "ina@example.com"}]})["id"]
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    drafting.preview(served_local.home, import_id)
    assert until(client, import_id, "needs_review")["is_preview"]
    confirming.confirm(served_local.home, import_id)
    assert counts(until(client, import_id, "completed")) == {"created": 3, "skipped": 2, "failed": 1}
    assert client.get(f"/v1/imports/{left}")["state"] == "queued", "it was looked at twice since"


def test_a_draft_that_was_cancelled_and_is_resumed_is_previewed_before_it_is_written(served_local: Served) -> None:
    client = served_local.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    client.post(f"/v1/imports/{import_id}/cancel")
    client.post(f"/v1/imports/{import_id}/resume")
    assert until(client, import_id, "needs_review", "completed")["is_preview"]
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    assert import_id not in [record.id for record in imports.stopped(served_local.home.registry, 0)]
