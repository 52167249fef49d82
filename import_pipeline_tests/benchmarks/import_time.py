"""What importing the pipeline's definitions costs beside importing dagster alone: each run's process pays it once.

`python -m import_pipeline_tests.benchmarks.import_time [--repeats N]` starts fresh processes in turn; medians.
"""

import argparse
import sys

from import_pipeline_tests.benchmarks import measure

BOUND = 1.3
STATEMENTS = {
    "import dagster": "import dagster",
    "import import_pipeline.definitions": "import import_pipeline.definitions",
}


def main() -> None:
    """Measure both imports in turn and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for turn in range(arguments.repeats + 1):
        for name, statement in STATEMENTS.items():
            run = measure.run([sys.executable, "-c", statement])
            if turn:  # the first turn fills the caches of the disk and of compiled modules
                seconds[name].append(run.seconds)
    medians = {name: measure.median(values) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:36} {value:6.2f} s  (from {min(seconds[name]):.2f} to {max(seconds[name]):.2f})")
    dagster, definitions = medians.values()
    print(measure.verdict("definitions / dagster", definitions / dagster, BOUND))


if __name__ == "__main__":
    main()
