"""What CONTRIBUTING.md shows is true: each example file, dropped into a copy of the project, works as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = dict(
    re.findall(
        r"^```python\n# (\S+)\n(.*?)^```$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
)
SHOWN_TESTS = [path for path in EXAMPLES if path.startswith("import_pipeline_tests/")]


@pytest.fixture(scope="module")
def copied_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all examples added."""
    copy = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns(
        "*.pyc.*"
    )  # half written by a process beside this one; what is compiled comes along
    shutil.copytree(ROOT / "import_pipeline", copy / "import_pipeline", ignore=ignored)
    (copy / "import_pipeline_tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", copy)
    for helper in (ROOT / "import_pipeline_tests").glob("*.py"):
        if not helper.name.startswith("test_"):
            shutil.copy(helper, copy / "import_pipeline_tests")
    for path, code in EXAMPLES.items():
        assert not (copy / path).exists(), f"{path} is an example, but the project has that file"
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(code, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def told_by_pytest(copied_project: Path) -> str:
    """What pytest says of the examples' tests."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-n0", "-p", "no:cacheprovider", *SHOWN_TESTS],
        cwd=copied_project,
        env=os.environ | {"PYTHONPATH": str(copied_project)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("added", "shown_by"),
    [
        ("import_pipeline/record_types/models/vehicle.py", "import_pipeline_tests/record_types/test_vehicle.py"),
        ("import_pipeline/record_types/rules/upper_case.py", "import_pipeline_tests/record_types/test_upper_case.py"),
        ("import_pipeline/phases/defects/unreachable.py", "import_pipeline_tests/phases/test_unreachable.py"),
    ],
)
def test_one_file_adds_a_record_type_or_a_rule_or_a_kind_of_defect(
    added: str, shown_by: str, told_by_pytest: str
) -> None:
    assert {added, shown_by} <= EXAMPLES.keys()
    assert f"PASSED {shown_by}::" in told_by_pytest, told_by_pytest
    assert f"FAILED {shown_by}" not in told_by_pytest


def test_every_example_is_tested() -> None:
    assert len(EXAMPLES) == 2 * len(SHOWN_TESTS) == 6


def test_the_examples_keep_the_rules_of_style(copied_project: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", *EXAMPLES],
            cwd=copied_project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
