"""A server and a browser for the tests of the page, each started once. Tests differ by organization."""

from collections.abc import Iterator

import pytest

from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Served, serving
from import_pipeline_tests.web import browsers
from import_pipeline_tests.web.browsers import Chromium

DAGSTER = "https://dagster.example.com"
"""Where people look at runs, as the server is told."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the page."""
    folder = tmp_path_factory.mktemp("page")
    with serving(Settings(home=folder / "home"), folder, creates_per_minute="100000", dagster_url=DAGSTER) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A browser; tests that need one are skipped where none is installed."""
    path = browsers.installed()
    if path is None:
        pytest.skip(f"No Chromium is installed: none of {', '.join(browsers.NAMES)} is found. Debian: chromium.")
    with browsers.started(path) as found:
        yield found


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Chromium]:
    """A browser whose tabs are closed after the test; nothing was refused in them, and nothing fetched elsewhere."""
    yield chromium
    assert chromium.close_pages() == []
