"""Failures of record stores: files that are broken, not permitted, or held by another program."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from import_pipeline.service import running, transitions
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status
from import_pipeline_tests.benchmarks.failing import QUEUE, Scene, held
from import_pipeline_tests.benchmarks.kill_scenes import IMPORT_ID

NOBODY = 65_534


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


def store_open_in_another_program_too_long(scene: Scene) -> None:
    """A person looks into it for longer than the import waits."""
    scene.begin()
    scene.settings["IMPORT_PIPELINE_RETRY_SECONDS"] = "1"
    with held(HOLD, scene.records / "default.duckdb", 60):
        scene.run()


def store_open_in_another_program_for_a_while(scene: Scene) -> None:
    """A person looks into it, and closes it in time."""
    scene.begin()
    scene.settings["IMPORT_PIPELINE_STORE_WAIT_SECONDS"] = "60"
    with held(HOLD, scene.records / "default.duckdb", 3):
        scene.run()


def store_open_in_another_program_in_the_last_phase(scene: Scene) -> None:
    """A person looks into it once the records are written, for longer than the import waits: it is never failed."""
    scene.begin()
    home = scene.opened()
    for phase in list(Phase)[:6]:
        running.run_phase_of(home, IMPORT_ID, phase)
    transitions.release(home, [IMPORT_ID])
    home.registry.close()
    with held(HOLD, scene.records / "default.duckdb", 60):
        scene.run()
    if imports.get(scene.opened().registry, IMPORT_ID).status is not Status.QUEUED:
        raise AssertionError("An import whose records are written waits to be finished.")
    scene.run()


def store_at_another_imports_home_too_long(scene: Scene) -> None:
    """Another import writes for longer than this one waits."""
    scene.begin()
    with held(QUEUE, scene.records / ".default.lock", 60):
        scene.run()
