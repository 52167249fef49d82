"""The floor: `floor.sql` run on a record store; what the same import costs at least on this machine.

`python -m import_pipeline_tests.benchmarks.floor FILE STORE [--steps]` prints the counts of outcomes as JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from import_pipeline_tests.benchmarks.data import COUNTS

IMPORT_ID = "imp_floor"


def run(file: Path, store: Path, steps: bool = False) -> dict[str, int]:
    """Import the file into the store by the script.

    Args:
        file: The contacts file of `data.payload`.
        store: The record store; it is changed.
        steps: Print each statement's seconds of the clock and of all cores to standard error.

    Returns:
        Outcome → rows.
    """
    script = Path(__file__).with_name("floor.sql").read_text()
    with tempfile.TemporaryDirectory(dir=store.parent) as scratch:
        limits: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": os.environ.get("IMPORT_PIPELINE_MEMORY_LIMIT", "1GB"),
            "temp_directory": scratch,
        }
        with duckdb.connect(store, config=limits) as connection:
            connection.execute("SET disabled_compression_methods = 'dictionary'")  # as the pipeline writes its stores
            variables = {
                "file": str(file),
                "import_id": IMPORT_ID,
                "rows_file": str(store.with_suffix(".rows.parquet")),
                "defects_file": str(store.with_suffix(".defects.parquet")),
            }
            for name, value in variables.items():
                connection.execute(f"SET VARIABLE {name} = ?", [value])
            for statement in connection.extract_statements(script):
                begin, used = time.perf_counter(), time.process_time()
                connection.execute(statement)
                if steps:
                    head = " ".join(statement.query.split("--")[-1].split())[-90:]
                    print(
                        f"{time.perf_counter() - begin:7.2f} {time.process_time() - used:7.2f}  {head}", file=sys.stderr
                    )
            found = dict(
                connection.execute(
                    "SELECT outcome, count(*) FROM row_outcomes WHERE import_id = $1 GROUP BY outcome", [IMPORT_ID]
                ).fetchall()
            )
    return {outcome: found.get(outcome, 0) for outcome in COUNTS}


def main() -> None:
    """Run the script once and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--steps", action="store_true", help="print the seconds of each statement too")
    arguments = parser.parse_args()
    print(json.dumps({"counts": run(arguments.file, arguments.store, arguments.steps)}))


if __name__ == "__main__":
    main()
