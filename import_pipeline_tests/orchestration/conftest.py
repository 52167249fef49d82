"""Fixtures of the Dagster tests: one home for all of them, since making Dagster's storage takes a second.

Tests keep apart by the ids, organizations and folders that they choose.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.settings import Settings


@pytest.fixture(scope="package")
def shared_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImportRunner]:
    """A runner of a home with Dagster's storage in it."""
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "files").mkdir()
    settings = Settings(home=folder / "home", launch_folders=(folder / "files",), settle_seconds=0.0)
    with ImportRunner(settings) as runner:
        yield runner


@pytest.fixture
def files(shared_runner: ImportRunner) -> Path:
    """The launch folder of the shared home."""
    return shared_runner.settings.launch_folders[0]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[ImportRunner]:
    """A runner of a home of its own, whose sensor takes objects at once."""
    settings = Settings(home=tmp_path / "home", settle_seconds=0.0, launch_folders=(tmp_path,))
    with ImportRunner(settings) as runner:
        yield runner
