"""How the served API bears many callers: pollers, uploads at once, and a sync import of 1,000 rows.

`python -m import_pipeline_tests.benchmarks.api_load [--pollers N] [--uploads N] [--megabytes N]` serves a home
of its own and prints the p95 of imports-get, the peak memory of the server, and every answer that was no success.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Client, serving
from import_pipeline_tests.benchmarks.measure import median, verdict

BOUND_SYNC_SECONDS = 0.3
BOUND_POLL_SECONDS = 0.1
BOUND_MEMORY_MEGABYTES = 600.0
MEGABYTE = 1_000_000


async def poll(client: Client, url: str, import_id: str, pollers: int, polls: int) -> tuple[list[float], Counter[int]]:
    """Poll imports-get from many callers, each on a connection of its own, once a second, beginning at different times.

    They speak HTTP by themselves: a client library would spend more time on a call than the server.

    Returns:
        Seconds of each call, and how often each status came.
    """
    seconds: list[float] = []
    statuses: Counter[int] = Counter()
    host, port = url.removeprefix("http://").split(":")
    body = json.dumps({"id": import_id}).encode()
    call = (
        f"POST /api/imports-get HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body

    async def caller(number: int) -> None:
        await asyncio.sleep(number / pollers)
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(polls):
            begin = time.perf_counter()
            writer.write(call)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            seconds.append(time.perf_counter() - begin)
            statuses[int(head.split()[1])] += 1
            await asyncio.sleep(1)
        writer.close()

    await asyncio.gather(*(caller(number) for number in range(pollers)))
    return seconds, statuses


def upload(urls: list[str], megabytes: int) -> Counter[int]:
    """PUT a file to every URL at once; gives how often each status came."""
    return asyncio.run(_upload(urls, megabytes))


async def _upload(urls: list[str], megabytes: int) -> Counter[int]:

    async def content() -> AsyncIterator[bytes]:
        yield b"email,notes\n"
        line = b"anna@example.com," + b"x" * 982 + b"\n"
        for _ in range(megabytes):
            yield line * 1_000

    async with httpx.AsyncClient(timeout=120) as http:
        answers = await asyncio.gather(*(http.put(url, content=content()) for url in urls))
    return Counter(answer.status_code for answer in answers)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pollers", type=int, default=200)
    parser.add_argument("--polls", type=int, default=5)
    parser.add_argument("--uploads", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        settings = Settings(home=Path(folder) / "home")
        with serving(settings, Path(folder), creates_per_minute="100000") as served:
            client = served.client()
            rows = [{"email": f"p{number}@example.com", "first_name": f"P{number}"} for number in range(1_000)]
            seconds: list[float] = []
            done: dict[str, Any] = {}
            for _ in range(asked.repeats + 1):
                begin = time.perf_counter()
                done = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": rows})
                seconds.append(time.perf_counter() - begin)
                if done["status"] != "completed":
                    raise RuntimeError(f"The import ended {done['status']}: {done['reason']}")
            waiting = {"resource": "contact", "upload_mode": "async"}
            urls = [client.post("/v1/imports", waiting)["_upload_url"] for _ in range(asked.uploads)]
            with ProcessPoolExecutor(1, get_context("spawn")) as other:  # who uploads does not keep pollers waiting
                uploading = other.submit(upload, urls, asked.megabytes)
                polled, statuses = asyncio.run(poll(client, served.url, done["id"], asked.pollers, asked.polls))
                uploaded = uploading.result()
            memory = served.peak_memory() / MEGABYTE
    p95 = sorted(polled)[int(len(polled) * 0.95)]
    print(f"{asked.uploads} uploads of {asked.megabytes} MB at once: answers {dict(uploaded)}")
    print(f"{asked.pollers} pollers at the same time: answers {dict(statuses)}")
    print(f"imports-get: median {median(polled) * 1_000:.0f} ms")
    print(verdict("imports-get, 95 of 100", p95, BOUND_POLL_SECONDS, " s"))
    print(verdict("peak memory of the server", memory, BOUND_MEMORY_MEGABYTES, " MB"))
    print(verdict("1,000 rows, sync, warm", median(seconds[1:]), BOUND_SYNC_SECONDS, " s"))


if __name__ == "__main__":
    main()
