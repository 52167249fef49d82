"""An import around which something fails completes, or fails with the reason and leaves the store as it was.

The short form of `python -m import_pipeline_tests.benchmarks.failures`, which knows more failures.
"""

from pathlib import Path

import pytest

from import_pipeline_tests.benchmarks import failure_scenes
from import_pipeline_tests.benchmarks.disk_failures import can_mount
from import_pipeline_tests.benchmarks.failing import Ground, Servers, end_of
from import_pipeline_tests.benchmarks.failure_scenes import SCENES, SMALL_DISKS
from import_pipeline_tests.servers import PostgresServer, S3Server


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A prepared home, copied for each failure."""
    return Ground(tmp_path_factory.mktemp("ground"))


@pytest.mark.parametrize(
    ("scene", "told"),
    [
        ("disk full: record store, at the commit", "The disk has no room"),
        ("a limit on the size of files", "The disk has no room"),
        ("record store: corrupt", "restore it from a backup"),
        ("record store: no permission", "may read and write there"),
        ("record store: open in another program for too long", "stayed in use for 2 seconds"),
        ("S3: the object changes while it is read", "changed while it was read"),
    ],
)
def test_what_cannot_be_waited_for_fails_the_import_with_its_reason_and_leaves_the_store_as_it_was(
    scene: str, told: str, ground: Ground, s3_server: S3Server, postgres_server: PostgresServer, tmp_path: Path
):
    if SCENES[scene] in SMALL_DISKS and not can_mount():
        pytest.skip("needs the right to mount a small disk")
    failed = end_of(ground, SCENES[scene], Servers(s3_server, postgres_server), tmp_path / "home")
    assert (failed.status, failed.untouched, told in failed.reason) == ("failed", True, True)


@pytest.mark.parametrize(
    "scene",
    [
        "S3: 500 for a moment",
        "S3: silent in the midst of the file",
        "S3: the file is cut off once",
        "registry: SQLite locked for ten seconds",
        "registry: PostgreSQL away for ten seconds",
    ],
)
def test_what_passes_is_waited_for_and_the_import_completes(
    scene: str,
    ground: Ground,
    s3_server: S3Server,
    postgres_server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(failure_scenes, "AWAY_SECONDS", 3.0)
    failed = end_of(ground, SCENES[scene], Servers(s3_server, postgres_server), tmp_path / "home")
    assert (failed.status, failed.reason) == ("completed", "")
