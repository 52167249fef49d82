"""The benchmark of the review does what it measures: on a short file all of its calls succeed."""

from pathlib import Path

import pytest

from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.benchmarks.review_pages import measure, waiting


def test_the_benchmark_of_the_review_pages_edits_checks_changes_and_undoes(
    served_local: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = waiting(served_local, 300, tmp_path)
    found = measure(bench, 300)
    assert {"page", "check", "edit", "step, taken", "step, undone"} <= set(found)
    assert "the step changed" in capsys.readouterr().out
    summary = bench.client.get(f"{bench.path}/summary")
    assert {one["kind"] for one in summary["operations"]} == {"edit"}, "the step was undone"
    assert summary["failing_rows"] == 300
