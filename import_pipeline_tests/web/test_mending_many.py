"""Many cells changed at a time in a browser: counted before, applied, and undone step by step."""

from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.web.browsers import Chromium, Page
from import_pipeline_tests.web.mending import mend, review_of

_OUTLOOK = "document.querySelector('dialog .outlook').textContent"


def _change_many(page: Page, kind: str) -> None:
    page.button("Change many cells…").click()
    page.tab.get_by_label("What to do").select_option(label=kind)


def _apply(page: Page, outlook: str, button: str) -> None:
    page.until(f"{_OUTLOOK} === {outlook!r}")
    page.button(button).click()
    page.until("document.querySelector('dialog') === null")


def test_find_and_replace_says_its_number_first_and_is_undone(served: Served, browser: Chromium) -> None:
    review = review_of(served, 40)
    before = review.cells()
    page = mend(browser, review)
    _change_many(page, "Find and replace")
    page.tab.get_by_label("In column").select_option(label="Seats")
    page.tab.get_by_label("Find", exact=True).fill("many")
    page.tab.get_by_label("Replace by").fill("7")
    page.until(f"{_OUTLOOK} === '20 cells would change, in 20 rows.'")
    assert review.cells() == before
    _apply(page, "20 cells would change, in 20 rows.", "Replace in 20 cells")
    assert [row["Seats"] for row in review.cells().values()].count("7") == 20 + 1
    page.button("Undo: Found and replaced").click()
    page.until("document.querySelector('.moves') === null")
    assert review.cells() == before


def test_a_step_takes_the_rows_that_the_filter_shows(served: Served, browser: Chromium) -> None:
    review = review_of(served, 6)
    page = mend(browser, review)
    page.tab.locator(".group", has_text="Seats").click()
    page.until("document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '4'")
    _change_many(page, "Leave rows out of the import")
    page.tab.get_by_label("The 3 rows shown").check()
    _apply(page, "3 rows would be left out.", "Leave out 3 rows")
    assert review.numbers(state="left_out") == [2, 4, 6]


def test_all_cells_like_one_are_set_to_a_text(served: Served, browser: Chromium) -> None:
    review = review_of(served, 4)
    page = mend(browser, review)
    page.press("Control+Home", "Alt+ArrowDown")
    page.button("All like this…").click()
    page.tab.get_by_label("What to do").select_option(label="Set to a text")
    page.tab.get_by_label("New text").fill("Nobody")
    _apply(page, "4 cells would change, in 4 rows.", "Set 4 cells")
    assert {row["Name"] for row in review.cells().values()} == {"Nobody"}
    page.until("document.activeElement.getAttribute('role') === 'gridcell'")


def test_a_step_that_would_change_nothing_cannot_be_taken(served: Served, browser: Chromium) -> None:
    page = mend(browser, review_of(served))
    _change_many(page, "Find and replace")
    page.tab.get_by_label("Find", exact=True).fill("nowhere to be found")
    page.until(f"{_OUTLOOK} === 'This changes nothing.'")
    assert page.button("Apply").is_disabled()
    page.press("Escape")
    page.until("document.querySelector('dialog') === null")
