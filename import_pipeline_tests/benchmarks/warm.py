"""What an import of a short file takes in a process that is warm, through Dagster's `execute_in_process`.

`python -m import_pipeline_tests.benchmarks.warm [--rows N] [--repeats N]` imports one file after another in one process
and a home of its own, as a worker of sync uploads does, and prints the median of all but the first.
"""

import argparse
import tempfile
import time
from pathlib import Path

from import_pipeline.service import creating
from import_pipeline_tests.benchmarks.data import MAPPING, Work, payload
from import_pipeline_tests.benchmarks.measure import median, verdict

BOUND_SECONDS = 1.5


def run(rows: int, repeats: int, folder: Path) -> list[float]:
    """Import the same file again and again: the first time all its rows are new, then half of them are unchanged.

    Returns:
        Seconds of each import, from its registration to its end; the first one belongs to a cold process.
    """
    from import_pipeline.orchestration.runs import ImportRunner
    from import_pipeline.run_config.spec import ImportSpec
    from import_pipeline.settings import Settings
    from import_pipeline.words import Source, Status

    file = payload(Work(rows, rows), folder)
    spec = ImportSpec(record_type="contact", column_mapping=MAPPING)
    seconds = []
    with ImportRunner(Settings(home=folder / "home")) as runner:
        for _ in range(repeats + 1):
            begin = time.perf_counter()
            record = creating.create_from_file(runner.home, file, spec, Source.TERMINAL)
            ended = runner.execute(record.id).record
            seconds.append(time.perf_counter() - begin)
            if ended.status != Status.COMPLETED:
                raise RuntimeError(f"The import ended {ended.status}: {ended.reason}")
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        first, *rest = run(arguments.rows, arguments.repeats, Path(folder))
    print(f"first import of the process  {first:6.2f} s")
    print(f"imports after it             {median(rest):6.2f} s  (from {min(rest):.2f} to {max(rest):.2f})")
    print(verdict(f"{arguments.rows:,} rows in a warm process", median(rest), BOUND_SECONDS, " s"))


if __name__ == "__main__":
    main()
