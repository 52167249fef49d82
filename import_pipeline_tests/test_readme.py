"""What README.md shows is true: its commands are run, its settings are the program's, its links lead somewhere."""

import contextlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo
from typer.testing import Result

from import_pipeline.cli.app import app
from import_pipeline.settings import HOME, Settings, find_home
from import_pipeline_tests.cli.terminal import Terminal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
INSTALL_AND_IMPORT, INSTALL_AND_TEST = BLOCKS[:2]
QUICK_START = re.sub(r".*/(?=import-pipeline )", "", INSTALL_AND_IMPORT.strip())
COMMANDS = [line for block in BLOCKS[2:] for line in block.splitlines() if re.match(r"import-pipeline (?!up\b)", line)]
EXIT_STATUS = re.compile(r"# ends with (\d)$")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What each command of README says, run in turn in a folder with the samples and one home."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data" / "samples", folder / "data" / "samples")
    terminal = Terminal(folder / "data" / "home")
    with contextlib.chdir(folder):
        return {command: terminal.run(*shlex.split(command, comments=True)[1:]) for command in [QUICK_START, *COMMANDS]}


def test_quick_start_is_one_command_to_import_and_one_to_test() -> None:
    start = README.index("## Quick start")
    assert README.index("```sh") > start
    assert len(INSTALL_AND_IMPORT.splitlines()) == len(INSTALL_AND_TEST.splitlines()) == 1
    assert INSTALL_AND_IMPORT.startswith("python3 -m venv .venv && ")
    assert "[test]" in INSTALL_AND_TEST
    assert INSTALL_AND_TEST.strip().endswith("pytest")


def test_quick_start_imports_the_sample(told: dict[str, Result]) -> None:
    assert told[QUICK_START].exit_code == 0
    assert "35" in told[QUICK_START].stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_readme_ends_as_it_says(command: str, told: dict[str, Result]) -> None:
    said = EXIT_STATUS.search(command)
    assert told[command].exit_code == (int(said[1]) if said else 0), told[command].output


def test_the_replay_that_readme_shows_imports_the_row_that_it_corrects(told: dict[str, Result]) -> None:
    [replay] = [result for command, result in told.items() if " replay " in command]
    assert re.search(r"^created +2$", replay.stdout, re.MULTILINE), replay.output


def test_the_ci_script_tests_by_the_command_of_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    program = re.search(r"awk '(.*?)' README.md", script, re.DOTALL)
    assert program is not None
    found = subprocess.run(["awk", program[1], "README.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == INSTALL_AND_TEST


@pytest.mark.parametrize("command", [command.name or "" for command in app.registered_commands])
def test_every_command_is_in_readme(command: str) -> None:
    assert f"import-pipeline {command}" in README or f"`{command}`" in README


def test_the_table_of_settings_is_that_of_the_program() -> None:
    found = re.findall(r"^\| `IMPORT_PIPELINE_.*$", README, re.MULTILINE)
    right = [
        f"| `IMPORT_PIPELINE_{name.upper()}` | {_shown(field)} | {field.description or ''} |"
        for name, field in Settings.model_fields.items()
    ]
    assert found == right, "The table in README.md should be:\n" + "\n".join(right)


def test_every_link_into_the_project_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def _shown(field: FieldInfo) -> str:
    """A default as the table of settings shows it."""
    default = HOME if field.default_factory is find_home else field.default
    if default is None:
        return "not set"
    if isinstance(default, tuple):
        return "`[" + ", ".join(f'"{part}"' for part in default) + "]`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
