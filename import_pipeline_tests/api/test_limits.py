"""Rates, sizes, repeated calls and memory."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from import_pipeline.api.app import create_app
from import_pipeline.home import Home
from import_pipeline.settings import Settings
from import_pipeline.stores import tokens
from import_pipeline_tests.api.serving import Served

ASYNC = {"resource": "contact", "upload_mode": "async"}
MEGABYTE = 1_000_000


@pytest.fixture
def client(settings: Settings) -> TestClient:
    """The application in this process, for three creates a minute and small bodies, with a token."""
    settings = settings.model_copy(update={"creates_per_minute": 3, "max_body_bytes": 5_000})
    app = create_app(Home(settings))
    return TestClient(app, headers=with_token(settings))


def with_token(settings: Settings) -> dict[str, str]:
    """The header of a new token of acme."""
    token, _ = tokens.create(Home(settings).registry, "acme")
    return {"Authorization": f"Bearer {token}"}


def test_a_token_begins_so_many_imports_a_minute_and_no_more(client: TestClient, settings: Settings) -> None:
    answers = [client.post("/v1/imports", json=ASYNC) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert client.get("/v1/imports").json()["total_count"] == 3
    assert client.post("/v1/imports", json=ASYNC, headers=with_token(settings)).status_code == 201


def test_the_limit_holds_for_all_servers_of_a_home_and_after_a_restart(settings: Settings) -> None:
    settings, header = settings.model_copy(update={"creates_per_minute": 3}), with_token(settings)
    servers = [TestClient(create_app(Home(settings)), headers=header) for _ in range(2)]
    answers = [servers[number % 2].post("/v1/imports", json=ASYNC).status_code for number in range(4)]
    assert answers == [201, 201, 201, 429]
    restarted = TestClient(create_app(Home(settings)), headers=header)
    assert restarted.post("/v1/imports", json=ASYNC).status_code == 429


def test_a_link_with_a_preset_counts_as_an_import_that_begins(client: TestClient) -> None:
    asked = {"preset": {"resource": "contact"}}
    answers = [client.post("/v1/links", json=asked).status_code for _ in range(4)]
    assert answers == [201, 201, 201, 429]
    assert client.post("/v1/imports", json=ASYNC).status_code == 429
    assert client.post("/v1/links", json={}).status_code == 201


def test_confirming_an_import_is_not_beginning_one(settings: Settings) -> None:
    client = TestClient(create_app(Home(settings.model_copy(update={"creates_per_minute": 1}))))
    client.headers.update(with_token(settings))
    asked = {"model_type": "contacts", "file_name": "a.csv", "content_type": "text/csv"}
    job = client.post("/api/imports-request-upload", json=asked).json()["result"]["job_id"]
    early = client.post("/api/imports-confirm", json={"id": job, "column_mapping": {"Email": "email"}})
    assert early.status_code == 409


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_refused_as_soon_as_it_is_too_large(client: TestClient, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"resource": "contact", "name": "'
        for _ in range(100):
            yield b"x" * 1_000

    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/imports", content=pieces() if chunked else b"".join(pieces()), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert client.get("/v1/imports").json()["total_count"] == 0


def test_answers_tell_browsers_to_be_careful(client: TestClient) -> None:
    headers = client.get("/v1/imports").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_call_repeated_under_one_key_makes_one_import(served_local: Served) -> None:
    client = served_local.client()
    first = client.post("/v1/imports", ASYNC, Idempotency_Key="k1")
    again = client.post("/v1/imports", ASYNC, Idempotency_Key="k1")
    assert again["id"] == first["id"]
    assert client.post("/v1/imports", ASYNC, Idempotency_Key="k2")["id"] != first["id"]
    other = client.call("POST", "/v1/imports", ASYNC | {"name": "Another"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    stranger = served_local.client().post("/v1/imports", ASYNC, Idempotency_Key="k1")
    assert stranger["id"] != first["id"]


def test_a_confirmation_that_is_sent_twice_starts_the_import_once(served_local: Served) -> None:
    client = served_local.client()
    asked = {"model_type": "contacts", "file_name": "a.csv", "content_type": "text/csv"}
    result = client.post("/api/imports-request-upload", asked)["result"]
    httpx.put(result["signed_url"], content=b"Email\nanna@example.com\n")
    client.post("/api/imports-complete-upload", {"id": result["job_id"]})
    confirm = {"id": result["job_id"], "column_mapping": {"Email": "email"}}
    first = client.post("/api/imports-confirm", confirm, Idempotency_Key="go")
    assert client.post("/api/imports-confirm", confirm, Idempotency_Key="go") == first
    assert client.call("POST", "/api/imports-confirm", confirm).status_code == 409


def test_a_key_is_free_again_when_its_call_failed(served_local: Served) -> None:
    client = served_local.client()
    wrong = client.call("POST", "/v1/imports", ASYNC | {"resource": "people"}, Idempotency_Key="k")
    assert wrong.status_code == 400
    assert client.post("/v1/imports", ASYNC, Idempotency_Key="k")["status"] == "requested"


def test_an_upload_of_50_megabytes_does_not_pass_through_memory(served_local: Served) -> None:
    client = served_local.client()
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    piece = b"email,notes\n" + b"anna@example.com,%b\n" % (b"x" * 970) * 1_000
    before = served_local.peak_memory()
    answer = httpx.put(asked["_upload_url"], content=iter([piece] * 50), timeout=60)
    assert answer.json()["size_bytes"] == 50 * len(piece) > 49 * MEGABYTE
    assert served_local.peak_memory() - before < 20 * MEGABYTE
    client.post(f"/v1/imports/{asked['id']}/cancel")
