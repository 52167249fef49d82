"""How fast files of several shapes are read, beside the best readers that do the same work.

    python -m import_pipeline_tests.benchmarks.intake_shapes [--only ragged json] [--megabytes 1000] [--rounds 3]

The same work: all columns as text, in the order of the file, in an uncompressed table of a workspace on disk, which is
closed at the end, so that what DuckDB puts off until then counts. Ways are measured in turns, each time in a process of
its own that has read a small file before, in CPU seconds with those of child processes and by the clock (in brackets),
and compared by their medians; the ratios are those to the quickest of the others. The clock tells something on a
machine that does nothing else. Polars takes part where it is installed (extra `benchmark`).
"""

import argparse
import json
import random
import resource
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import duckdb

from import_pipeline.intake import read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.benchmarks.intake_speed import write_contacts

_BYTES_OF_A_ROW = 103
_WIDE = 500
_LONG = 100_000
_SHARE_RAGGED = 0.01
_SMALL = 1_000_000
_SETTINGS = Settings(max_inflated_bytes=4 << 30, max_inflate_ratio=1_000, parse_seconds=3_600)

Way = Callable[[duckdb.DuckDBPyConnection, Path], None]


@dataclass(frozen=True)
class Shape:
    """A kind of file: how one of so many bytes is written, and who else reads it."""

    write: Callable[[Path, int], None]
    others: dict[str, Way]


def _by_sql(function: str) -> Way:
    def read(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        connection.execute(f"CREATE TABLE source_text AS SELECT * FROM {function}", {"path": str(path)})

    return read


def _by_polars(name: str, **options: Any) -> Way:
    def read(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        import polars  # pyright: ignore[reportMissingImports]

        frame = getattr(polars, name)(path, **options)
        connection.register("frame", frame.select(polars.all().cast(polars.String)).to_arrow())
        connection.execute("CREATE TABLE source_text AS SELECT * FROM frame")

    return read


def by_intake(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Detected, checked and read as every import is."""
    read_payload(connection, path, ReadOptions(), _SETTINGS)


def write_plain(path: Path, size: int) -> None:
    """Contacts."""
    write_contacts(path, size // _BYTES_OF_A_ROW)


def write_ragged(path: Path, size: int) -> None:
    """Contacts, of which one row in a hundred has cells too few or too many."""
    chance = random.Random(1)
    whole = path.with_suffix(".whole")
    write_plain(whole, size)
    with whole.open() as source, path.open("w") as sink:
        sink.write(next(source))
        for line in source:
            if chance.random() < _SHARE_RAGGED:
                cells = line.rstrip("\n").split(",")
                line = ",".join(chance.choice([cells[: chance.randint(3, 7)], [*cells, "spare"]])) + "\n"
            sink.write(line)
    whole.unlink()


def write_wide(path: Path, size: int) -> None:
    """Rows of 500 cells."""
    columns = ", ".join(f"'v' || ((i * {place + 7}) % 9973) AS column_{place}" for place in range(_WIDE))
    _copy(path, f"SELECT {columns} FROM range({size // (_WIDE * 6)}) AS made(i)", "HEADER")


def write_long(path: Path, size: int) -> None:
    """Rows with a text of 100 kB."""
    text = f"repeat('Lorem ipsum dolor ' || i || ' ', {_LONG} // 22)"
    _copy(
        path, f"SELECT i AS id, 'Name ' || i AS name, {text} AS notes FROM range({size // _LONG}) AS made(i)", "HEADER"
    )


def write_json(path: Path, size: int) -> None:
    """The contacts as JSON lines."""
    whole = path.with_suffix(".whole")
    write_plain(whole, size // 2)
    _copy(path, f"SELECT * FROM read_csv('{whole}', all_varchar = true)", "FORMAT json")
    whole.unlink()


def write_workbook(path: Path, size: int) -> None:
    """A sheet of texts, numbers and days; a million cells are twelve megabytes."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["id", "first_name", "last_name", "email", "amount", "city", "score", "street", "zip", "note"]
        )
        for i in range(size // 120):
            texts = [f"First{i}", f"Last{i % 1000}", f"user{i}@example.com", i * 1.25, f"City {i % 300}", i % 100]
            sheet.write_row(i + 1, 0, [i, *texts, f"Street {i % 700}", f"Z{i % 9000}", "n" * (i % 9)])


def _copy(path: Path, query: str, options: str) -> None:
    duckdb.execute(f"COPY ({query}) TO '{path}' ({options})")


_CSV = _by_sql("read_csv($path, all_varchar = true)")
_PADDED = "read_csv($path, all_varchar = true, delim = ',', null_padding = true, strict_mode = false)"
_POLARS_CSV = {"polars": _by_polars("read_csv", infer_schema=False)}
_NAMES = ("external_id", "first_name", "last_name", "email", "phone", "company_name", "date_of_birth", "street")
_JSON = f"$path, format = 'newline_delimited', columns = {json.dumps(dict.fromkeys(_NAMES, 'VARCHAR'))}"
_LARGE = 48_000_000
"""Bytes of lines at once with which read_json, too, writes each row only once."""
SHAPES = {
    "plain": Shape(write_plain, {"read_csv": _CSV, **_POLARS_CSV}),
    "wide": Shape(write_wide, {"read_csv": _CSV, **_POLARS_CSV}),
    "long": Shape(write_long, {"read_csv": _CSV, **_POLARS_CSV}),
    "ragged": Shape(
        write_ragged,
        {
            "read_csv": _by_sql(_PADDED),
            "polars": _by_polars("read_csv", infer_schema=False, truncate_ragged_lines=True),
        },
    ),
    "xlsx": Shape(write_workbook, {"polars": _by_polars("read_excel", engine="calamine")}),
    "json": Shape(
        write_json,
        {
            "read_json": _by_sql(f"read_json({_JSON})"),
            "read_json, large": _by_sql(f"read_json({_JSON}, maximum_object_size = {_LARGE})"),
            "polars": _by_polars("read_ndjson"),
        },
    ),
}
"""The shapes by name."""


def seconds(name: str, who: str, path: Path, small: Path) -> tuple[float, float]:
    """CPU seconds and seconds that one way takes on a new workspace; small: a file that is read before."""
    read = {**SHAPES[name].others, "intake": by_intake}[who]
    _seconds(read, small)
    return _seconds(read, path)


def _seconds(read: Way, path: Path) -> tuple[float, float]:
    workspace = path.with_name("workspace.duckdb")
    workspace.unlink(missing_ok=True)
    with duckdb.connect(str(workspace)) as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.execute("PRAGMA force_compression = 'uncompressed'")
        connection.execute("PRAGMA disable_progress_bar")
        spent, begin = _spent(), perf_counter()
        read(connection, path)
        connection.close()
        return _spent() - spent, perf_counter() - begin


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(name: str, size: int, rounds: int, folder: Path) -> float:
    """Print what each way takes for a file of one shape.

    Returns:
        The speed of intake by CPU seconds, as a part of that of the quickest other way.
    """
    shape = SHAPES[name]
    path, small = folder / f"file.{name}", folder / f"small.{name}"
    shape.write(path, size)
    shape.write(small, _SMALL)
    others = [who for who in shape.others if who != "polars" or find_spec("polars")]
    ways = [*others, "intake"]
    times: dict[str, list[tuple[float, float]]] = {who: [] for who in ways}
    for _ in range(rounds):
        for who in list(ways):
            try:
                with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                    times[who].append(alone.submit(seconds, name, who, path, small).result())
            except duckdb.OutOfMemoryException:
                if who == "intake":
                    raise
                print(f"{name:7} {who} does not do with the memory that intake has", flush=True)
                del times[who]
                ways.remove(who)
                others.remove(who)
    spent = {who: statistics.median(cpu for cpu, _ in taken) for who, taken in times.items()}
    passed = {who: statistics.median(clock for _, clock in taken) for who, taken in times.items()}
    megabytes = path.stat().st_size / 1e6
    path.unlink()
    told = ", ".join(f"{who} {spent[who]:.2f} s ({passed[who]:.2f} s)" for who in ways)
    ratio, by_clock = (_of_the_best(medians, others) for medians in (spent, passed))
    print(f"{name:7} {megabytes:6.0f} MB  {told}: {ratio:.2f} of the best ({by_clock:.2f} by the clock)", flush=True)
    return ratio


def _of_the_best(medians: dict[str, float], others: list[str]) -> float:
    return min(medians[who] for who in others) / medians["intake"] if others else float("nan")


def main() -> int:
    """Measure the shapes and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    with TemporaryDirectory() as folder:
        for name in told.only:
            size = told.megabytes * 1_000_000 if name != "xlsx" else 12_000_000
            measure(name, size, told.rounds, Path(folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
