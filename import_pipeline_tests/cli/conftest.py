"""Fixtures of the terminal's tests: a terminal with an empty home, and one whose home holds the sample, for reading."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.settings import Settings
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.store_kinds import Stores

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    """A terminal with an empty home."""
    store = {name: value for name, value in os.environ.items() if name.startswith("IMPORT_PIPELINE_STORE_")}
    return Terminal(settings.home_path, store)


@pytest.fixture(scope="session")
def imported(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal whose home holds the sample of contacts, imported as `first`: look, do not import."""
    with stores.new() as store:
        terminal = Terminal(tmp_path_factory.mktemp("imported") / "home", store)
        result = terminal.run(
            *("run", SAMPLES / "contacts.csv", "--record-type", "contact", "--id", "first", "--tag-delimiter", ",")
        )
        assert result.exit_code == 0, result.output
        yield terminal
