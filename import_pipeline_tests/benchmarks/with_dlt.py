"""The same file by dlt into the same store: merge by upsert on the external id, from Arrow tables or from dict rows.

`python -m import_pipeline_tests.benchmarks.with_dlt FILE STORE arrow|dicts [--rows N]` prints dlt's own seconds for
each of its steps as JSON. dlt does less than the others: no rule is checked, a record is found by one key alone (rows
without an external id are left out, new rows that repeat are inserted twice), no id is given, and no before-image,
defect or outcome is kept.
"""

import argparse
import csv
import json
import os
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from import_pipeline_tests.benchmarks.data import MAPPING


def arrow_tables(file: Path, rows: int | None) -> Iterator[Any]:
    """The file in batches of Arrow tables, as text."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv

    reader = arrow_csv.open_csv(
        file,
        read_options=arrow_csv.ReadOptions(block_size=16 << 20),
        convert_options=arrow_csv.ConvertOptions(
            column_types={column: pa.string() for column in MAPPING}, strings_can_be_null=True, null_values=[""]
        ),
    )
    left = rows
    for batch in reader:
        table = pa.Table.from_batches([batch]).rename_columns(list(MAPPING.values()))
        if left is not None:
            table = table.slice(0, left)
            left -= table.num_rows
        yield table.filter(pc.field("external_id").is_valid())
        if left == 0:
            return


def dict_rows(file: Path, rows: int | None) -> Iterator[dict[str, str]]:
    """The file row by row: the loop that this benchmark is about, so it stands here and nowhere else."""
    with file.open(newline="", encoding="utf-8") as lines:
        for row in islice(csv.DictReader(lines), rows):
            if row["External ID"]:
                yield {field: row[column] for column, field in MAPPING.items()}


def prepare(store: Path) -> None:
    """Give the contacts the columns that dlt writes beside each dict row; not measured."""
    with duckdb.connect(store) as connection:
        for column in ("_dlt_load_id", "_dlt_id"):
            connection.execute(f"ALTER TABLE contacts ADD COLUMN {column} VARCHAR")
        connection.execute("CHECKPOINT")


def run(file: Path, store: Path, form: str, rows: int | None) -> dict[str, float]:
    """Load the file.

    Args:
        file: The contacts file of `data.payload`.
        store: A copy of the record store; for dict rows made ready by `prepare`.
        form: `arrow` or `dicts`.
        rows: How many rows to take; all by default.

    Returns:
        Step of dlt (extract, normalize, load) → seconds.
    """
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    import dlt  # pyright: ignore[reportMissingImports]  -- of the extra `benchmark` alone

    with tempfile.TemporaryDirectory(dir=store.parent) as scratch:
        pipeline = dlt.pipeline(
            pipeline_name="benchmark",
            pipelines_dir=scratch,
            destination=dlt.destinations.duckdb(str(store)),
            dataset_name="main",
        )
        source = arrow_tables(file, rows) if form == "arrow" else dict_rows(file, rows)
        contacts = dlt.resource(
            source,
            name="contacts",
            write_disposition={"disposition": "merge", "strategy": "upsert"},
            primary_key="external_id",
            columns={field: {"data_type": "text"} for field in MAPPING.values()},
        )
        pipeline.run(contacts, loader_file_format="parquet").raise_on_failed_jobs()
        trace: Any = pipeline.last_trace
        return {
            step.step: (step.finished_at - step.started_at).total_seconds()
            for step in trace.steps
            if step.finished_at and step.step in ("extract", "normalize", "load")
        }


def main() -> None:
    """Load once and print the seconds of the steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("form", choices=["arrow", "dicts"])
    parser.add_argument("--rows", type=int)
    arguments = parser.parse_args()
    print(json.dumps({"steps": run(arguments.file, arguments.store, arguments.form, arguments.rows)}))


if __name__ == "__main__":
    main()
