"""How many small files a second come in through the bucket.

`python -m import_pipeline_tests.benchmarks.many_files [--files 10000] [--rows 100] [--organizations 1]` puts files into
the bucket of a home of its own, serves the home as `import-pipeline up` does, turns the bucket sensor on, and waits for
the last import. Some of the files are broken: each of these fails alone. Printed are files a second from the first tick
of the sensor to the last completed import, what each kind of process took of the processor for a file, and the memory
of all processes in the first and the last quarter of that time. With `--held 100000` the same is measured in a home
that has so many imports, claims and partitions already, after one that has none, and what a file costs is compared.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from import_pipeline.home import Home
from import_pipeline.service import queries
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.benchmarks.held_imports import hold
from import_pipeline_tests.benchmarks.measure import command_of, cpu_seconds, resident_mib, tree, verdict
from import_pipeline_tests.ports import free_ports

BOUND_FILES_PER_SECOND = 50.0
HELD_BOUND = 1.1
BROKEN = 1_000  # one file in so many has a header only
_KINDS = {"daemon": "dagster._daemon", "webserver": "orchestration.webserver", "code server": "code-server"}
_START = """
mutation ($selector: SensorSelector!) { startSensor(sensorSelector: $selector) { __typename } }
"""
_SELECTOR = {
    "sensorName": "bucket_sensor",
    "repositoryName": "__repository__",
    "repositoryLocationName": "import_pipeline",
}


def fill_bucket(settings: Settings, files: int, rows: int, organizations: int) -> None:
    """Write files of contacts that no two of them share, as if they had come a minute ago."""
    long_ago = time.time() - 60
    for number in range(files):
        folder = settings.local_bucket / "uploads" / f"organization{number % organizations}" / "contact"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"people{number}.csv"
        lines = (
            f"{number}-{row},Ann{row},Lee{number},p{row}.{number}@example.com,+1 555 {number:05d}{row:03d},Rome,IT\n"
            for row in range(0 if number % BROKEN == BROKEN - 1 else rows)
        )
        path.write_text("external_id,first_name,last_name,email,phone,city,country\n" + "".join(lines))
        os.utime(path, (long_ago, long_ago))


@contextmanager
def served(settings: Settings) -> Iterator[tuple[int, int]]:
    """Serve a home while the block runs; gives the port of Dagster's UI and the process."""
    (port,) = free_ports(1)
    environment = {**os.environ, "IMPORT_PIPELINE_HOME": str(settings.home)}
    with (settings.home_path / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "import_pipeline", "up", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def start_sensor(port: int) -> None:
    """Turn the bucket sensor on, as a person does in the UI."""
    body = json.dumps({"query": _START, "variables": {"selector": _SELECTOR}}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                told = json.load(answer)
            if told.get("data", {}).get("startSensor", {}).get("__typename") == "Sensor":
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError("The bucket sensor could not be turned on.")


def measure(settings: Settings, files: int, seconds: float) -> dict[str, Any]:
    """Serve the home until all files are imported."""
    memory: list[float] = []
    used: dict[int, tuple[str, float]] = {}
    already = sum(imports.count_by_status(Home(settings).registry).values())
    done = threading.Event()
    home = Home(settings)
    with served(settings) as (port, process):
        sampler = threading.Thread(target=_sample, args=(process, memory, used, done), daemon=True)
        start_sensor(port)
        before = {pid: cpu_seconds(pid) for pid in tree(process)}
        began = time.monotonic()
        sampler.start()
        told = 0.0
        ended = 0
        while ended < files:
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"Only {ended} of {files} imports ended within {seconds:g} seconds.")
            time.sleep(0.5)
            counts = imports.count_by_status(home.registry)
            ended = sum(count for status, count in counts.items() if status.is_final) - already
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"  {told - began:6.0f} s  {ended:6,} of {files:,} imports ended", flush=True)
        took = time.monotonic() - began
        done.set()
        sampler.join()
    counts = imports.count_by_status(home.registry)
    quarter = max(1, len(memory) // 4)
    return {
        "seconds": took,
        "completed": counts[Status.COMPLETED] - already,
        "failed": counts[Status.FAILED],
        "first_quarter_mib": statistics.median(memory[:quarter]),
        "last_quarter_mib": statistics.median(memory[-quarter:]),
        "peak_mib": max(memory),
        "cpu": _by_kind(used, before),
    }


def _sample(process: int, memory: list[float], used: dict[int, tuple[str, float]], done: threading.Event) -> None:
    while not done.wait(0.5):
        pids = tree(process)
        memory.append(sum(resident_mib(pid) for pid in pids))
        used |= {pid: (command_of(pid), seconds) for pid in pids if (seconds := cpu_seconds(pid))}


def _by_kind(used: dict[int, tuple[str, float]], before: dict[int, float]) -> dict[str, float]:
    """Processor seconds by kind of process: of those that were there before, what they took since."""
    found: dict[str, float] = dict.fromkeys((*_KINDS, "runs"), 0.0)
    for pid, (command, seconds) in used.items():
        kind = next((one for one, word in _KINDS.items() if word in command), "runs")
        found[kind] += seconds - before.get(pid, 0.0)
    return found


def run(files: int, rows: int, organizations: int, seconds: float, held: int = 0) -> float:
    """Measure in a home of its own, and print.

    Args:
        files: How many.
        rows: Of each file.
        organizations: To which they belong, in turn.
        seconds: How long to wait at most.
        held: How many imports, claims and partitions the home has before.

    Returns:
        Processor seconds of all processes together for a file.

    Raises:
        SystemExit: Not every file is there once.
    """
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        settings = Settings(home=Path(folder) / "home")
        fill_bucket(settings, files, rows, organizations)
        if held:
            hold(settings, held)
        found = measure(settings, files, seconds)
        stored = sum(
            queries.record_count(Home(settings), "contact", f"organization{number}") for number in range(organizations)
        )
    broken = files // BROKEN
    speed = files / found["seconds"]
    print(f"completed {found['completed']:,}, failed {found['failed']:,} (broken files: {broken}), records {stored:,}")
    print(
        f"memory of all processes: {found['first_quarter_mib']:.0f} MiB in the first quarter, "
        f"{found['last_quarter_mib']:.0f} MiB in the last, {found['peak_mib']:.0f} MiB at most"
    )
    cpu = sum(found["cpu"].values()) / files
    parts = ", ".join(f"{kind} {1e3 * used / files:.1f}" for kind, used in found["cpu"].items())
    print(f"processor for a file: {1e3 * cpu:.1f} ms ({parts})")
    word = "reached" if speed >= BOUND_FILES_PER_SECOND else "MISSED "
    print(f"{word}  files a second: {speed:.1f} (at least {BOUND_FILES_PER_SECOND:g}), in {found['seconds']:.0f} s")
    if (found["failed"], stored) != (broken, (files - broken) * rows):
        raise SystemExit("Some files are missing, or came in twice.")
    return cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--organizations", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3_600)
    parser.add_argument("--held", type=int, default=0, help="imports, claims and partitions that are there before")
    arguments = parser.parse_args()
    work = arguments.files, arguments.rows, arguments.organizations, arguments.seconds
    empty = run(*work)
    if arguments.held:
        print(f"the same with {arguments.held:,} imports, claims and partitions before")
        ratio = run(*work, arguments.held) / empty
        print(verdict("processor for a file, with them / without", ratio, HELD_BOUND))


if __name__ == "__main__":
    main()
