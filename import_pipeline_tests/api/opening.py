"""Links made, opened and used in tests, by whoever a test needs."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import httpx

from import_pipeline_tests.api.serving import Client, Served

SITE = "https://app.example.com"
DAY = 86_400
ROWS = [{"email": "anna@example.com"}, {"email": "bob@"}]


@contextlib.contextmanager
def seconds_ago(served: Served, seconds: float) -> Iterator[None]:
    """What is made here was made then."""
    registry = served.home.registry
    registry.clock = lambda: time.time() - seconds
    try:
        yield
    finally:
        registry.clock = time.time


def imported(client: Client) -> str:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": ROWS})["id"]


def waiting(client: Client) -> str:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["id"]


def opened(served: Served, link: str) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/sessions", json={"link": link})


def session_of(served: Served, client: Client, **asked: Any) -> Client:
    """Somebody who opened a link that the client made."""
    link = client.post("/v1/links", asked)["url"].partition("#link=")[2]
    answer = opened(served, link)
    assert answer.status_code == 201
    return Client(httpx.Client(base_url=served.url, timeout=90), answer.json()["token"], client.organization)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
