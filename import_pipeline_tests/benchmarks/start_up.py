"""What a small import costs as a whole process beside importing the libraries that it cannot do without.

`python -m import_pipeline_tests.benchmarks.start_up [--repeats N]` runs both in turn and prints medians of processor
time (user and system: others at work on the machine do not count) and of wall time, and the ratio to keep.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from import_pipeline_tests.benchmarks import measure

BOUND = 1.6
ROWS = 40
LIBRARIES = "import dagster, duckdb, pandas, pandera.pandas"


def main() -> None:
    """Measure both in turn and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    taken: dict[str, list[tuple[float, float]]] = {"libraries": [], "run": []}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"IMPORT_PIPELINE_HOME": f"{folder}/home"}
        for turn in range(arguments.repeats + 1):
            file = Path(folder) / f"contacts-{turn}.csv"
            people = range(turn * ROWS, (turn + 1) * ROWS)
            lines = (f"C-{one},Ada,Lindqvist,ada{one}@example.com,+44 20 7946 {one:04}\n" for one in people)
            file.write_text("External ID,First name,Last name,Email,Phone\n" + "".join(lines), encoding="utf-8")
            command = ["-m", "import_pipeline", "run", str(file), "--record-type", "contact"]
            for name, rest in (("libraries", ["-c", LIBRARIES]), ("run", command)):
                cost = _cost([sys.executable, *rest], environment)
                if turn:  # the first turn makes the home and compiles modules
                    taken[name].append(cost)
    medians = {name: [measure.median(kind) for kind in zip(*costs, strict=True)] for name, costs in taken.items()}
    for name, (processor, wall) in medians.items():
        print(f"{name:10} {processor:6.2f} s of processor time, {wall:6.2f} s in all")
    print(measure.verdict("import-pipeline run / libraries", medians["run"][0] / medians["libraries"][0], BOUND))


def _cost(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds of processor time and of wall time that a process takes, with its children."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, cwd=measure.ROOT, check=True, capture_output=True)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, ended - began


if __name__ == "__main__":
    main()
