"""The failures themselves: each makes something fail around an import that a process of its own runs, then mends it.

The import updates, creates and deletes some of the stored contacts, and has bad rows (`kill_scenes`). A scene gets the
home in which the import waits, and returns once the process has ended and what failed is well again.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, running, transitions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, PhaseStatus, Source, Status
from import_pipeline_tests.benchmarks import kill_scenes
from import_pipeline_tests.benchmarks.kill_scenes import IMPORT_ID
from import_pipeline_tests.faulty_s3 import Faults, faulty
from import_pipeline_tests.servers import PostgresServer, S3Server

ROOT = Path(__file__).resolve().parents[2]
RUN = """
from import_pipeline_tests.benchmarks.failure_scenes import run_in_this_process
run_in_this_process()
"""
NOBODY = 65_534
AWAY_SECONDS = 10.0
FOR_EVER = 10**9
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
    home = Home(Settings())
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
    if record.status is not Status.FAILED or not record.reason:
        raise AssertionError(f"The import is {record.status} for the reason {record.reason!r}.")
    untouched = after == ground.before
    if not untouched and record.phases[Phase.PROCESSING.position - 1].status != "completed":
        raise AssertionError(f"The import failed, and yet the store is not what it was: {record.reason}")
    scene.run()
    _same(stored(folder), ground.right, f"Run again, it ended with other tables. Its reason was: {record.reason}")
    if imports.get(home.registry, IMPORT_ID).status is not Status.COMPLETED:
        raise AssertionError(f"Run again, it is not completed: {imports.get(home.registry, IMPORT_ID).reason}")
    return Failed("failed", record.reason, untouched)


def stored(home: Path) -> str:
    """Records, history, outcomes and marks of a home, as text."""
    return "\n".join(kill_scenes.stored_lines(home))


def _same(found: str, wanted: str, complaint: str) -> None:
    if found != wanted:
        raise AssertionError(complaint)


# Disks


def can_mount() -> bool:
    """Whether a process may have a small disk of its own here."""
    tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return (
        shutil.which("unshare") is not None and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    )


def _on_a_small_disk(scene: Scene, folder: Path, room: int) -> None:
    """Run the import while a folder lies on a disk that has so many bytes of room left."""
    scene.begin()
    folder.mkdir(exist_ok=True)
    used = sum(path.stat().st_blocks * 512 for path in folder.rglob("*")) + 4_096 * len(list(folder.rglob("*")))
    kept = folder.with_name(f"{folder.name}-kept")
    script = f"""
        cp -a '{folder}' '{kept}' && mount -t tmpfs -o size={used + room} tmpfs '{folder}' || exit 0
        cp -a '{kept}/.' '{folder}/' || exit 0
        "$@"
        ended=$?
        rm -rf '{kept}' && cp -a '{folder}' '{kept}' && exit $ended
    """
    if scene.run("unshare", "-rm", "sh", "-c", script, "sh") == 0:
        raise AssertionError("The disk had room for all of it.")
    shutil.rmtree(folder)
    kept.rename(folder)


def disk_of_the_workspaces_full(scene: Scene) -> None:
    """Phase 1 has no room."""
    _on_a_small_disk(scene, scene.home / "workspaces", 600_000)


def disk_of_the_records_full_at_commit(scene: Scene) -> None:
    """The transaction of phase 6 does not fit."""
    _on_a_small_disk(scene, scene.records, 60_000)


def disk_of_the_records_full_at_checkpoint(scene: Scene) -> None:
    """The transaction fits into the log, but the log does not fit into the file."""
    _on_a_small_disk(scene, scene.records, 500_000)


def disk_of_the_registry_full(scene: Scene) -> None:
    """The registry cannot take notes."""
    registry = scene.home / "registry"
    registry.mkdir()
    (scene.home / "registry.sqlite").rename(registry / "registry.sqlite")
    scene.settings["IMPORT_PIPELINE_REGISTRY_URL"] = f"sqlite:///{registry / 'registry.sqlite'}"
    _on_a_small_disk(scene, registry, 30000)
    _taken_up_by_the_daemon(scene)


def largest_file_too_small(scene: Scene) -> None:
    """No file of the process may grow beyond a limit (`ulimit -f`)."""
    scene.begin()
    scene.run("sh", "-c", 'ulimit -f 1000; "$@"', "sh")


# Record stores


def _harmed(scene: Scene, harm: Callable[[Path], object]) -> None:
    scene.begin()
    path = scene.records / "default.duckdb"
    kept = path.with_suffix(".kept")
    shutil.copy2(path, kept)
    harm(path)
    scene.run()
    if path.is_dir():
        path.rmdir()
    kept.replace(path)


def store_corrupt(scene: Scene) -> None:
    """Its header is overwritten."""
    _harmed(scene, lambda path: path.write_bytes(b"\xde\xad" * 8_192 + path.read_bytes()[16_384:]))


def store_cut_short(scene: Scene) -> None:
    """Only its first pages are there."""
    _harmed(scene, lambda path: path.write_bytes(path.read_bytes()[:5_000]))


def store_is_a_folder(scene: Scene) -> None:
    """There is a folder in its place."""

    def harm(path: Path) -> None:
        path.unlink()
        path.mkdir()

    _harmed(scene, harm)


def store_not_permitted(scene: Scene) -> None:
    """The user may not read it."""
    scene.begin()
    is_root = os.geteuid() == 0
    for path in [scene.home, *scene.home.rglob("*")] if is_root else []:
        os.chown(path, NOBODY, NOBODY)
    for folder in [scene.home, *scene.home.parents] if is_root else []:
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    scene.records.chmod(0)
    scene.run(*(["setpriv", f"--reuid={NOBODY}", "--clear-groups"] if is_root else []))
    scene.records.chmod(0o700)


HOLD = "import duckdb, sys, time; held = duckdb.connect(sys.argv[1]); print(flush=True); time.sleep(float(sys.argv[2]))"
QUEUE = """
import sys, time
from pathlib import Path
from import_pipeline.stores.file_lock import fair_lock
with fair_lock(Path(sys.argv[1]), exclusive=True, wait_seconds=10):
    print(flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def _held(code: str, path: Path, seconds: float) -> Iterator[None]:
    command = [sys.executable, "-c", code, str(path), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        if not holder.stdout.readline():
            raise AssertionError("What was to be held is not.")
        yield
        holder.kill()


def store_open_in_another_program_too_long(scene: Scene) -> None:
    """A person looks into it for longer than the import waits."""
    scene.begin()
    with _held(HOLD, scene.records / "default.duckdb", 60):
        scene.run()


def store_open_in_another_program_for_a_while(scene: Scene) -> None:
    """A person looks into it, and closes it in time."""
    scene.begin()
    scene.settings["IMPORT_PIPELINE_STORE_WAIT_SECONDS"] = "60"
    with _held(HOLD, scene.records / "default.duckdb", 3):
        scene.run()


def store_open_in_another_program_in_the_last_phase(scene: Scene) -> None:
    """A person looks into it once the records are written, for longer than the import waits: it is never failed."""
    scene.begin()
    home = scene.opened()
    for phase in list(Phase)[:6]:
        running.run_phase_of(home, IMPORT_ID, phase)
    transitions.release(home, [IMPORT_ID])
    home.registry.close()
    with _held(HOLD, scene.records / "default.duckdb", 60):
        scene.run()
    if imports.get(scene.opened().registry, IMPORT_ID).status is not Status.QUEUED:
        raise AssertionError("An import whose records are written waits to be finished.")
    scene.run()


def store_at_another_imports_home_too_long(scene: Scene) -> None:
    """Another import writes for longer than this one waits."""
    scene.begin()
    with _held(QUEUE, scene.records / ".default.lock", 60):
        scene.run()


# S3


@contextlib.contextmanager
def _on_s3(scene: Scene) -> Iterator[Faults]:
    with faulty(scene.servers.s3.endpoint) as faults:
        scene.settings |= {
            "IMPORT_PIPELINE_BUCKET_URL": f"s3://{scene.servers.s3.bucket}/{scene.home.name}",
            "IMPORT_PIPELINE_BUCKET_ENDPOINT": faults.endpoint,
            "IMPORT_PIPELINE_BUCKET_KEY": scene.servers.s3.key,
            "IMPORT_PIPELINE_BUCKET_SECRET": scene.servers.s3.secret,
            "IMPORT_PIPELINE_BUCKET_WAIT_SECONDS": "1",
        }
        scene.begin()
        yield faults
    scene.settings["IMPORT_PIPELINE_BUCKET_ENDPOINT"] = scene.servers.s3.endpoint


def _s3(kind: str, method: str = "GET", part: str = "payload", times: int = FOR_EVER) -> Callable[[Scene], None]:
    def fail(scene: Scene) -> None:
        if times < FOR_EVER:  # however busy the machine is
            scene.settings["IMPORT_PIPELINE_RETRY_SECONDS"] = "60"
        with _on_s3(scene) as faults:
            faults.harm(kind, method, part, times)
            scene.run()
            if not faults.harmed:
                raise AssertionError("No request was harmed.")

    return fail


def object_changes_while_it_is_read(scene: Scene) -> None:
    """Somebody uploads another file under the same name; the file that was meant comes back afterwards."""
    with _on_s3(scene) as faults:
        key = f"payloads/{IMPORT_ID}/payload"
        bucket = scene.opened().bucket
        content = bucket.read_bytes(key, 10**7)
        faults.once_before_body(lambda: bucket.write_text(key, "external_id\nanother\n"))
        scene.run()
        bucket.write_text(key, content.decode())


# Registries


LOCK = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
held.execute("BEGIN EXCLUSIVE")
print(flush=True)
time.sleep(float(sys.argv[2]))
"""


def registry_locked_for_ten_seconds(scene: Scene) -> None:
    """Another program has SQLite for itself; it takes it while the import is at work."""
    with _at_work(scene) as let_go, _held(LOCK, scene.home / "registry.sqlite", 60):
        let_go()
        time.sleep(AWAY_SECONDS)


def registry_server_away_for_ten_seconds(scene: Scene) -> None:
    """PostgreSQL stops in the midst of the import, and starts again."""
    scene.settings["IMPORT_PIPELINE_REGISTRY_URL"] = scene.servers.postgres.new_database()
    with _at_work(scene) as let_go:
        scene.servers.postgres.stop()
        let_go()
        time.sleep(AWAY_SECONDS)
        scene.servers.postgres.start()


@contextlib.contextmanager
def _at_work(scene: Scene) -> Iterator[Callable[[], None]]:
    """Have the import at work while the block runs: it waits for the record store until it is let go."""
    scene.begin()
    scene.settings["IMPORT_PIPELINE_STORE_WAIT_SECONDS"] = "60"
    with contextlib.ExitStack() as held:
        held.enter_context(_held(QUEUE, scene.records / ".default.lock", 60))
        process = scene.start()
        home = scene.opened()
        until = time.monotonic() + 60
        while (
            imports.get(home.registry, IMPORT_ID).phases[Phase.TRANSFORMING.position - 1].status
            is not PhaseStatus.RUNNING
        ):
            if time.monotonic() > until:
                raise AssertionError("The import did not begin.")
            time.sleep(0.01)
        home.registry.close()
        yield held.close
    process.wait(120)


def _taken_up_by_the_daemon(scene: Scene) -> None:
    """What ended without being able to say so is started again, as by the sensors `ended_runs` and `queued_imports`."""
    from import_pipeline.service.reconciling import reconcile

    home = scene.opened()
    reconcile(home)
    if imports.get(home.registry, IMPORT_ID).status in (Status.UPLOADED, Status.QUEUED):
        scene.run()


SCENES: Mapping[str, Callable[[Scene], None]] = {
    "disk full: workspaces": disk_of_the_workspaces_full,
    "disk full: record store, at the commit": disk_of_the_records_full_at_commit,
    "disk full: record store, at the checkpoint": disk_of_the_records_full_at_checkpoint,
    "disk full: registry": disk_of_the_registry_full,
    "a limit on the size of files": largest_file_too_small,
    "record store: corrupt": store_corrupt,
    "record store: cut short": store_cut_short,
    "record store: a folder in its place": store_is_a_folder,
    "record store: no permission": store_not_permitted,
    "record store: open in another program for too long": store_open_in_another_program_too_long,
    "record store: open in another program for a while": store_open_in_another_program_for_a_while,
    "record store: open in another program in the last phase": store_open_in_another_program_in_the_last_phase,
    "record store: another import writes for too long": store_at_another_imports_home_too_long,
    "S3: 500 for a moment": _s3("error", times=4),
    "S3: 500 for ever": _s3("error"),
    "S3: 500 for ever, for the results": _s3("error", "PUT", "results"),
    "S3: silent for a moment": _s3("stall", times=1),
    "S3: silent for ever": _s3("stall"),
    "S3: silent in the midst of the file": _s3("stall_body", times=1),
    "S3: the file is cut off once": _s3("cut", times=1),
    "S3: the file is cut off every time": _s3("cut"),
    "S3: the object changes while it is read": object_changes_while_it_is_read,
    "registry: SQLite locked for ten seconds": registry_locked_for_ten_seconds,
    "registry: PostgreSQL away for ten seconds": registry_server_away_for_ten_seconds,
}
SMALL_DISKS = (
    disk_of_the_workspaces_full,
    disk_of_the_records_full_at_commit,
    disk_of_the_records_full_at_checkpoint,
    disk_of_the_registry_full,
)
"""Those that need the right to mount."""
