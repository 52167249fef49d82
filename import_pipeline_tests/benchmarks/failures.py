"""What becomes of an import when something around it fails: the right tables, or a reason and a store as it was.

`python -m import_pipeline_tests.benchmarks.failures [--only WORD]` lets disks fill up, stores break or be held, S3
servers answer 500, fall silent or stop in the midst of a file, objects change, and registries go away, all of it
really. Each line tells what failed and what became of the import. Whatever did not complete is run again once all is
well: it must then end with the tables of an import that nothing disturbed.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from import_pipeline_tests.benchmarks.disk_failures import can_mount
from import_pipeline_tests.benchmarks.failing import Failed, Ground, Servers, end_of
from import_pipeline_tests.benchmarks.failure_scenes import SCENES, SMALL_DISKS
from import_pipeline_tests.servers import postgres_server, s3_server


@contextlib.contextmanager
def all_servers(folder: Path) -> Iterator[Servers]:
    """The servers that the scenes need."""
    with s3_server(folder / "s3") as s3, postgres_server() as postgres:
        yield Servers(s3, postgres)


def told(failed: Failed) -> str:
    """What became of the import, on one line."""
    if failed.status == "completed":
        return "completed, all tables right"
    state = "store as it was" if failed.untouched else "rows written"
    return f"{failed.status}, {state}, right once it ran again: {failed.reason}"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only failures whose name holds this")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as name, all_servers(Path(name)) as servers:
        ground = Ground(Path(name) / "ground")
        for number, (scene, fail) in enumerate(SCENES.items()):
            if only in scene and not (fail in SMALL_DISKS and not can_mount()):
                failed = end_of(ground, fail, servers, Path(name) / f"home{number}")
                sys.stdout.write(f"{scene}: {told(failed)}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
