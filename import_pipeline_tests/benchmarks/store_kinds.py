"""What an import costs in each kind of record store, and what many small imports leave on DuckLake.

`python -m import_pipeline_tests.benchmarks.store_kinds [--rows 1000000] [--small 1000] [--batch 20]` imports a file
into as many records, half of which it meets, once in each kind, and prints the processor seconds of the whole process
beside those of the DuckDB file; those of the servers do not count. Then it takes small imports through DuckLake, so
many in a batch, keeps house, and prints their rate and the data files that are left.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating
from import_pipeline.service.run_imports import run_imports
from import_pipeline.settings import Settings
from import_pipeline.sql import quoted_list
from import_pipeline.stores.records import keep_in_order, transaction
from import_pipeline.words import DEFAULT_ORGANIZATION, Source
from import_pipeline_tests.benchmarks.data import COUNTS, MAPPING, Work, contact_columns, payload
from import_pipeline_tests.benchmarks.stores import stores_of_kinds
from import_pipeline_tests.store_kinds import KINDS, Kind, settings_of
from import_pipeline_tests.stored import opened_store

MOST = {"file": 1.0, "postgres": 1.5, "ducklake": 1.2}
"""How many times the processor seconds of the file each kind may take."""
MOST_FILES = 50


def fill(settings: Settings, stored: int) -> None:
    """Store contacts, as an import would have left them."""
    columns = {
        "id": "'rec_' || left(md5('benchmark'), 16) || '_' || i",
        **contact_columns("i"),
        "created_at": "TIMESTAMP '2026-01-01 00:00:00'",
        "updated_at": "TIMESTAMP '2026-01-01 00:00:00'",
        "created_by_import": "'imp_benchmark'",
        "updated_by_import": "'imp_benchmark'",
    }
    with (
        opened_store(settings, DEFAULT_ORGANIZATION, write=True) as connection,
        transaction(connection),
    ):
        connection.execute(
            f"INSERT INTO contacts ({quoted_list(columns)}) SELECT {', '.join(columns.values())} "
            f"FROM range({stored}) AS t(i)"
        )


def processor_seconds(home: Path, store: Mapping[str, str], file: Path) -> tuple[float, dict[str, int]]:
    """Import a file by a process of the terminal; gives what it cost, children included, and the counts."""
    command = [str(Path(sys.executable).with_name("import-pipeline")), "run", str(file), "--record-type", "contact"]
    command += ["--mapping", json.dumps(MAPPING), "--json"]
    environment = os.environ | store | {"IMPORT_PIPELINE_HOME": str(home)}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        told = output.read()
    if process.returncode:
        raise RuntimeError(f"The import ended with {process.returncode}: {told.decode()}")
    done = json.loads(told)
    return used.ru_utime + used.ru_stime, {name: done[f"{name}_count"] for name in COUNTS}


def many_small(settings: Settings, imports: int, rows: int, batch: int) -> tuple[float, int]:
    """Take small imports through a store, so many in a batch; gives seconds and the live data files afterwards."""
    home = Home(settings)
    ids = []
    with tempfile.TemporaryDirectory(prefix="small-") as folder:
        for number in range(imports):
            path = Path(folder) / f"small{number}.csv"
            first = number * rows
            lines = (f"{row},p{row}@example.com,Ann\n" for row in range(first, first + rows))
            path.write_text("external_id,email,first_name\n" + "".join(lines))
            ids.append(creating.create_from_file(home, path, ImportSpec(record_type="contact"), Source.TERMINAL).id)
    began = time.monotonic()
    for start in range(0, imports, batch):
        run_imports(home, ids[start : start + batch], None, lambda phase, result: None)
    seconds = time.monotonic() - began
    keep_in_order(settings, DEFAULT_ORGANIZATION)
    with opened_store(settings, DEFAULT_ORGANIZATION) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM contacts").fetchone() or (0,)
        (files,) = connection.execute("SELECT sum(file_count) FROM ducklake_table_info('store')").fetchone() or (0,)
    if stored != imports * rows:
        raise RuntimeError(f"{stored} records are stored, not {imports * rows}.")
    return seconds, int(files)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--small-rows", type=int, default=100)
    parser.add_argument("--batch", type=int, default=20)
    arguments = parser.parse_args()
    missed: list[str] = []
    with stores_of_kinds() as stores, tempfile.TemporaryDirectory(prefix="store-kinds-") as name:
        folder = Path(name)
        cost: dict[Kind, float] = {}
        if arguments.rows:
            file, counts = payload(Work(arguments.rows, arguments.rows), folder), dict[str, int]()
            for kind in arguments.kinds:
                with stores(kind).new() as store:
                    fill(settings_of(folder / kind, store), arguments.rows)
                    cost[kind], found = processor_seconds(folder / kind, store, file)
                times = cost[kind] / cost.get("file", cost[kind])
                print(f"{kind}: {cost[kind]:.1f} processor seconds, {times:.2f} x the file; {found}", flush=True)
                if "file" in cost and times > MOST[kind]:
                    missed.append(f"{kind} takes {times:.2f} x, more than {MOST[kind]} x.")
                if found != (counts or found):
                    missed.append(f"{kind} counts {found}, not {counts}.")
                counts = found
        if arguments.small:
            with stores("ducklake").new_settings(folder / "small") as settings:
                seconds, files = many_small(settings, arguments.small, arguments.small_rows, arguments.batch)
            print(
                f"ducklake: {arguments.small} imports of {arguments.small_rows} rows, {arguments.batch} in a batch: "
                f"{arguments.small / seconds:.1f} a second; {files} data files after house keeping",
                flush=True,
            )
            if files > MOST_FILES:
                missed.append(f"{files} data files are more than {MOST_FILES}.")
    if missed:
        raise SystemExit("\n".join(missed))


if __name__ == "__main__":
    main()
