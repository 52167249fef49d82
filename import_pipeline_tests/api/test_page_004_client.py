"""What a client sends that was made for the published description of page 004, and what it reads, field by field."""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

IMPORTS, SCHEMAS, UPLOADS = "/api/v1/headless/imports/", "/api/v1/schemas/", "/api/v1/uploads/"
FIELDS = [
    {"key": "email", "type": "email", "label": "Email", "validators": [{"validate": "unique"}]},
    {"key": "seats", "type": ["number", {"preset": "integer"}], "label": "Seats", "validators": []},
]
SCHEMA = {
    "name": "Guests",
    "fields": FIELDS,
    "settings": {
        "importIdentifier": "guests",
        "title": "Guests of the fair",
        "allowInvalidSubmit": False,
        "invalidDataBehavior": "BLOCK_SUBMIT",
        "backendSync": True,
        "backendSyncMode": "FULL_DATA",
        "manualInputDisabled": False,
        "manualInputOnly": False,
        "allowCustomFields": False,
        "passThroughUnmappedColumns": False,
        "maxRecords": None,
        "developmentMode": False,
        "displayEncoding": True,
        "styleOverrides": {"global": {"textColor": "#333"}},
        "maxFileSize": 100_000_000,
        "webhookUrl": None,
        "needsReviewWebhookUrl": None,
        "initialData": None,
    },
    "hooks": {"rowHooks": [], "bulkRowHooks": [], "rowDeleteHooks": [], "columnHooks": [], "stepHooks": []},
}
USER = {"id": "u1", "name": "Ann", "email": "ann@example.com", "companyId": "c1", "companyName": "Fair"}


class LicensedClient:
    """Calls with the token in the header of page 004, and nothing else."""

    def __init__(self, client: Client) -> None:
        self._http = client.http
        self._headers = {"X-Dromo-License-Key": client.token}

    def call(self, method: str, path: str, body: Any = None, expected: int = 200) -> Any:
        answer = self._http.request(method, path, json=body, headers=self._headers)
        assert answer.status_code == expected, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def client(served_local: Served) -> Client:
    return served_local.client()


@pytest.fixture
def licensed(client: Client) -> LicensedClient:
    return LicensedClient(client)


def is_headless_import(shown: dict[str, Any], status: str) -> bool:
    """Whether the fields that the description has are there, each of the type that it has there."""
    moments = [datetime.fromisoformat(shown[name]) for name in ("created_date", "modified_date")]
    return (
        str(UUID(shown["id"])) == shown["id"]
        and shown["status"] == status
        and all(moment.tzinfo is not None for moment in moments)
        and all(isinstance(shown[name], str | None) for name in ("schema_id", "original_filename"))
    )


def is_full(shown: dict[str, Any]) -> bool:
    return (
        isinstance(shown["upload"], str | None)
        and shown["review_url"].startswith("http")
        and isinstance(shown["result_metadata"], dict | None)
        and isinstance(shown["import_errors"], list | None)
    )


def test_an_import_is_created_uploaded_polled_reviewed_and_its_result_read(
    served_local: Served, client: Client, licensed: LicensedClient
) -> None:
    schema = licensed.call("POST", SCHEMAS, SCHEMA, 201)
    assert schema == SCHEMA | {"id": schema["id"]}
    body = {
        "schema_id": schema["id"],
        "original_filename": "guests.csv",
        "initial_data": None,
        "import_metadata": {"user": USER},
    }
    created = licensed.call("POST", IMPORTS, body, 201)
    assert is_headless_import(created, "AWAITING_UPLOAD")
    assert is_full(created)
    assert (created["schema_id"], created["original_filename"]) == (schema["id"], "guests.csv")
    assert (created["result_metadata"], created["import_errors"]) == (None, None)

    assert httpx.put(created["upload"], content="Email,Seats\nann@example.com,2\nbob@,3\n").is_success
    path = f"{IMPORTS}{created['id']}/"
    running = licensed.call("GET", path)
    assert is_headless_import(running, "RUNNING")
    assert running["upload"] is None
    assert licensed.call("GET", f"{path}url/", expected=409)["error"]["code"] == "wrong_state"

    served_local.run_queued(created["id"])
    waiting = licensed.call("GET", path)
    assert is_headless_import(waiting, "NEEDS_REVIEW")
    assert [one["code"] for one in waiting["import_errors"]] == ["invalid_email"]
    assert waiting["review_url"] == f"{served_local.url}/app/imports/{created['id']}"
    review = f"/v1/imports/{created['id']}/review"
    licensed.call("PATCH", review, {"rows": [{"row_number": 2, "cells": {"Email": "bob@example.com"}}]})
    licensed.call("POST", f"{review}/submit", {})
    served_local.run_queued(created["id"])

    done = licensed.call("GET", path)
    assert is_headless_import(done, "SUCCESSFUL")
    assert done["result_metadata"]["created_count"] == 2
    result = httpx.get(licensed.call("GET", f"{path}url/")["presigned_url"])
    assert result.json() == [{"email": "ann@example.com", "seats": 2}, {"email": "bob@example.com", "seats": 3}]


def test_rows_sent_along_have_no_file_name(served_local: Served, client: Client, licensed: LicensedClient) -> None:
    body = {"fields": FIELDS, "initial_data": [{"email": "ann@example.com", "seats": 2}], "import_metadata": None}
    created = licensed.call("POST", IMPORTS, body, 201)
    assert is_headless_import(created, "RUNNING")
    assert created["original_filename"] is None
    served_local.run_queued(created["id"])
    assert licensed.call("GET", f"{IMPORTS}{created['id']}/")["original_filename"] is None


def test_imports_are_listed_by_offset_and_limit_as_numbers(client: Client, licensed: LicensedClient) -> None:
    body = {"fields": FIELDS, "original_filename": "a.csv"}
    ids = [licensed.call("POST", IMPORTS, body, 201)["id"] for _ in range(3)]
    found = licensed.call("GET", f"{IMPORTS}?offset=1.0&limit=1.0")
    assert (found["count"], [one["id"] for one in found["results"]]) == (3, [ids[1]])
    assert is_headless_import(found["results"][0], "AWAITING_UPLOAD")
    assert found["next"].endswith(f"{IMPORTS}?limit=1&offset=2")
    assert found["previous"].endswith(f"{IMPORTS}?limit=1&offset=0")


def test_a_deleted_import_is_gone_and_what_it_brought_stays(
    served_local: Served, client: Client, licensed: LicensedClient
) -> None:
    body = {"fields": FIELDS, "initial_data": [{"email": "ann@example.com", "seats": 2}]}
    done, waiting, third = (licensed.call("POST", IMPORTS, body, 201) for _ in range(3))
    served_local.run_queued(done["id"])
    for deleted in (done, waiting):
        licensed.call("DELETE", f"{IMPORTS}{deleted['id']}/", expected=204)
        licensed.call("GET", f"{IMPORTS}{deleted['id']}/", expected=404)
        licensed.call("DELETE", f"{IMPORTS}{deleted['id']}/", expected=404)
    assert [one["id"] for one in licensed.call("GET", IMPORTS)["results"]] == [third["id"]]
    assert queries.record_count(served_local.home, done["resource"], client.organization) == 1
    assert client.get(f"/v1/imports/{waiting['id']}")["state"] == "cancelled"
    assert not served_local.home.bucket.exists(f"payloads/{done['id']}/payload")
    client.post(f"/v1/imports/{done['id']}/undo")
    assert queries.record_count(served_local.home, done["resource"], client.organization) == 0


def test_schemas_are_listed_shown_replaced_and_deleted(client: Client, licensed: LicensedClient) -> None:
    plain = {"name": "Guests", "fields": [{"key": "email"}], "settings": {}}
    schema = licensed.call("POST", SCHEMAS, plain, 201)
    assert schema["fields"] == [{"key": "email", "type": "string", "label": "email"}]
    path = f"{SCHEMAS}{UUID(schema['id'])}/"
    assert licensed.call("GET", SCHEMAS) == [licensed.call("GET", path)] == [schema]
    assert licensed.call("PUT", path, schema | {"name": "Visitors"}) == schema | {"name": "Visitors"}
    licensed.call("DELETE", path, expected=204)
    licensed.call("GET", path, expected=404)


def test_uploads_show_the_file_and_the_places_of_failed_rows(
    served_local: Served, client: Client, licensed: LicensedClient
) -> None:
    body = {"fields": FIELDS, "settings": {"importIdentifier": "guests"}, "original_filename": "guests.csv"}
    created = licensed.call("POST", IMPORTS, body | {"import_metadata": {"user": USER}}, 201)
    [waiting] = licensed.call("GET", UPLOADS)["data"]
    assert waiting["upload_status"] == "PENDING_UPLOAD"
    assert "total_num_rows" not in waiting
    content = "Email,Seats\nann@example.com,2\nbob@,3\n"
    httpx.put(created["upload"], content=content)
    served_local.run_queued(created["id"])

    found = licensed.call("GET", f"{UPLOADS}?start=0.0&end=10.0")
    assert (found["start"], found["end"], found["total_num_uploads"]) == (0, 1, 1)
    [shown] = found["data"]
    assert UUID(shown["id"]) == UUID(shown["storage_key"]) == UUID(created["id"])
    assert (shown["import_identifier"], shown["user"], shown["field_order"]) == ("guests", USER, ["email", "seats"])
    assert (shown["upload_status"], shown["total_num_rows"]) == ("PROCESSED", 2)
    assert datetime.fromisoformat(shown["created_date"]).tzinfo is not None

    path = f"/api/v1/upload/{created['id']}/"
    detail = licensed.call("GET", f"{path}metadata/")
    assert detail["invalid_row_indexes"] == [1]
    assert [one["code"] for one in detail["errors"]] == ["invalid_email"]
    assert detail["raw_upload"]["filename"] == "guests.csv"
    assert httpx.get(detail["raw_upload"]["download_url"]).text == content
    result = httpx.get(licensed.call("GET", f"{path}url/")["presigned_url"])
    assert result.json() == [{"email": "ann@example.com", "seats": 2}]
    licensed.call("POST", f"{path}delete/")
    assert licensed.call("GET", UPLOADS)["data"] == []


def test_more_rows_than_the_schema_takes_fail_the_import(
    served_local: Served, client: Client, licensed: LicensedClient
) -> None:
    rows = [{"email": f"p{number}@example.com", "seats": 1} for number in range(3)]
    settings = {"maxRecords": 2, "importIdentifier": "few"}
    created = licensed.call("POST", IMPORTS, {"fields": FIELDS, "settings": settings, "initial_data": rows}, 201)
    served_local.run_queued(created["id"])
    failed = licensed.call("GET", f"{IMPORTS}{created['id']}/")
    assert failed["status"] == "FAILED"
    assert "3, more than the limit of 2" in failed["import_errors"][0]["message"]
    assert queries.record_count(served_local.home, created["resource"], client.organization) == 0


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_connectors_that_have_no_sense_here_say_so(client: Client, licensed: LicensedClient, method: str) -> None:
    for path in ("connectors/", "credentials/", f"credentials/{UUID(int=1)}/"):
        answer = licensed.call(method, f"/api/v1/headless/sftp/{path}", expected=501)
        assert "PUT its file" in answer["error"]["message"]


def test_what_is_not_run_here_is_refused_instead_of_passed_over(client: Client, licensed: LicensedClient) -> None:
    body = {"fields": FIELDS, "original_filename": "a.csv"}
    for name, part in (
        ("columnHooks", {"hooks": {"columnHooks": [{"fieldName": "email", "callback": "(values) => values"}]}}),
        ("beforeFinishCallback", {"hooks": {"beforeFinishCallback": "() => {}"}}),
        ("webhookUrl", {"settings": {"webhookUrl": "https://example.com/hook"}}),
    ):
        answer = licensed.call("POST", IMPORTS, body | part, 422)
        assert name in answer["error"]["message"]


def test_an_unknown_key_is_nobody_s(served_local: Served) -> None:
    for key in (None, "nobody"):
        headers = {} if key is None else {"X-Dromo-License-Key": key}
        assert httpx.get(f"{served_local.url}{IMPORTS}", headers=headers).status_code == 401
