"""The failures themselves: each makes something fail around an import that a process of its own runs, then mends it.

A scene gets the home in which the import waits (`failing`), and returns once the process has ended and what failed is
well again.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping

from import_pipeline.stores import imports
from import_pipeline.words import Phase, PhaseStatus
from import_pipeline_tests.benchmarks.disk_failures import (
    disk_of_the_records_full_at_checkpoint,
    disk_of_the_records_full_at_commit,
    disk_of_the_registry_full,
    disk_of_the_workspaces_full,
    largest_file_too_small,
)
from import_pipeline_tests.benchmarks.failing import QUEUE, Scene, held
from import_pipeline_tests.benchmarks.kill_scenes import IMPORT_ID
from import_pipeline_tests.benchmarks.store_failures import (
    store_at_another_imports_home_too_long,
    store_corrupt,
    store_cut_short,
    store_is_a_folder,
    store_not_permitted,
    store_open_in_another_program_for_a_while,
    store_open_in_another_program_in_the_last_phase,
    store_open_in_another_program_too_long,
)
from import_pipeline_tests.faulty_s3 import Faults, faulty

AWAY_SECONDS = 10.0
FOR_EVER = 10**9


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
    with _at_work(scene) as let_go, held(LOCK, scene.home / "registry.sqlite", 60):
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
    with contextlib.ExitStack() as stack:
        stack.enter_context(held(QUEUE, scene.records / ".default.lock", 60))
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
        yield stack.close
    process.wait(120)


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
