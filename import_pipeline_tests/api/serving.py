"""The API as users meet it: a process of its own on a free port, called over HTTP."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import httpx

from import_pipeline.home import Home
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, tokens
from import_pipeline.stores.tokens import Scope
from import_pipeline_tests.ports import free_ports

START_SECONDS = 60.0
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Servers of tests speak plain HTTP; a client of its own accord would read all certificates that there are."""


@dataclass
class Client:
    """What one organization's program does, with one token."""

    http: httpx.Client
    token: str = field(repr=False)
    organization: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call the API; an underscore in a header's name stands for a hyphen."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, path, json=body, headers=sent)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST, and the answer's JSON if it is no error."""
        answer = self.call("POST", path, body if body is not None else {}, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """GET, and the answer's JSON if it is no error."""
        answer = self.call("GET", path)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass
class Served:
    """A server at work, and the home it serves."""

    url: str
    settings: Settings
    process: "subprocess.Popen[bytes]"
    log: Path

    @cached_property
    def home(self) -> Home:
        """The same home, from the test's side."""
        return Home(self.settings)

    @cached_property
    def runner(self) -> ImportRunner:
        """Runs what is queued, as the sensor has it run."""
        return ImportRunner(self.settings)

    def client(self, organization: str | None = None, scope: Scope = "write") -> Client:
        """A program with a token; of an organization of its own if none is named."""
        organization = organization or f"org-{secrets.token_hex(6)}"
        token, _ = tokens.create(self.home.registry, organization, scope)
        return Client(httpx.Client(base_url=self.url, timeout=90, verify=_NO_CERTIFICATES), token, organization)

    def call_as_written(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, str]:
        """Call a path just as it is written, dots and all: clients would tidy it up before the server sees it.

        Returns:
            The status and the text of the answer.
        """
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def run_queued(self, import_id: str) -> None:
        """Run an import that waits for the sensor."""
        assert import_id in [record.id for record in imports.queued(self.home.registry, 1_000)]
        self.runner.execute(import_id)

    def ended_run(self, import_id: str) -> dg.DagsterRun:
        """The run of an import that a worker did, once it ended: a moment after its caller is answered."""
        run_id = imports.get(self.home.registry, import_id).run_id
        for _ in range(100):
            run = self.runner.instance.get_run_by_id(str(run_id))
            assert run is not None
            if run.is_finished:
                return run
            time.sleep(0.1)
        raise AssertionError(f"The run of import {import_id} does not end.")

    def peak_memory(self) -> int:
        """The most memory that the server held so far, in bytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


@contextlib.contextmanager
def serving(settings: Settings, folder: Path, **environment: str) -> Iterator[Served]:
    """Serve a home while the block lasts."""
    [port] = free_ports(1)
    log = folder / "serve.log"
    names = {f"IMPORT_PIPELINE_{name.upper()}": value for name, value in environment.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IMPORT_PIPELINE_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from import_pipeline.cli import main; main()", "serve", "--port", str(port)],
            env=clean | names | {"IMPORT_PIPELINE_HOME": str(settings.home_path)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0,  # whoever starts it may be careless
        )
    served = Served(f"http://127.0.0.1:{port}", settings, process, log)
    try:
        _wait_until_ready(served)
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(base_url=served.url, timeout=5, verify=_NO_CERTIFICATES) as asking:
        while time.monotonic() < deadline and served.process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if asking.get("/health/live").is_success:
                    return
            time.sleep(0.1)
    raise RuntimeError(f"The API did not start; its output:\n{served.log.read_text(errors='replace')}")
