"""How fast a plain CSV is detected and read, beside DuckDB's own `read_csv(all_varchar)` on the same file.

    python import_pipeline_tests/benchmarks/intake_speed.py [--megabytes 200] [--rounds 3]

Both read into an uncompressed table of a workspace on disk, in turns, within one process.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from import_pipeline.intake import read_payload  # noqa: E402
from import_pipeline.run_config.spec import ReadOptions  # noqa: E402
from import_pipeline.settings import Settings  # noqa: E402

_BYTES_OF_A_ROW = 103


def write_contacts(path: Path, rows: int) -> None:
    """Write deterministic contacts as CSV."""
    duckdb.execute(
        """
        COPY (
            SELECT i AS external_id, 'First' || i AS first_name, 'Last' || i % 1000 AS last_name,
                'user' || i || '@example.com' AS email, '+4930' || i AS phone, 'Company ' || i % 5000 AS company_name,
                DATE '1950-01-01' + (i % 20000)::INTEGER AS date_of_birth, 'Street ' || i % 300 || ', Berlin' AS street
            FROM range($rows) AS made(i)
        ) TO $path (HEADER)
        """.replace("$path", f"'{path}'").replace("$rows", str(rows))
    )


def by_duckdb(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """What a team would write first."""
    connection.execute(
        "CREATE TABLE source_text AS SELECT * FROM read_csv($path, all_varchar = true)", {"path": str(path)}
    )


def by_intake(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Detected, checked and read as every import is."""
    read_payload(connection, path, ReadOptions(), Settings())


def seconds(read: Callable[[duckdb.DuckDBPyConnection, Path], None], path: Path) -> float:
    """How long one way takes on a new workspace."""
    workspace = path.with_name("workspace.duckdb")
    workspace.unlink(missing_ok=True)
    with duckdb.connect(str(workspace)) as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.execute("PRAGMA force_compression = 'uncompressed'")
        begin = time.perf_counter()
        read(connection, path)
        return time.perf_counter() - begin


def main() -> int:
    """Measure and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        write_contacts(path, told.megabytes * 1_000_000 // _BYTES_OF_A_ROW)
        size = path.stat().st_size / 1e6
        times: dict[str, list[float]] = {"duckdb": [], "intake": []}
        for _ in range(told.rounds):
            times["duckdb"].append(seconds(by_duckdb, path))
            times["intake"].append(seconds(by_intake, path))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"{name:8} {median:6.2f} s  {size / median:6.0f} MB/s  {[round(one, 2) for one in times[name]]}")
    print(f"{size:.0f} MB: intake reads at {medians['duckdb'] / medians['intake']:.2f} of the speed of read_csv")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
