"""An import around which something is made to fail: the home in which it waits, its process, and what became of it.

The import updates, creates and deletes some of the stored contacts, and has bad rows (`kill_scenes`).
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, running
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.benchmarks import kill_scenes
from import_pipeline_tests.benchmarks.kill_scenes import IMPORT_ID
from import_pipeline_tests.servers import PostgresServer, S3Server

ROOT = Path(__file__).resolve().parents[2]


RUN = """
from import_pipeline_tests.benchmarks.failing import run_in_this_process
run_in_this_process()
"""


PATIENCE = {"IMPORT_PIPELINE_RETRY_SECONDS": "4", "IMPORT_PIPELINE_STORE_WAIT_SECONDS": "2"}


@dataclass(frozen=True)
class Servers:
    """What scenes may need besides a home."""

    s3: S3Server
    postgres: PostgresServer


@dataclass(frozen=True)
class Failed:
    """What became of an import around which something failed."""

    status: str
    reason: str
    untouched: bool


class Ground:
    """A prepared home, and the tables that the import makes of it where nothing fails."""

    def __init__(self, folder: Path) -> None:
        self.base = folder / "base"
        kill_scenes.prepare(self.base)
        undisturbed = folder / "undisturbed"
        shutil.copytree(self.base, undisturbed)
        kill_scenes.begin(undisturbed)
        kill_scenes.go_on(undisturbed)
        self.right = stored(undisturbed)
        self.before = stored(self.base)


@dataclass
class Scene:
    """An import that waits in a home of its own.

    Attributes:
        home: The home.
        servers: What else there is.
        settings: Environment of the process that runs the import.
    """

    home: Path
    servers: Servers
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Path:
        """The folder of the record store."""
        return self.home / "records"

    def environment(self) -> dict[str, str]:
        """For the process that runs the import."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("IMPORT_PIPELINE_")}
        return {**ours, **PATIENCE, **self.settings, "IMPORT_PIPELINE_HOME": str(self.home)}

    def opened(self) -> Home:
        """The home, with the scene's registry and bucket."""
        secrets = {"registry_url", "bucket_key", "bucket_secret"}
        names = {name.removeprefix("IMPORT_PIPELINE_").lower(): value for name, value in self.settings.items()}
        values = {name: SecretStr(value) if name in secrets else value for name, value in names.items()}
        return Home(Settings.model_validate({"home": self.home, **values}))

    def begin(self) -> None:
        """Register the import."""
        spec = ImportSpec.model_validate(
            {"record_type": "contact", "action": "overwrite", "tags": ["new"], "confirm_deletions": True}
        )
        home = self.opened()
        creating.create_from_file(home, self.home / "incoming.csv", spec, Source.TERMINAL, import_id=IMPORT_ID)
        home.registry.close()

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        """Start the process that runs the import, perhaps by way of another program."""
        command = [*before, sys.executable, "-c", RUN]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def run(self, *before: str) -> int:
        """Run the import in a process of its own; gives its exit status."""
        return self.start(*before).wait(280)


def run_in_this_process() -> None:
    """Run the import of the home that the environment names."""
    run_all_phases(Home(Settings()))


def run_all_phases(home: Home) -> None:
    """Run the import of a home."""
    for phase in Phase:
        running.run_phase_of(home, IMPORT_ID, phase)


def end_of(ground: Ground, fail: Callable[[Scene], None], servers: Servers, folder: Path) -> Failed:
    """Let something fail around an import, and see what becomes of it.

    Raises:
        AssertionError: It ended with wrong tables, without a reason, or not at all.
    """
    shutil.copytree(ground.base, folder)
    scene = Scene(folder, servers)
    fail(scene)
    home = scene.opened()
    record = imports.get(home.registry, IMPORT_ID)
    after = stored(folder)
    if record.status is Status.COMPLETED:
        _same(after, ground.right, "The import completed with other tables than it would have undisturbed.")
        return Failed("completed", "", untouched=False)
    is_written = record.phases[Phase.PROCESSING.position - 1].status == "completed"
    # What is left of an import whose rows are written is tried again: it is queued, and never failed.
    expected = Status.QUEUED if is_written else Status.FAILED
    if record.status is not expected or not record.reason:
        raise AssertionError(f"The import is {record.status} for the reason {record.reason!r}.")
    untouched = after == ground.before
    if not untouched and not is_written:
        raise AssertionError(f"The import failed, and yet the store is not what it was: {record.reason}")
    run_all_phases(scene.opened())
    _same(stored(folder), ground.right, f"Run again, it ended with other tables. Its reason was: {record.reason}")
    if imports.get(home.registry, IMPORT_ID).status is not Status.COMPLETED:
        raise AssertionError(f"Run again, it is not completed: {imports.get(home.registry, IMPORT_ID).reason}")
    return Failed(str(record.status), record.reason, untouched)


def stored(home: Path) -> str:
    """Records, history, outcomes and marks of a home, as text."""
    return "\n".join(kill_scenes.stored_lines(home))


def _same(found: str, wanted: str, complaint: str) -> None:
    if found != wanted:
        raise AssertionError(complaint)


QUEUE = """
import sys, time
from pathlib import Path
from import_pipeline.stores.file_lock import fair_lock
with fair_lock(Path(sys.argv[1]), exclusive=True, wait_seconds=10):
    print(flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def held(code: str, path: Path, seconds: float) -> Iterator[None]:
    """Have a program hold a file while the block runs."""
    command = [sys.executable, "-c", code, str(path), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        if not holder.stdout.readline():
            raise AssertionError("What was to be held is not.")
        yield
        holder.kill()


def taken_up_by_the_daemon(scene: Scene) -> None:
    """What ended without being able to say so is started again, as by the sensors `ended_runs` and `queued_imports`."""
    from import_pipeline.service.reconciling import reconcile

    home = scene.opened()
    reconcile(home)
    if imports.get(home.registry, IMPORT_ID).status in (Status.UPLOADED, Status.QUEUED):
        scene.run()
