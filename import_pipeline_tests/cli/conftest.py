"""Fixtures of the terminal's tests: a terminal with an empty home, and one whose home holds the sample, for reading."""

from pathlib import Path

import pytest

from import_pipeline.settings import Settings
from import_pipeline_tests.cli.terminal import Terminal

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    """A terminal with an empty home."""
    return Terminal(settings.home_path)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal whose home holds the sample of contacts, imported as `first`: look, do not import."""
    terminal = Terminal(tmp_path_factory.mktemp("imported") / "home")
    result = terminal.run(
        *("run", SAMPLES / "contacts.csv", "--record-type", "contact", "--id", "first", "--tag-delimiter", ",")
    )
    assert result.exit_code == 0, result.output
    return terminal
