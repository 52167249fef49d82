"""Webhooks: who is called, how they know it was us, and who is never called."""

import contextlib
import hashlib
import hmac
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.service.deliveries import deliver_due
from import_pipeline.service.public_addresses import check_url
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, webhooks
from import_pipeline.words import Status
from import_pipeline_tests.api.serving import Served, serving
from import_pipeline_tests.importing import Importing


@dataclass
class Receiver:
    """A program that listens, and answers with the statuses it was given, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    location: str | None = None
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.calls.append((dict(self.headers), body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            if found.location is not None:
                self.send_header("Location", found.location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_is_told_of_the_finished_import_with_a_signature(served_local: Served, receiver: Receiver) -> None:
    client = served_local.client()
    hook = client.post("/v1/webhooks", {"url": receiver.url, "events": ["completed"]})
    assert "secret" not in client.get("/v1/webhooks")["data"][0]
    rows = [{"email": "anna@example.com"}]
    done = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": rows})
    for _ in range(100):
        if receiver.calls:
            break
        time.sleep(0.1)
    [(headers, body)] = receiver.calls
    told = json.loads(body)
    assert (told["type"], told["data"]["id"], told["data"]["created_count"]) == ("import.completed", done["id"], 1)
    timestamp, _, digest = headers["X-Import-Signature"].partition(",v1=")
    seconds = timestamp.removeprefix("t=")
    expected = hmac.new(hook["secret"].encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert digest == expected
    assert abs(int(seconds) - time.time()) < 60


@pytest.fixture
def listening(settings: Settings, importing: Importing) -> Importing:
    """A home that may call private addresses."""
    importing.home.settings = settings.model_copy(update={"webhooks_to_private_addresses": True})
    return importing


def test_what_was_not_heard_is_told_again_later_until_it_is(listening: Importing, receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    now = time.time()
    registry = listening.home.registry
    webhooks.create(registry, "default", receiver.url, ["completed", "failed"])
    listening.run("email\nanna@example.com\n")
    tried = []
    for later in (9.0, 10.0, 30.0, 99.0, 999.0):
        registry.clock = itertools.repeat(now + later).__next__
        tried.append(deliver_due(listening.home, lambda hook: "secret"))
    assert tried == [1, 0, 1, 1, 0]
    assert len(receiver.calls) == 3
    assert len({headers["X-Import-Delivery"] for headers, _ in receiver.calls}) == 1


def test_only_the_events_that_were_asked_for_are_told(listening: Importing, receiver: Receiver) -> None:
    webhooks.create(listening.home.registry, "default", receiver.url, ["needs_review"])
    webhooks.create(listening.home.registry, "other", receiver.url, ["completed"])
    listening.run("email\nanna@example.com\n")
    assert deliver_due(listening.home, lambda hook: "secret") == 0
    listening.run("mystery,thing\n1,2\n")
    assert deliver_due(listening.home, lambda hook: "secret") == 1
    assert json.loads(receiver.calls[0][1])["type"] == "import.needs_review"


@pytest.mark.parametrize("url", ["https://8.8.8.8/", "https://[2606:4700::1111]/", "https://example.com:8443/hook"])
def test_urls_in_the_open_internet_can_be_webhooks(url: str) -> None:
    assert check_url(url, private=False) == url


@contextlib.contextmanager
def dripping(seconds: float) -> Iterator[str]:
    """The URL of a receiver that answers one byte each so many seconds, for a minute at most."""
    stopped = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            for letter in b"HTTP/1.1 200 OK"[: int(60 / seconds)]:
                connection.sendall(bytes([letter]))
                if stopped.wait(seconds):
                    return
            stopped.wait(60)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            stopped.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def test_a_receiver_that_drips_its_answer_is_given_up_when_the_time_of_a_call_is_over(listening: Importing) -> None:
    with dripping(0.3) as url:
        webhooks.create(listening.home.registry, "default", url, ["completed"])
        listening.run("email\nanna@example.com\n")
        begun = time.monotonic()
        assert deliver_due(listening.home, lambda hook: "secret", call_seconds=1.0) == 1
        assert 0.9 < time.monotonic() - begun < 4
    assert deliver_due(listening.home, lambda hook: "secret") == 0
    listening.home.registry.clock = itertools.repeat(time.time() + 12).__next__
    assert deliver_due(listening.home, lambda hook: "secret") == 1


def test_uploads_expire_on_time_while_a_receiver_drips_its_answer(settings: Settings, tmp_path: Path) -> None:
    with (
        dripping(2.0) as url,
        serving(settings, tmp_path, webhooks_to_private_addresses="true", upload_url_seconds="1") as served,
    ):
        client = served.client()
        client.post("/v1/webhooks", {"url": url})
        rows = [{"email": "anna@example.com"}]
        for _ in range(3):
            client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": rows})
        asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
        begun = time.monotonic()
        while imports.get(served.home.registry, asked["id"]).status is not Status.EXPIRED:
            assert time.monotonic() - begun < 9, "house keeping waited for a webhook"
            time.sleep(0.2)
        served.process.kill()  # it would end only after the receiver's last drop


def test_organizations_take_turns_in_being_told(listening: Importing, receiver: Receiver) -> None:
    registry = listening.home.registry
    for number in range(12):
        webhooks.create(registry, "default", f"{receiver.url}/greedy/{number}", ["completed"])
    webhooks.create(registry, "other", f"{receiver.url}/neighbour", ["completed"])
    listening.run("email\nanna@example.com\n")
    listening.run("email\nben@example.com\n", organization="other")
    assert "neighbour" in {delivery.url.rpartition("/")[2] for delivery in webhooks.take_due(registry, 8)}


def test_a_redirection_is_not_followed(listening: Importing, receiver: Receiver) -> None:
    receiver.statuses = [307]
    receiver.location = receiver.url.replace("/hook", "/elsewhere")
    webhooks.create(listening.home.registry, "default", receiver.url, ["completed"])
    listening.run("email\nanna@example.com\n")
    assert deliver_due(listening.home, lambda hook: "secret") == 1
    assert len(receiver.calls) == 1


def test_a_name_that_leads_to_this_machine_is_never_called(importing: Importing, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    webhooks.create(importing.home.registry, "default", f"https://localhost:{port}", ["completed"])
    importing.run("email\nanna@example.com\n")
    assert deliver_due(importing.home, lambda hook: "secret") == 1
    assert receiver.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:192.168.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[64:ff9b::808:808]/",
        "https://[64:ff9b:1::808:808]/",
        "https://[::808:808]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[::ffff:0:808:808]/",
        "https://[2002:808:808::1]/",
        "https://[2001:0:808:808::1]/",
        "https://[2606:4700::5efe:7f00:1]/",
        "https://[fec0::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[ff0e::1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://user:secret@example.com/",
        "ftp://example.com/",
        "https:///path",
        "https://example.com:99999/",
        "javascript:alert(1)",
    ],
)
def test_urls_that_cannot_be_webhooks_are_refused(url: str) -> None:
    with pytest.raises(MisuseError):
        check_url(url, private=False)
