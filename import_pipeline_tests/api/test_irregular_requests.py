"""Requests that JSON allows and nobody expects: halves of characters, endless depth, numbers beyond all pages."""

import base64
import json
from typing import Any

import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_guided_flow import uploaded
from import_pipeline_tests.api.test_import_model import sync
from import_pipeline_tests.api.test_multipart import imports_of, sent

HALF = "x\ud83d"
ROWS = [{"email": "ann@example.com"}]
FIELDS = [{"key": "name"}]
HEADLESS = "/api/v1/headless/imports/"
DEEP: Any = "leaf"
for _ in range(900):
    DEEP = [DEEP]

HALVES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/imports", {"resource": HALF, "upload_mode": "async"}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async", "name": HALF + "abc"}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async", "file_name": HALF}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async", "tag_delimiter": HALF}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async", "retry_of": HALF}),
    ("POST", "/v1/imports", {"resource": "contact", "column_mapping": {"email": HALF}, "data": ROWS}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{"email": HALF}]}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{HALF: "a"}]}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": HALF}),
    ("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async", HALF: 1}),
    ("POST", "/v1/imports/IMPORT/confirm", {"column_mapping": {"email": HALF}}),
    ("PATCH", "/v1/imports/IMPORT", {"name": HALF + "abc"}),
    ("PATCH", "/v1/imports/IMPORT/review", {"rows": [{"row_number": 1, "cells": {"Email": HALF}}]}),
    ("POST", "/api/imports-request-upload", {"model_type": HALF, "file_name": "a.csv", "content_type": "text/csv"}),
    ("POST", "/api/imports-request-upload", {"model_type": "contacts", "file_name": HALF, "content_type": "text/csv"}),
    ("POST", "/api/imports-request-upload", {"model_type": "contacts", "file_name": "a.csv", "content_type": HALF}),
    ("POST", "/api/imports-confirm", {"id": "IMPORT", "column_mapping": {HALF: "email"}}),
    ("POST", "/api/imports-get", {"id": HALF}),
    ("POST", "/api/imports-list", {"model_type": HALF}),
    ("POST", "/api/imports-errors", {"id": "IMPORT", "cursor": HALF}),
    ("POST", "/v1/schemas", {"name": HALF, "fields": FIELDS}),
    ("POST", "/v1/schemas", {"name": "a", "fields": [{"key": HALF}]}),
    ("POST", "/v1/schemas", {"name": "a", "fields": FIELDS, "hooks": {"rowHooks": [f"() => '{HALF}'"]}}),
    ("POST", HEADLESS, {"fields": FIELDS, "original_filename": HALF}),
    ("POST", HEADLESS, {"fields": FIELDS, "initial_data": [{"name": HALF}]}),
    ("POST", HEADLESS, {"fields": FIELDS, "original_filename": "a", "user": {"id": HALF}}),
    ("POST", HEADLESS, {"fields": FIELDS, "original_filename": "a", "settings": {"importIdentifier": HALF}}),
    ("POST", "/v1/webhooks", {"url": f"https://example.com/{HALF}"}),
    ("PUT", "PREVIEW", {"tag_list": HALF}),
    ("PUT", "PREVIEW", {"data": {"attributes": {"source": HALF}}}),
]


@pytest.fixture(scope="module")
def caller(served_local: Served) -> tuple[Client, dict[str, str]]:
    """A client with an import that needs review, and one in preview."""
    client = served_local.client()
    job = uploaded(client)
    client.post("/api/imports-complete-upload", {"id": job})
    preview = sent(client, in_preview="true").json()["data"]["id"]
    return client, {"IMPORT": job, "PREVIEW": f"{imports_of(client)}/{preview}"}


@pytest.mark.parametrize(("method", "path", "body"), HALVES)
def test_half_of_a_character_is_refused_wherever_it_stands(
    caller: tuple[Client, dict[str, str]], method: str, path: str, body: Any
) -> None:
    client, places = caller
    text = json.dumps(body)
    for name, place in places.items():
        path, text = path.replace(name, place), text.replace(name, place)
    answer = client.http.request(
        method,
        path,
        content=text,
        headers={"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert "half of a character" in answer.json()["error"]["message"]


def test_whole_characters_written_as_two_halves_are_taken(served_local: Served) -> None:
    client = served_local.client()
    done = sync(client, [{"email": "ann@example.com", "first_name": "Ann 😀", "notes": "\\ud83d is no half"}])
    assert done["created_count"] == 1
    [stored] = queries.records(served_local.home, "contact", client.organization)
    assert (stored["first_name"], stored["notes"]) == ("Ann 😀", "\\ud83d is no half")


@pytest.mark.parametrize(
    "attributes",
    [
        {"file_headers_mappings": '{"email": "\\ud83d"}'},
        {"groups": '["\\udc00"]'},
        {"user": '{"id": "\\ud83d"}'},
        {"file_headers_mappings": "[" * 900 + "]" * 900},
        {"file_constants": '{"a":' * 100_000 + "1" + "}" * 100_000},
        {"user": '{"a":' * 900 + "1" + "}" * 900},
    ],
)
def test_json_in_a_form_is_held_to_the_same(served_local: Served, attributes: dict[str, str]) -> None:
    client = served_local.client()
    answer = sent(client, **attributes)
    assert answer.status_code in (400, 422), answer.text
    assert client.get(imports_of(client))["data"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/v1/imports",
            {"resource": "contact", "upload_mode": "sync", "data": [{"email": "a@example.com", "x": DEEP}]},
        ),
        (HEADLESS, {"fields": FIELDS, "initial_data": [{"name": DEEP}]}),
        (HEADLESS, {"fields": [{"key": "a", "type": ["number", {"x": DEEP}]}], "original_filename": "a.csv"}),
        ("/v1/schemas", {"name": "a", "fields": [{"key": "a", "validators": [{"validate": DEEP}]}]}),
    ],
)
def test_data_of_endless_depth_is_refused(served_local: Served, path: str, body: Any) -> None:
    client = served_local.client()
    answer = client.call("POST", path, body)
    assert answer.status_code == 422
    assert "deep" in answer.json()["error"]["message"]
    assert client.get("/v1/imports")["data"] == []


@pytest.mark.parametrize("number", [-1, 2**63, 2**53 + 1, -(2**70), "7 8", "\u0667"])
def test_a_cursor_that_is_none_of_ours_is_refused(served_local: Served, number: Any) -> None:
    client = served_local.client()
    job = uploaded(client)
    cursor = base64.urlsafe_b64encode(str(number).encode()).decode()
    answer = client.call("POST", "/api/imports-errors", {"id": job, "cursor": cursor})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_a_hook_that_is_no_javascript_is_refused_with_the_request(served_local: Served) -> None:
    client = served_local.client()
    hooks = {"hooks": {"rowHooks": ["(record) => ({})", "(record) => {"]}}
    for path, body in (
        ("/v1/schemas", {"name": "Guests", "fields": FIELDS} | hooks),
        (HEADLESS, {"fields": FIELDS, "original_filename": "a.csv"} | hooks),
        (HEADLESS, {"fields": FIELDS, "initial_data": [{"name": "Ann"}]} | hooks),
    ):
        answer = client.call("POST", path, body)
        assert (answer.status_code, "Row hook 2 does not compile" in answer.text) == (400, True)
    assert client.get("/v1/imports")["data"] == []
    assert client.get("/v1/schemas")["data"] == []
