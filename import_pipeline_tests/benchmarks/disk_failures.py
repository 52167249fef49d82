"""Failures of disks: one without room, and a file that may not grow."""

import shutil
import subprocess
from pathlib import Path

from import_pipeline_tests.benchmarks.failing import Scene, taken_up_by_the_daemon


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
    taken_up_by_the_daemon(scene)


def largest_file_too_small(scene: Scene) -> None:
    """No file of the process may grow beyond a limit (`ulimit -f`)."""
    scene.begin()
    scene.run("sh", "-c", 'ulimit -f 1000; "$@"', "sh")
