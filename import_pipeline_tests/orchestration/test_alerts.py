"""Whom the sensor `import_alerts` tells of what, with receivers that listen on this machine."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import cast

import dagster as dg
import pytest
from pydantic import SecretStr

from import_pipeline.orchestration.alerts import IMPORT_ALERTS
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.settings import Settings
from import_pipeline_tests.orchestration.scenario import HEADER, contact_file, people, registered, tick


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """A server that listens while the block runs; gives its port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Chat(HTTPServer):
    """A chat service's end of a webhook."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Hook)


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        chat = cast("Chat", self.server)
        if chat.status == 200:
            chat.texts.append(json.loads(body)["text"])
        self.send_response(chat.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Mailbox(socketserver.TCPServer):
    """A mail server that takes everything."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.mails: list[str] = []
        super().__init__(("127.0.0.1", 0), _Mail)


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while (line := self.rfile.readline()) and not line.upper().startswith(b"QUIT"):
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                cast("Mailbox", self.server).mails.append(b"".join(lines).decode())
            self.wfile.write(b"250 fine\r\n")
        self.wfile.write(b"221 bye\r\n")


@pytest.fixture
def chat() -> Iterator[tuple[Chat, int]]:
    """A chat service that listens, and its port."""
    server = Chat()
    with serving(server) as port:
        yield server, port


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server that listens, and its port."""
    server = Mailbox()
    with serving(server) as port:
        yield server, port


def told_by(folder: Path, chat_port: int, mail_port: int) -> Settings:
    """The settings of a home whose alerts go to receivers of this machine."""
    return Settings(
        home=folder / "home",
        alert_webhook=SecretStr(f"http://127.0.0.1:{chat_port}/hook"),
        alert_mail_to="data@example.com",
        alert_smtp_url=SecretStr(f"smtp://127.0.0.1:{mail_port}"),
    )


def ended_before(runner: ImportRunner, seconds: int, import_id: str) -> None:
    """Run an import so that it ended some seconds ago."""
    registry = runner.home.registry
    clock = registry.clock
    registry.clock = lambda: clock() - seconds
    try:
        runner.execute(import_id)
    finally:
        registry.clock = clock


def test_failed_and_waiting_imports_are_told_once_by_chat_and_by_mail(
    tmp_path: Path, chat: tuple[Chat, int], mailbox: tuple[Mailbox, int]
) -> None:
    settings = told_by(tmp_path, chat[1], mailbox[1])
    with ImportRunner(settings) as runner:
        ended_before(runner, 3, registered(runner, contact_file(tmp_path, "before.csv", HEADER), "acme").id)
        cursor = tick(runner, IMPORT_ALERTS).cursor
        for name, text in {
            "fine": people("ann"),
            "empty": HEADER,
            "asks": "Who,Point of contact\nann,secret.ann@example.com\n",
        }.items():
            runner.execute(registered(runner, contact_file(tmp_path, f"{name}.csv", text), "acme", name).id)

        told = tick(runner, IMPORT_ALERTS, cursor)
        again = tick(runner, IMPORT_ALERTS, told.cursor)

    assert told.skip_message == "2 told by chat; 2 told by mail"
    assert again.skip_message == "Nothing new to tell."
    [text], [mail] = chat[0].texts, mailbox[0].mails
    for message in (text, mail.replace("=\r\n", "")):
        assert "1 failed, 1 needs_review" in message
        assert "empty.csv (contact of acme, empty) failed: " in message
        assert "no data rows" in message
        assert "asks.csv (contact of acme, asks) needs_review: The columns have to be mapped" in message
        assert "secret.ann" not in message
        assert "fine.csv" not in message
        assert "before.csv" not in message


def test_a_channel_that_is_down_is_tried_again_and_the_other_does_not_hear_twice(
    tmp_path: Path, chat: tuple[Chat, int], mailbox: tuple[Mailbox, int]
) -> None:
    settings = told_by(tmp_path, chat[1], mailbox[1])
    with ImportRunner(settings) as runner:
        cursor = tick(runner, IMPORT_ALERTS).cursor
        runner.execute(registered(runner, contact_file(tmp_path, "empty.csv", HEADER), "acme", "empty").id)
        chat[0].status = 503
        first = tick(runner, IMPORT_ALERTS, cursor)
        with pytest.raises(dg.Failure, match="answered 503"):
            tick(runner, IMPORT_ALERTS, first.cursor)
        chat[0].status = 200
        tick(runner, IMPORT_ALERTS, first.cursor)

    assert "answered 503" in first.skip_message
    assert len(chat[0].texts) == len(mailbox[0].mails) == 1


def test_a_sensor_without_a_channel_says_what_to_set(runner: ImportRunner) -> None:
    assert "set IMPORT_PIPELINE_ALERT_WEBHOOK" in tick(runner, IMPORT_ALERTS).skip_message
