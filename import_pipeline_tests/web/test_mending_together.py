"""Several people mend one import, by several servers; and what was mended outlives the tab and the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Served, serving
from import_pipeline_tests.web.browsers import Chromium, Page
from import_pipeline_tests.web.mending import mend, review_of

_NAME = 4
"""The column of the grid with the names, counted from 1."""


@pytest.fixture
def second_server(served: Served, tmp_path: Path) -> Iterator[Served]:
    """Another process that serves the same home."""
    with serving(served.settings, tmp_path, creates_per_minute="100000") as found:
        yield found


def _type(page: Page, row: int, text: str) -> None:
    """Give the name in a row of the grid, counted from 1, by keyboard; waits until it was checked."""
    cell = f'document.querySelector(\'.grid-body [aria-rowindex="{row + 1}"] [aria-colindex="{_NAME}"]\')'
    page.tab.evaluate(f"{cell}.focus()")
    page.tab.keyboard.type(text)
    page.press("Enter")
    page.until(f"{cell}.textContent === {text!r} && !{cell}.hasAttribute('aria-invalid')")


def test_two_people_at_two_servers_lose_no_edit_and_the_last_one_of_a_cell_counts(
    served: Served, second_server: Served, browser: Chromium
) -> None:
    review = review_of(served, 6)
    one = mend(browser, review)
    other = browser.page(second_server.url, served.client(review.client.organization).token)
    other.open(f"/imports/{review.import_id}/mend", "Mend failing rows")
    other.until("document.querySelectorAll('.grid-body [role=row]').length === 6")
    for row in (1, 3, 5):
        _type(one, row, f"One {row}")
        _type(other, row + 1, f"Other {row + 1}")
    _type(one, 2, "The last word")
    names = [cells["Name"] for cells in review.cells().values()]
    assert names == ["One 1", "The last word", "One 3", "Other 4", "One 5", "Other 6"]
    other.tab.reload()
    other.until("document.querySelector('.grid-body')?.textContent.includes('The last word')")


def test_a_closed_tab_and_a_killed_server_cost_no_edit(tmp_path: Path, browser: Chromium) -> None:
    settings = Settings(home=tmp_path / "home")
    with serving(settings, tmp_path) as first:
        review = review_of(first)
        page = mend(browser, review)
        _type(page, 1, "Ada")
        page.tab.close()
        first.process.kill()
        first.process.wait()
    with serving(settings, tmp_path) as again:
        page = browser.page(again.url, review.client.token)
        page.open(f"/imports/{review.import_id}", "Mend failing rows")
        page.until(
            "location.pathname.endsWith('/mend') && document.querySelector('.grid-body')?.textContent.includes('Ada')"
        )
        page.until("document.querySelector('.moves')?.textContent.includes('Edited')")
