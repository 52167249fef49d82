"""Eight imports at once, into one record table and into eight organizations: nobody is refused, everybody has a turn.

`python -m import_pipeline_tests.benchmarks.at_once [--imports 8] [--rows 20000]` starts so many processes of the
terminal at the same time, first all for one organization, then each for its own, and prints how many rows a second came
in together, and how long the first and the last of them took.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.service import queries
from import_pipeline.settings import Settings


@dataclass(frozen=True)
class AtOnce:
    """What became of imports that were started together.

    Attributes:
        seconds: From the first start to the last end.
        each: Seconds of each import, in the order in which they ended.
        statuses: How each ended.
        records: Records that are stored afterwards, in all organizations.
        errors: What the processes said on standard error, where they did not end well.
    """

    seconds: float
    each: tuple[float, ...]
    statuses: tuple[str, ...]
    records: int
    errors: str


def people(folder: Path, number: int, rows: int) -> Path:
    """A file of contacts that no other one has."""
    path = folder / f"people{number}.csv"
    lines = (f"{number}-{row},Ann{row},p{row}.{number}@example.com\n" for row in range(rows))
    path.write_text("external_id,first_name,email\n" + "".join(lines))
    return path


def run_at_once(settings: Settings, files: list[Path], organizations: list[str]) -> AtOnce:
    """Import files at the same time, each in a process of its own, each for one organization."""
    began = time.monotonic()
    environment = {**os.environ, "IMPORT_PIPELINE_HOME": str(settings.home)}
    command = [sys.executable, "-m", "import_pipeline", "run", "--record-type", "contact", "--json"]
    waiting = {
        subprocess.Popen(
            [*command, "--organization", organization, str(path)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path, organization in zip(files, organizations, strict=True)
    }
    each: list[float] = []
    statuses: list[str] = []
    errors = ""
    while waiting:
        for process in [process for process in waiting if process.poll() is not None]:
            waiting.remove(process)
            each.append(time.monotonic() - began)
            output, said = process.communicate()
            statuses.append(json.loads(output)["status"] if output else f"exit {process.returncode}")
            errors += said if process.returncode else ""
        time.sleep(0.02)
    home = Home(settings)
    records = sum(queries.record_count(home, "contact", organization) for organization in set(organizations))
    return AtOnce(time.monotonic() - began, tuple(each), tuple(statuses), records, errors)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imports", type=int, default=8)
    parser.add_argument("--rows", type=int, default=20_000)
    arguments = parser.parse_args()
    count, rows = arguments.imports, arguments.rows
    for name, organizations in (
        ("one record table", ["shared"] * count),
        ("as many organizations", [f"organization{number}" for number in range(count)]),
    ):
        with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
            files = [people(Path(folder), number, rows) for number in range(count)]
            found = run_at_once(Settings(home=Path(folder) / "home"), files, organizations)
        together = count * rows / found.seconds
        print(
            f"{count} imports of {rows:,} rows into {name}: {together:,.0f} rows a second together; "
            f"the first took {found.each[0]:.1f} s, the last {found.each[-1]:.1f} s"
        )
        if set(found.statuses) != {"completed"} or found.records != count * rows:
            raise SystemExit(f"They ended {found.statuses} with {found.records:,} records.\n{found.errors}")


if __name__ == "__main__":
    main()
