"""What a neighbour feels while strangers, a greedy tenant and bodies that are all brackets come to the served API.

`python -m import_pipeline_tests.benchmarks.strangers [--strangers N] [--seconds N]` serves a home of its own, lets all
of them do their worst at once, the greedy tenant's webhooks going to a receiver that drips its answers, and prints the
peak memory of the server, the p95 of the neighbour's imports-get, when the neighbour's own webhook was called, what
each of the others was answered, and how long the server took to end.
"""

import argparse
import asyncio
import contextlib
import json
import math
import signal
import socketserver
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import httpx

from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Client, Served, serving
from import_pipeline_tests.benchmarks.measure import median, verdict

BOUND_MEMORY_MEGABYTES = 600.0
BOUND_P95_SECONDS = 1.0
BOUND_WEBHOOK_SECONDS = 10.0
BOUND_END_SECONDS = 15.0
MEGABYTE = 1_000_000
JSON = "application/json"
BRACKETS = b'{"resource":"contact","upload_mode":"sync","data":[' + b"[]," * 8_000_000 + b"[]]}"
DEEP = b'{"resource":"contact","data":' + b"[" * 900 + b"]" * 900 + b"}"
MANY_KEYS = json.dumps({f"k{number}": 0 for number in range(400_000)}).encode()


@dataclass(frozen=True)
class Attack:
    """A request that is made again and again.

    Attributes:
        name: For the report.
        token: Its bearer token, if it has one.
        content_type: What it says that it sends.
        body: A whole body, or a piece of one that goes on without end.
        pieces: How often the body is sent as a piece, 0 for once and whole.
        pause: Seconds between two pieces.
    """

    name: str
    token: str | None
    content_type: str
    body: bytes
    pieces: int = 0
    pause: float = 0.0


@dataclass(frozen=True)
class Felt:
    """What came of it.

    Attributes:
        memory: Most megabytes of the server's process.
        seconds: Of each call of the neighbour.
        failures: Calls of the neighbour that did not succeed.
        answers: Attack and status → how often.
    """

    memory: float
    seconds: list[float]
    failures: int
    answers: Counter[tuple[str, str]]

    @property
    def p95(self) -> float:
        """Seconds that 95 of 100 calls of the neighbour took at most."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def attacks_of(strangers: int, tenant: str) -> list[Attack]:
    """What everybody sends: strangers of five kinds, and a tenant's program with a valid token."""
    rows = [{"email": f"p{number}@example.com", "first_name": f"P{number}"} for number in range(5_000)]
    import_of_many = json.dumps({"resource": "contact", "upload_mode": "sync", "data": rows}).encode()
    unknown = [
        Attack("stranger: 400 MB as multipart/x", None, "multipart/x", b"x" * MEGABYTE, 400),
        Attack("stranger: 24 MB of brackets", None, JSON, BRACKETS),
        Attack("stranger: unknown token, form", "nobody", "multipart/form-data; boundary=b", b"x" * MEGABYTE, 400),
        Attack("stranger: a byte now and then", None, JSON, b"x", 1_000, 0.5),
        Attack("stranger: deep body", "nobody", JSON, DEEP),
    ]
    known = [
        *[Attack("tenant: 24 MB of brackets", tenant, JSON, BRACKETS)] * 4,
        Attack("tenant: 900 deep", tenant, JSON, DEEP),
        Attack("tenant: 400,000 keys", tenant, JSON, MANY_KEYS),
        *[Attack("tenant: sync import of 5,000 rows", tenant, JSON, import_of_many)] * 6,
    ]
    return [unknown[number % len(unknown)] for number in range(strangers)] + known


def attack(url: str, attacks: Sequence[Attack], seconds: float) -> Counter[tuple[str, str]]:
    """Make all attacks at once, each again and again until the time is over."""
    return asyncio.run(_attack(url, attacks, seconds))


async def _attack(url: str, attacks: Sequence[Attack], seconds: float) -> Counter[tuple[str, str]]:
    answers: Counter[tuple[str, str]] = Counter()
    until = time.monotonic() + seconds

    async def content(one: Attack) -> AsyncIterator[bytes]:
        for _ in range(one.pieces):
            if time.monotonic() > until:
                return
            yield one.body
            await asyncio.sleep(one.pause)

    async def again_and_again(http: httpx.AsyncClient, one: Attack) -> None:
        headers = {"Content-Type": one.content_type}
        if one.token is not None:
            headers["Authorization"] = f"Bearer {one.token}"
        while time.monotonic() < until:
            body = content(one) if one.pieces else one.body
            try:
                answer = await http.post("/v1/imports", content=body, headers=headers)
                answers[one.name, str(answer.status_code)] += 1
            except httpx.TransportError as error:  # whoever is refused may find the connection closed
                answers[one.name, type(error).__name__] += 1
            await asyncio.sleep(0.05)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=90, limits=limits) as http:
        await asyncio.gather(*(again_and_again(http, one) for one in attacks))
    return answers


@dataclass
class Receiver:
    """A receiver of webhooks: one that answers, or one that drips a header, a byte every four seconds.

    Attributes:
        url: Where it listens.
        called: Moments at which it was called.
    """

    url: str
    called: list[float] = field(default_factory=list)


@contextlib.contextmanager
def receiving(*, drips: bool) -> Iterator[Receiver]:
    """Receive webhooks while the block lasts."""
    ended = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            receiver.called.append(time.monotonic())
            with contextlib.suppress(OSError):
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + (b"X-Drip: " if drips else b"\r\n"))
                while drips and not ended.wait(4):
                    self.request.sendall(b"x")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            ended.set()
            server.shutdown()
            thread.join()


def webhook_seconds(served: Served, imports: int = 10) -> float:
    """How long a neighbour's webhook waits, where another's receiver drips its answers to some that came before.

    Returns:
        Seconds from the end of the neighbour's import to the call; endless where none came within a minute.
    """
    greedy, neighbour = served.client(), served.client()
    row = {"resource": "contact", "upload_mode": "sync", "data": [{"email": "anna@example.com"}]}
    with receiving(drips=True) as dripping, receiving(drips=False) as prompt:
        greedy.post("/v1/webhooks", {"url": dripping.url})
        neighbour.post("/v1/webhooks", {"url": prompt.url})
        for _ in range(imports):
            greedy.post("/v1/imports", row)
        until = time.monotonic() + 60
        while not dripping.called and time.monotonic() < until:
            time.sleep(0.1)
        neighbour.post("/v1/imports", row)
        begin = time.monotonic()
        while not prompt.called and time.monotonic() < begin + 60:
            time.sleep(0.1)
        return prompt.called[0] - begin if prompt.called else math.inf


def play(served: Served, strangers: int, seconds: float) -> Felt:
    """Let everybody do their worst, and poll as a neighbour meanwhile."""
    neighbour, greedy = served.client(), served.client()
    asked = {"model_type": "contacts", "file_name": "a.csv", "content_type": "text/csv"}
    job = neighbour.post("/api/imports-request-upload", asked)["result"]["job_id"]
    felt: list[float] = []
    failures = 0
    with _found_by_children(), ProcessPoolExecutor(1, get_context("spawn")) as others:
        at_work = others.submit(attack, served.url, attacks_of(strangers, greedy.token), seconds)
        while not at_work.done():
            begin = time.perf_counter()
            failures += not _polls(neighbour, job)
            felt.append(time.perf_counter() - begin)
            time.sleep(0.05)
        answers = at_work.result()
    return Felt(served.peak_memory() / MEGABYTE, felt, failures, answers)


@contextlib.contextmanager
def _found_by_children() -> Iterator[None]:
    """Let processes that are started meanwhile find this package, wherever this one was begun: they take its path."""
    root = str(Path(__file__).parents[2])
    sys.path.append(root)
    try:
        yield
    finally:
        sys.path.remove(root)


def _polls(client: Client, job: str) -> bool:
    try:
        return client.call("POST", "/api/imports-get", {"id": job}).is_success
    except httpx.TransportError:
        return False


def seconds_to_end(served: Served) -> float:
    """Send SIGTERM, and wait until the server is gone."""
    begin = time.perf_counter()
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(60)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strangers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        settings = Settings(home=Path(folder) / "home")
        environment = {"creates_per_minute": "100000", "webhooks_to_private_addresses": "true"}
        with serving(settings, Path(folder), **environment) as served:
            felt = play(served, asked.strangers, asked.seconds)
            told = webhook_seconds(served)
            end = seconds_to_end(served)
    for (name, status), count in sorted(felt.answers.items()):
        print(f"{name}: {status} {count} times")
    middle = median(felt.seconds) * 1_000
    print(f"imports-get of a neighbour: {len(felt.seconds)} calls, {felt.failures} failed, median {middle:.0f} ms")
    print(verdict("p95 of the neighbour's imports-get", felt.p95, BOUND_P95_SECONDS, " s"))
    print(verdict("peak memory of the server", felt.memory, BOUND_MEMORY_MEGABYTES, " MB"))
    print(verdict("the neighbour's webhook beside a dripping one", told, BOUND_WEBHOOK_SECONDS, " s"))
    print(verdict("time to end after SIGTERM", end, BOUND_END_SECONDS, " s"))


if __name__ == "__main__":
    main()
