"""How the served API bears many callers: pollers, uploads at once, and a sync import of 1,000 rows.

`python -m import_pipeline_tests.benchmarks.api_load [--pollers N] [--uploads N] [--rounds N] [--megabytes N]` serves a
home of its own and prints the p95 of those polls during which files were uploaded, the peak memory of the server, every
answer that was no success, and what a poll and a megabyte cost the server's processor, which the load of others hardly
changes.
"""

import argparse
import asyncio
import json
import socket
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from import_pipeline.settings import Settings
from import_pipeline.stores import tokens
from import_pipeline.words import Status
from import_pipeline_tests.api.serving import Client, Served, serving
from import_pipeline_tests.benchmarks.measure import cpu_seconds, median, verdict

BOUND_SYNC_SECONDS = 0.3
BOUND_POLL_SECONDS = 0.1
BOUND_MEMORY_MEGABYTES = 600.0
MEGABYTE = 1_000_000
_HEADER = b"email,notes\n"
_PIECE = (b"anna@example.com," + b"x" * 982 + b"\n") * 1_000
"""A megabyte of rows."""


@dataclass(frozen=True)
class Call:
    """One answered call: when it began, how long its answer took, and the status of that."""

    began: float
    seconds: float
    status: int


async def poll(url: str, callers: list[str], import_id: str, polls: int) -> list[Call]:
    """Poll imports-get from many callers, each with one of the tokens and a connection of its own, once a second.

    They begin at different times, and speak HTTP by themselves: a client library would spend more time on a call than
    the server.
    """
    calls: list[Call] = []
    host, port = _place_of(url)
    body = json.dumps({"id": import_id}).encode()

    async def caller(number: int, token: str) -> None:
        call = (
            f"POST /api/imports-get HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        await asyncio.sleep(number / len(callers))
        reader, writer = await asyncio.open_connection(host, port)
        for _ in range(polls):
            began = time.monotonic()
            writer.write(call)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            calls.append(Call(began, time.monotonic() - began, int(head.split()[1])))
            await asyncio.sleep(1)
        writer.close()

    await asyncio.gather(*(caller(number, token) for number, token in enumerate(callers)))
    return calls


def upload(callers: list[list[str]], megabytes: int) -> list[Call]:
    """PUT a file to the URLs of every caller, all callers at once; for a process of its own.

    They speak HTTP by themselves, too: the faster they send, the more the server has to do at a time.
    """
    with ThreadPoolExecutor(len(callers)) as threads:
        done = list(threads.map(lambda urls: [_put(url, megabytes) for url in urls], callers))
    return [call for calls in done for call in calls]


def _put(url: str, megabytes: int) -> Call:
    began = time.monotonic()
    with socket.create_connection(_place_of(url), timeout=120) as connection:
        path = url[url.index("/", len("http://")) :]
        connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for piece in (_HEADER, *[_PIECE] * megabytes):
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")
        status = int(connection.recv(65_536).split()[1])
    return Call(began, time.monotonic() - began, status)


def _place_of(url: str) -> tuple[str, int]:
    host, port = url.split("/")[2].split(":")
    return host, int(port)


def sync_seconds(client: Client, repeats: int) -> tuple[list[float], str]:
    """Import 1,000 rows by calls that wait for it.

    Returns:
        Seconds of each call but the first, and the id of the last import.
    """
    rows = [{"email": f"p{number}@example.com", "first_name": f"P{number}"} for number in range(1_000)]
    seconds: list[float] = []
    done: dict[str, Any] = {}
    for _ in range(repeats + 1):
        began = time.perf_counter()
        done = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": rows})
        seconds.append(time.perf_counter() - began)
        if done["status"] != "completed":
            raise RuntimeError(f"The import ended {done['status']}: {done['reason']}")
    return seconds[1:], done["id"]


def print_costs(served: Served, client: Client, import_id: str) -> None:
    """Print what a poll and an uploaded megabyte cost the server's processor, each alone."""
    pid, polls, megabytes = served.process.pid, 1_000, 100
    before = cpu_seconds(pid)
    for _ in range(polls):
        client.post("/api/imports-get", {"id": import_id})
    per_poll = (cpu_seconds(pid) - before) / polls
    [url] = _upload_urls(client, 1)
    before = cpu_seconds(pid)
    _put(url, megabytes)
    per_megabyte = (cpu_seconds(pid) - before) / megabytes
    print(f"processor of the server: {per_poll * 1e3:.2f} ms a poll, {per_megabyte * 1e3:.2f} ms an uploaded megabyte")


def print_lost(served: Served, client: Client, uploads: int) -> None:
    """Print how many of the uploaded imports are not queued with their file."""
    ready = client.get(f"/v1/imports?status={Status.QUEUED}&limit=1")["total_count"]
    print(f"uploads that are not queued: {uploads - ready}")


def _upload_urls(client: Client, count: int) -> list[str]:
    asked = {"resource": "contact", "upload_mode": "async"}
    return [client.post("/v1/imports", asked)["_upload_url"] for _ in range(count)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pollers", type=int, default=200)
    parser.add_argument("--polls", type=int, default=5, help="of each poller")
    parser.add_argument("--uploads", type=int, default=20, help="at once")
    parser.add_argument("--rounds", type=int, default=5, help="files that each uploader sends, one after the other")
    parser.add_argument("--megabytes", type=int, default=10, help="of each file")
    parser.add_argument("--repeats", type=int, default=5, help="imports that are waited for")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        settings = Settings(home=Path(folder) / "home")
        with serving(settings, Path(folder), creates_per_minute="100000") as served:
            client = served.client()
            seconds, import_id = sync_seconds(client, asked.repeats)
            print_costs(served, client, import_id)
            sending = served.client()
            urls = [_upload_urls(sending, asked.rounds) for _ in range(asked.uploads)]
            registry, organization = served.home.registry, client.organization
            pollers = [tokens.create(registry, organization, "read")[0] for _ in range(asked.pollers)]
            with ProcessPoolExecutor(1, get_context("spawn")) as other:  # who uploads does not keep pollers waiting
                other.submit(len, urls).result()
                uploading = other.submit(upload, urls, asked.megabytes)
                polled = asyncio.run(poll(served.url, pollers, import_id, asked.polls))
                uploaded = uploading.result()
            print_lost(served, sending, len(uploaded))
            memory = served.peak_memory() / MEGABYTE
    ended = max(call.began + call.seconds for call in uploaded)
    during = sorted(call.seconds for call in polled if call.began < ended)
    print(
        f"{len(uploaded)} uploads of {asked.megabytes} MB, {asked.uploads} at once: "
        f"answers {dict(Counter(call.status for call in uploaded))}, "
        f"{ended - min(call.began for call in uploaded):.1f} s"
    )
    print(f"{asked.pollers} pollers: answers {dict(Counter(call.status for call in polled))}")
    print(f"imports-get during uploads ({len(during)}): median {median(during) * 1_000:.0f} ms")
    print(verdict("imports-get during uploads, 95 of 100", during[int(len(during) * 0.95)], BOUND_POLL_SECONDS, " s"))
    print(verdict("peak memory of the server", memory, BOUND_MEMORY_MEGABYTES, " MB"))
    print(verdict("1,000 rows, sync, warm", median(seconds), BOUND_SYNC_SECONDS, " s"))


if __name__ == "__main__":
    main()
