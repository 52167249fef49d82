"""The benchmarks' contenders do the same work: on a short file they agree on what becomes of each row."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from import_pipeline.words import Phase
from import_pipeline_tests.benchmarks import changes, intake_shapes, measure
from import_pipeline_tests.benchmarks.contenders import Result, Stage, floor, pipeline, with_pandas
from import_pipeline_tests.benchmarks.data import Work
from import_pipeline_tests.benchmarks.racing import race
from import_pipeline_tests.benchmarks.store_kinds import many_small
from import_pipeline_tests.servers import PostgresServer, S3Server
from import_pipeline_tests.store_kinds import Stores

EXPECTED = {"created": 950, "updated": 860, "unchanged": 90, "skipped": 40, "failed": 60}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(Work(rows=2_000, stored=5_000, unchanged_every=10), tmp_path_factory.mktemp("benchmark"))


@pytest.mark.parametrize("contender", [pipeline, floor, with_pandas])
def test_each_contender_of_the_benchmark_gives_every_row_the_same_outcome(
    contender: Callable[[Stage], Result], stage: Stage
) -> None:
    assert contender(stage).counts == EXPECTED


def test_the_benchmark_makes_the_same_bytes_each_time(tmp_path: Path) -> None:
    work = Work(rows=300, stored=400)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (Stage(work, folder).file.read_bytes() for folder in folders)
    assert first == second
    assert first.count(b"\n") == work.rows + 1


@pytest.mark.every_store
def test_processes_that_import_the_same_contacts_at_once_leave_each_of_them_once(
    stores: Stores, tmp_path: Path
) -> None:
    with stores.new() as store:
        assert race(tmp_path / "home", store, processes=2, imports=2, rows=20).problems == ()


def test_many_small_imports_leave_few_files_on_ducklake(
    tmp_path: Path, postgres_server: PostgresServer, s3_server: S3Server
) -> None:
    with Stores("ducklake", lambda: postgres_server, lambda: s3_server).new_settings(tmp_path / "home") as settings:
        _, files = many_small(settings, imports=6, rows=600, batch=2)
    assert files == 5  # one for each table that holds rows: contacts, row_outcomes, applied_imports, turns, layout


@pytest.mark.parametrize("name", intake_shapes.SHAPES)
def test_intake_and_the_other_readers_of_a_shape_read_as_many_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"file.{name}"
    shape = intake_shapes.SHAPES[name]
    shape.write(path, 300_000)
    counts: dict[str, int] = {}
    for who, way in {**shape.others, "intake": intake_shapes.by_intake}.items():
        if who != "polars":  # an extra
            with duckdb.connect() as connection:
                way(connection, path)
                counts[who] = connection.table("source_text").count("*").fetchall()[0][0]
    assert len(set(counts.values())) == 1
    assert counts["intake"] >= 3


def test_the_profile_of_an_import_tells_each_phase_and_the_rows_of_its_statements(stage: Stage) -> None:
    command = [sys.executable, "-m", "import_pipeline_tests.benchmarks.profile", "--rows", "2000", "--stored", "5000"]
    printed = measure.run([*command, "--keep", str(stage.folder)]).output
    assert all(f"\n{phase} " in printed for phase in Phase)
    assert re.search(r"\nparsing .* 2,000 .*make_plan", printed)


def test_the_benchmark_of_changes_reads_all_of_them(tmp_path: Path) -> None:
    assert set(changes.measure(20, tmp_path)) == {
        "first pages",
        "pages in the midst",
        "all as Parquet",
        "page at the end",
    }
