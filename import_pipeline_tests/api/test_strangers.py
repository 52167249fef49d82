"""Strangers cost nothing, and what a caller sends is limited before anything is made of it."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Client, Served, serving
from import_pipeline_tests.benchmarks.strangers import BRACKETS, MANY_KEYS, play, seconds_to_end

MEGABYTE = 1_000_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client(served_local: Served) -> Client:
    return served_local.client()


@pytest.fixture(scope="module", autouse=True)
def has_answered(client: Client) -> None:
    """A server that has answered calls: what it loads for the first ones would count as memory of their bodies."""
    assert client.http.post("/v1/imports", content=pieces(1), headers=JSON).status_code == 401
    assert client.call("POST", "/v1/imports", {"resource": "contact", "upload_mode": "async"}).is_success


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * MEGABYTE


def send(client: Client, path: str, content: bytes | Iterator[bytes], kind: str = "application/json") -> httpx.Response:
    headers = {"Content-Type": kind, "Authorization": f"Bearer {client.token}"}
    return client.http.post(path, content=content, headers=headers)


@pytest.mark.parametrize("kind", ["multipart/x", "multipart/form-data; boundary=b", "application/json"])
@pytest.mark.parametrize("path", ["/v1/imports", "/v1/organizations/acme/imports", "/api/imports-get"])
def test_the_body_of_a_stranger_is_never_read(served_local: Served, path: str, kind: str) -> None:
    before = served_local.peak_memory()
    answer = httpx.post(f"{served_local.url}{path}", content=pieces(100), headers={"Content-Type": kind}, timeout=60)
    assert answer.status_code == 401
    assert served_local.peak_memory() - before < 20 * MEGABYTE


def test_every_call_that_needs_a_token_refuses_a_stranger_whose_body_is_too_large_for_it(served_local: Served) -> None:
    document = httpx.get(f"{served_local.url}/openapi.json").json()
    asked = 0
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if "security" in call and "requestBody" in call:
                url = served_local.url + path.replace("{", "").replace("}", "")
                answer = httpx.request(method, url, content=pieces(3), headers=JSON)
                assert answer.status_code == 401, f"{method} {path}"
                asked += 1
    assert asked > 10


def test_a_token_that_may_only_read_is_refused_before_its_body_is_read(served_local: Served) -> None:
    reader = served_local.client(scope="read")
    before = served_local.peak_memory()
    assert send(reader, "/v1/imports", pieces(60)).status_code == 403
    assert served_local.peak_memory() - before < 20 * MEGABYTE


@pytest.mark.parametrize("kind", ["multipart/x", "multipart/form-data; boundary=b", "text/csv", "application/json"])
def test_the_size_of_a_body_is_limited_by_the_call_and_not_by_its_content_type(client: Client, kind: str) -> None:
    assert send(client, "/v1/imports", pieces(40), kind).status_code == 413
    assert send(client, "/api/imports-get", pieces(2), kind).status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "multipart/x", "application/x-www-form-urlencoded"])
def test_a_call_that_takes_a_file_takes_nothing_else_of_that_size(served_local: Served, kind: str) -> None:
    client = served_local.client()
    before = served_local.peak_memory()
    answer = send(client, f"/v1/organizations/{client.organization}/imports", pieces(60), kind)
    assert answer.status_code == 413
    assert served_local.peak_memory() - before < 120 * MEGABYTE


def test_the_fields_of_a_form_are_limited_together(served_local: Served) -> None:
    client = served_local.client()

    def form() -> Iterator[bytes]:
        for number in range(100):
            yield b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n' % number + b"x" * MEGABYTE + b"\r\n"

    path = f"/v1/organizations/{client.organization}/imports"
    assert send(client, path, form(), "multipart/form-data; boundary=b").status_code == 413


def test_millions_of_empty_lists_cost_little_memory_and_nobody_else(served_local: Served, client: Client) -> None:
    neighbour, felt = served_local.client(), []
    before = served_local.peak_memory()
    with ThreadPoolExecutor(3) as threads:
        sent = [threads.submit(send, client, "/v1/imports", BRACKETS) for _ in range(3)]
        while not all(one.done() for one in sent):
            begin = time.perf_counter()
            neighbour.get("/v1/imports")
            felt.append(time.perf_counter() - begin)
    for one in sent:
        error = one.result().json()["error"]
        assert (one.result().status_code, error["code"], error["details"]) == (413, "too_large", {"limit": 500_000})
    assert served_local.peak_memory() - before < 60 * MEGABYTE
    assert max(felt) < 2


def test_rows_that_are_no_rows_are_told_by_the_first_of_them(client: Client) -> None:
    answer = send(client, "/v1/imports", b'{"resource":"contact","data":[' + b"[]," * 90_000 + b"[]]}")
    assert answer.status_code == 422
    assert len(answer.content) < 2_000
    assert "data.list[dict[str,any]].0" in answer.json()["error"]["message"]


@pytest.mark.parametrize("depth", [40, 900, 20_000])
def test_a_body_that_is_deeper_than_any_table_is_refused(client: Client, depth: int) -> None:
    answer = send(client, "/v1/imports", b'{"resource":"contact","data":' + b"[" * depth + b"]" * depth + b"}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_brackets_within_texts_and_texts_of_two_pieces_are_no_depth(client: Client) -> None:
    note = '\\"[{' * 200_000
    rows = [{"email": "anna@example.com", "notes": note}]
    asked = {"resource": "contact", "upload_mode": "sync", "dry_run": True, "data": rows}
    assert client.post("/v1/imports", asked)["total_rows"] == 1


def test_at_most_a_hundred_errors_are_told_with_their_count(client: Client) -> None:
    wrong = json.dumps({f"key{number}": 0 for number in range(8_000)}).encode()
    answer = send(client, "/v1/schemas", wrong)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert len(error["details"]["fields"]) == 100
    assert error["details"]["count"] == 8_002  # name and fields are missing, too
    assert "8,002 problems" in error["message"]
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("name", ["k" * 90_000, "\u00e9" * 40_000])
def test_an_answer_is_short_whatever_it_names(client: Client, name: str) -> None:
    for body in ({name: 0}, {"resource": name, "upload_mode": "async"}):
        answer = send(client, "/v1/imports", json.dumps(body).encode())
        assert answer.status_code in (400, 422)
        assert len(answer.content) < 20_000


def test_half_a_million_keys_beside_the_rows_are_refused(client: Client) -> None:
    answer = send(client, "/v1/imports", MANY_KEYS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_json_that_is_no_utf_8_is_refused_as_such(client: Client) -> None:
    answer = send(client, "/v1/imports", '{"resource": "contact"}'.encode("utf-16"))
    assert answer.status_code == 422
    assert "UTF-8" in answer.json()["error"]["message"]


def test_a_server_holds_against_strangers_and_a_greedy_tenant_and_ends_when_it_is_told(tmp_path: Path) -> None:
    with serving(Settings(home=tmp_path / "home"), tmp_path, creates_per_minute="100000") as served:
        felt = play(served, strangers=20, seconds=6)
        assert felt.failures == 0
        assert felt.p95 < 2
        assert felt.memory < 600
        assert not [status for _, status in felt.answers if status.startswith("5")]
        assert seconds_to_end(served) < 15
