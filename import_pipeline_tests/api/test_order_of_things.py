"""What comes first and what stays: nothing of a refused request is kept, and what was begun may be ended."""

import socket
import threading
import time
from typing import Any

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_guided_flow import uploaded
from import_pipeline_tests.api.test_multipart import CONSTANTS, imports_of, sent

ASYNC = {"resource": "contact", "upload_mode": "async"}


def test_a_refused_change_of_a_preview_has_stored_nothing(served_local: Served) -> None:
    client = served_local.client()
    mapping = {"email": "Mail", "status": "Phase"}
    created = sent(client, in_preview="true", file_headers_mappings=mapping, tag_list="first").json()["data"]
    path = f"{imports_of(client)}/{created['id']}"
    before, stored = shown_at(client, path), imports.get(served_local.home.registry, created["id"])
    refused = client.call("PUT", path, {"in_preview": False, "tag_list": "second", "source": "fair"})
    assert refused.status_code == 400
    assert shown_at(client, path) == before
    now = imports.get(served_local.home.registry, created["id"])
    assert (now.spec, now.details, now.updated_at) == (stored.spec, stored.details, stored.updated_at)
    assert client.call("PUT", path, {"in_preview": False, "file_constants_mappings": CONSTANTS}).status_code == 200
    served_local.run_queued(created["id"])
    tags = [one["tags"] for one in queries.records(served_local.home, "contact", client.organization)]
    assert tags
    assert all(tag == ["first"] for tag in tags)


def shown_at(client: Client, path: str) -> dict[str, Any]:
    """An import of a file without its URL, which is signed anew each time."""
    shown = client.get(path)["data"]
    del shown["attributes"]["file_url"]
    return shown


def test_an_upload_that_was_begun_in_time_may_end(served_local: Served) -> None:
    client, registry = served_local.client(), served_local.home.registry
    asked = client.post("/v1/imports", ASYNC)
    over = threading.Event()

    def slowly() -> Any:
        yield b"email\n"
        assert over.wait(30)
        yield b"ann@example.com\n"

    answers: list[httpx.Response] = []
    put = threading.Thread(target=lambda: answers.append(httpx.put(asked["_upload_url"], content=slowly(), timeout=60)))
    put.start()
    until = time.monotonic() + 20
    while imports.get(registry, asked["id"]).upload_begun_at is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    imports.update(registry, asked["id"], upload_expires_at=int(time.time()) - 1)
    assert client.get(f"/v1/imports/{asked['id']}")["status"] == "requested"
    over.set()
    put.join()
    assert [answer.status_code for answer in answers] == [200]
    assert imports.get(registry, asked["id"]).status is Status.QUEUED


def test_an_upload_that_breaks_off_does_not_keep_its_import_waiting(served_local: Served) -> None:
    client, registry = served_local.client(), served_local.home.registry
    asked = client.post("/v1/imports", ASYNC)
    assert httpx.put(asked["_upload_url"], content=b"").status_code == 400
    imports.update(registry, asked["id"], upload_expires_at=int(time.time()) - 1)
    assert client.get(f"/v1/imports/{asked['id']}")["status"] == "expired"


@pytest.mark.parametrize("broken", [b"\x00\x01\x02\xff\xfe binary \x00 that is no table", b"PK\x03\x04 no workbook"])
def test_after_an_unreadable_upload_a_better_one_is_taken(served: Served, broken: bytes) -> None:
    client = served.client()
    asked = {"model_type": "contacts", "file_name": "leads.csv", "content_type": "text/csv"}
    result = client.post("/api/imports-request-upload", asked)["result"]
    job = result["job_id"]
    assert httpx.put(result["signed_url"], content=broken).is_success
    refused = client.call("POST", "/api/imports-complete-upload", {"id": job})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unreadable_file")
    assert client.post("/api/imports-get", {"id": job})["result"]["status"] == "pending"

    assert httpx.put(result["signed_url"], content=b"Email\nann@example.com\n").is_success
    assert client.post("/api/imports-complete-upload", {"id": job})["result"]["preview"]["total_rows"] == 1
    client.post("/api/imports-confirm", {"id": job, "column_mapping": {"Email": "email"}})
    served.run_queued(job)
    assert queries.record_count(served.home, "contact", client.organization) == 1


def test_after_an_error_that_nobody_expected_the_connection_stays(served_local: Served) -> None:
    client = served_local.client()
    job = uploaded(client)
    registry = served_local.home.registry
    details = imports.get(registry, job).details
    imports.update(registry, job, details=["nothing that the server ever writes"])
    host, port = served_local.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        answers = [asked_on(connection, client, f"/v1/imports/{job}"), asked_on(connection, client, "/v1/schemas")]
    imports.update(registry, job, details=details)
    assert [answer.split(b"\r\n")[0] for answer in answers] == [
        b"HTTP/1.1 500 Internal Server Error",
        b"HTTP/1.1 200 OK",
    ]
    assert b"internal_error" in answers[0]


def asked_on(connection: socket.socket, client: Client, path: str) -> bytes:
    """One GET on a connection that is open already, and its whole answer."""
    request = f"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {client.token}\r\n\r\n"
    connection.sendall(request.encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def test_downloads_take_head_and_ranges(served_local: Served) -> None:
    client = served_local.client()
    asked = client.post("/v1/imports", ASYNC)
    file = b"email,first_name\n" + b"".join(b"p%d@example.com,P\n" % row for row in range(200)) + b"bad@,B\n"
    httpx.put(asked["_upload_url"], content=file)
    served_local.run_queued(asked["id"])
    done = client.get(f"/v1/imports/{asked['id']}")
    for name in ("_upload_csv_url", "_results_csv_url", "_errors_csv_url", "_upload_json_url", "_errors_json_url"):
        url = done[name]
        whole = httpx.get(url).content
        head = httpx.head(url)
        assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(whole)), b"")
        assert head.headers["accept-ranges"] == "bytes"
        for asked_for, part in (
            ("bytes=0-9", whole[:10]),
            ("bytes=5-", whole[5:]),
            ("bytes=-7", whole[-7:]),
            ("bytes=3-999999", whole[3:]),
        ):
            answer = httpx.get(url, headers={"Range": asked_for})
            assert (answer.status_code, answer.content) == (206, part)
            assert answer.headers["content-range"].endswith(f"/{len(whole)}")
        assert httpx.get(url, headers={"Range": "bytes=999999-"}).status_code == 416
        assert httpx.head(url, headers={"Range": "bytes=0-9"}).headers["content-length"] == "10"
        assert httpx.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).content == whole
    assert httpx.get(done["_upload_csv_url"]).content == file
    made = served_local.settings.home_path / "incoming"
    deadline = time.monotonic() + 10
    while list(made.iterdir()) and time.monotonic() < deadline:  # an answer is read before its file goes
        time.sleep(0.02)
    assert not list(made.iterdir()), "what was made for a download that had no such part stays on the disk"


KEYS = ["phone 1", "phone_1", "Phone-1"]


@pytest.mark.parametrize("mapping_by", ["rows", "file"])
def test_keys_that_are_alike_are_fields_of_their_own(served_local: Served, mapping_by: str) -> None:
    client = served_local.client()
    asked: dict[str, Any] = {"fields": [{"key": key} for key in KEYS]}
    if mapping_by == "rows":
        asked["initial_data"] = [{key: f"{key}!" for key in KEYS}]
    else:
        asked["original_filename"] = "phones.csv"
    created = client.post("/api/v1/headless/imports/", asked)
    if mapping_by == "file":
        assert httpx.put(created["upload"], content=b"phone 1,phone_1,Phone-1\nphone 1!,phone_1!,Phone-1!\n").is_success
    served_local.run_queued(created["id"])
    record = imports.get(served_local.home.registry, created["id"])
    assert (record.status, record.created_count) == (Status.COMPLETED, 1), record.reason
    [stored] = queries.records(served_local.home, record.record_type, client.organization)
    assert {key: stored[key] for key in KEYS} == {key: f"{key}!" for key in KEYS}


def test_another_type_for_a_stored_field_is_refused_when_it_is_asked_for(served_local: Served) -> None:
    client = served_local.client()
    fields = [{"key": "name"}, {"key": "age", "type": "number"}]
    schema = client.post("/v1/schemas", {"name": "Guests", "fields": fields})
    rows = [{"name": "Ann", "age": 5}]
    done = client.post("/api/v1/headless/imports/", {"schema_id": schema["id"], "initial_data": rows})
    served_local.run_queued(done["id"])
    assert imports.get(served_local.home.registry, done["id"]).status is Status.COMPLETED

    path = f"/v1/schemas/{schema['id']}"
    assert client.call("PUT", path, {"name": "Guests", "fields": fields[:1]}).is_success
    for other in ([fields[0], {"key": "age", "type": "date"}], [fields[0], {"key": "Age", "type": "date"}]):
        refused = client.call("PUT", path, {"name": "Guests", "fields": other})
        assert (refused.status_code, "is stored as" in refused.json()["error"]["message"]) == (400, True)
    assert client.get(path)["fields"] == fields[:1]
    assert client.call("DELETE", path).status_code == 204
    again = client.call("POST", "/v1/schemas", {"name": "Guests", "fields": [{"key": "age", "type": "date"}]})
    assert again.status_code == 400
    assert client.get("/v1/schemas")["data"] == []
    assert client.call("POST", "/v1/schemas", {"name": "Guests", "fields": fields}).status_code == 201
