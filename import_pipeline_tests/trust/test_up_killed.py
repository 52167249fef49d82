"""Imports that `up` runs in processes of its own go on by themselves when these processes are killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from import_pipeline.home import Home
from import_pipeline.orchestration.instance import open_instance
from import_pipeline.orchestration.tags import WORKER
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, PhaseStatus, Source, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.ports import free_ports

pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="finds the processes of runs in /proc")

UP = """
import sys
from import_pipeline.orchestration.up import up
from import_pipeline.settings import Settings
sys.exit(up(int(sys.argv[1]), Settings(), lambda line: print(line, flush=True)))
"""
ROWS = 200_000


@contextlib.contextmanager
def up(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a home as `import-pipeline up` does while the block runs."""
    (port,) = free_ports(1)
    environment = {**os.environ, "IMPORT_PIPELINE_HOME": str(home)}
    command = [sys.executable, "-c", UP, str(port)]
    with (home.parent / "up.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def wait_for(what: str, found: Callable[[], object], seconds: float = 290) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, f"{what} did not come about within {seconds:g} seconds."
        time.sleep(0.05)


def worker_of(settings: Settings, run_id: str) -> int:
    """The process in which a run is at work."""
    with open_instance(settings) as instance:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        return int(run.tags[WORKER].split(":")[1])


def queued(home: Home, folder: Path) -> str:
    """Queue an import that takes some seconds."""
    path = folder / "people.csv"
    lines = (f"{number},Name {number},person{number}@example.com\n" for number in range(ROWS))
    path.write_text("external_id,first_name,email\n" + "".join(lines))
    record = creating.create_from_file(home, path, ImportSpec(record_type="contact"), Source.TERMINAL)
    move(home.registry, record.id, Status.QUEUED)
    return record.id


def is_at_work(record: ImportRecord, phase: Phase) -> bool:
    """Whether an import has come to a phase, and not to its end."""
    return record.status is Status.PROCESSING and record.phases[phase.position - 1].status is not PhaseStatus.PENDING


@pytest.mark.timeout(900)  # Dagster is started twice, which takes minutes where much else is at work
def test_an_import_goes_on_when_its_run_is_killed_and_again_when_everything_is_killed_and_started_anew(
    settings: Settings, tmp_path: Path
):
    folder = settings.home_path
    home = Home(settings)
    import_id = queued(home, tmp_path)
    with up(folder) as server:
        wait_for("The import", lambda: is_at_work(imports.get(home.registry, import_id), Phase.PREVALIDATION))
        first = imports.get(home.registry, import_id).run_id
        assert first is not None
        worker = worker_of(settings, first)  # looked up before: the import goes on while Dagster's storage is opened
        wait_for("Its third phase", lambda: is_at_work(imports.get(home.registry, import_id), Phase.TRANSFORMING))
        os.kill(worker, signal.SIGKILL)
        wait_for("Its next run", lambda: imports.get(home.registry, import_id).run_id not in (first, None))
        second = imports.get(home.registry, import_id).run_id
        for process in [server.pid, *of_home(folder)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        server.wait(10)
    assert imports.get(home.registry, import_id).status is Status.PROCESSING
    with up(folder):
        wait_for("Its end", lambda: imports.get(home.registry, import_id).status.is_final)
        wait_for("Its address", lambda: b"Open http://127.0.0.1:" in (tmp_path / "up.log").read_bytes())
    done = imports.get(home.registry, import_id)
    assert (done.status, done.created_count) == (Status.COMPLETED, ROWS)
    assert done.run_id not in (first, second)
    assert queries.record_count(home, "contact", "default") == ROWS


def of_home(home: Path) -> list[int]:
    """Processes whose environment names this home."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if f"IMPORT_PIPELINE_HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found
