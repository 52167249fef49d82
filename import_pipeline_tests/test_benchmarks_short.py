"""The benchmarks' contenders do the same work: on a short file they agree on what becomes of each row."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from import_pipeline.words import Phase
from import_pipeline_tests.benchmarks import changes, measure
from import_pipeline_tests.benchmarks.contenders import Result, Stage, floor, pipeline, with_pandas
from import_pipeline_tests.benchmarks.data import Work

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
