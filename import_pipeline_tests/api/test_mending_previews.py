"""Rows mended between previews over HTTP: what the last preview says, with what was mended and left out, is written."""

from import_pipeline_tests.api.reviewing import Reviewed
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_drafts import draft, patch
from import_pipeline_tests.api.test_previews import FILE, MAPPING, confirmed, counts, previewed, store


def begun(served: Served) -> tuple[Client, Reviewed]:
    client = served.client()
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    assert counts(previewed(client, import_id)) == {"created": 3, "skipped": 2, "failed": 1}
    return client, Reviewed(served, client, import_id)


def test_a_preview_counts_no_more_once_a_row_was_mended(served_local: Served) -> None:
    client, review = begun(served_local)
    review.correct({"row_number": 4, "cells": {"E-mail": "nina@example.com"}})
    found = client.get(f"/v1/imports/{review.import_id}")
    assert (found["state"], found["is_preview"]) == ("needs_review", False)
    assert confirmed(client, review.import_id)["state"] == "needs_review", "what was never shown is not written"
    assert counts(client.get(f"/v1/imports/{review.import_id}")) == {"created": 4, "skipped": 2}
    assert counts(confirmed(client, review.import_id)) == {"created": 4, "skipped": 2}
    assert [one["email"] for one in store(served_local, client)] == [
        "anna@example.com",
        "bob@example.com",
        "dora@example.com",
        "nina@example.com",
    ]


def test_a_row_that_is_left_out_is_skipped_in_preview_counts_rows_and_files(served_local: Served) -> None:
    client, review = begun(served_local)
    step = client.post(f"{review.path}/operations", {"kind": "leave_out"})
    assert step["rows"] == 1
    again = previewed(client, review.import_id)
    assert counts(again) == {"created": 3, "skipped": 3}
    rows = client.get(f"/v1/imports/{review.import_id}/rows?outcome=skipped")["data"]
    assert (4, "left_out_in_review") in [(row["row_number"], row["reason"]) for row in rows]
    done = confirmed(client, review.import_id)
    assert counts(done) == {"created": 3, "skipped": 3}
    assert not done["has_errors_file"]
    assert client.call("PATCH", review.path, {"rows": [{"row_number": 4, "left_out": False}]}).status_code == 409
    assert "5" not in [one["external_id"] for one in store(served_local, client)]


def test_undoing_a_step_after_a_preview_brings_the_row_back(served_local: Served) -> None:
    client, review = begun(served_local)
    step = client.post(f"{review.path}/operations", {"kind": "leave_out"})["operation_id"]
    previewed(client, review.import_id)
    client.post(f"{review.path}/operations/{step}/undo")
    assert client.get(f"/v1/imports/{review.import_id}")["is_preview"] is False
    assert counts(previewed(client, review.import_id)) == {"created": 3, "skipped": 2, "failed": 1}
    assert review.numbers(state="open") == [4]


def test_asking_what_a_step_would_change_leaves_the_preview_as_it_is(served_local: Served) -> None:
    client, review = begun(served_local)
    client.post(f"{review.path}/operations", {"kind": "clear", "dry_run": True})
    client.post(f"{review.path}/check", {"rows": [{"row_number": 4, "cells": {"E-mail": "nina@example.com"}}]})
    assert client.get(f"/v1/imports/{review.import_id}")["is_preview"] is True
    assert confirmed(client, review.import_id)["state"] == "completed"
