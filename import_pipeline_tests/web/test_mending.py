"""Failing rows mended in a browser: by keyboard, one cell or many, and what the server holds of it then."""

from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.web.browsers import Chromium, Page
from import_pipeline_tests.web.mending import CURRENT, mend, review_of, waiting_with

HOSTILE = "<img src=x onerror=alert(1)>"
_ACTIVE = "(document.activeElement.closest('[role=row]') ?? document.body)"
_HERE = f"{_ACTIVE}.getAttribute('aria-rowindex') + '/' + document.activeElement.getAttribute('aria-colindex')"


def _here(page: Page) -> str:
    return page.tab.evaluate(_HERE)


def test_keys_lead_through_the_grid_as_they_do_in_any_grid(served: Served, browser: Chromium) -> None:
    page = mend(browser, review_of(served, 250))
    ways = [
        ("Control+Home", "2/1"), ("ArrowDown", "3/1"), ("ArrowRight", "3/2"), ("End", "3/5"), ("Home", "3/1"),
        ("Control+End", "251/5"), ("ArrowUp", "250/5"), ("Control+Home", "2/1"),
    ]  # fmt: skip
    for key, place in ways:
        page.press(key)
        assert (key, _here(page)) == (key, place)
    assert page.tab.evaluate("document.querySelector('[role=grid]').getAttribute('aria-rowcount')") == "251"


def test_the_next_error_is_a_key_away_and_says_what_is_wrong(served: Served, browser: Chromium) -> None:
    page = mend(browser, review_of(served))
    page.press("Control+Home", "Alt+ArrowDown")
    assert _here(page) == "2/4"
    page.press("Alt+ArrowDown", "Alt+ArrowDown")
    assert _here(page) == "3/5"
    active = "document.activeElement"
    assert page.tab.evaluate(f"{active}.getAttribute('aria-invalid')") == "true"
    reason = page.tab.evaluate(f"document.getElementById({active}.getAttribute('aria-describedby')).textContent")
    assert "Seats" in reason
    page.press("Alt+ArrowUp")
    assert _here(page) == "3/4"


def test_a_cell_is_mended_by_keyboard_checked_at_once_and_kept(served: Served, browser: Chromium) -> None:
    review = review_of(served)
    page = mend(browser, review)
    page.press("Control+Home", "Alt+ArrowDown", "F2")
    page.tab.keyboard.type("Given up")
    page.press("Escape")
    page.tab.keyboard.type("Ada")
    page.press("Enter")
    page.until("document.querySelector('.grid-body [aria-rowindex=\"2\"]').classList.contains('is-fine')")
    assert _here(page) == "3/4"
    assert review.cells()[1]["Name"] == "Ada"
    assert review.summary()["corrected_cells"] == 1


def test_what_a_cell_holds_is_only_ever_text(served: Served, browser: Chromium) -> None:
    review = waiting_with(served, f'Email,Name,"{HOSTILE}",Seats\n{HOSTILE},"{HOSTILE}","two\nlines",{HOSTILE}\n')
    page = mend(browser, review)
    page.until(f"document.querySelector('.grid-body').textContent.includes({HOSTILE!r})")
    assert page.tab.locator("main img").count() == 0
    page.press("Control+Home", "Alt+ArrowDown", "F2", "Escape")


def test_many_rows_make_few_nodes(served: Served, browser: Chromium) -> None:
    page = mend(browser, review_of(served, 1_200))
    for key in ("PageDown", "PageDown", "Control+End", "PageUp"):
        page.press(key)
        page.until("document.querySelector('.grid-row.is-coming') === null")
        assert page.tab.evaluate("document.querySelectorAll('*').length") < 1_000


def test_a_row_is_left_out_and_taken_in_again(served: Served, browser: Chromium) -> None:
    review = review_of(served)
    page = mend(browser, review)
    page.button("Leave row out").click()
    page.until("document.querySelector('.grid-row.is-left-out') !== null")
    page.button("Take row in again").wait_for()
    assert review.numbers(state="left_out") == [1]
    assert page.tab.evaluate("document.activeElement.textContent") == "Take row in again"
    page.button("Take row in again").click()
    page.button("Leave row out").wait_for()
    assert review.numbers(state="left_out") == []


def test_a_table_that_was_copied_elsewhere_is_pasted_into_cells(served: Served, browser: Chromium) -> None:
    review = review_of(served)
    page = mend(browser, review)
    page.press("Control+Home", "Alt+ArrowDown")
    paste = "new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})"
    table = "Ada\\t1\\nJoe\\t2\\n"
    page.tab.evaluate(
        f"(() => {{ const data = new DataTransfer(); data.setData('text/plain', '{table}');"
        f" document.activeElement.dispatchEvent({paste}); }})()"
    )
    page.until("document.querySelectorAll('.grid-row.is-fine').length === 2")
    assert [(cells["Name"], cells["Seats"]) for cells in review.cells().values()] == [
        ("Ada", "1"),
        ("Joe", "2"),
        (None, "3"),
    ]


def test_the_filter_is_kept_in_the_address(served: Served, browser: Chromium) -> None:
    review = review_of(served, 4)
    page = mend(browser, review)
    page.tab.locator(".group", has_text="Seats").click()
    page.until("document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '3'")
    page.tab.reload()
    page.until("document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '3'")


def test_who_may_only_read_sees_the_rows_and_no_way_to_change_them(served: Served, browser: Chromium) -> None:
    review = review_of(served)
    reader = review.client.organization
    page = browser.page(served.url, served.client(reader, "read").token)
    page.open(f"/imports/{review.import_id}/mend", "Mend failing rows")
    page.until("document.querySelectorAll('.grid-body [role=row]').length === 3")
    for name in ("Edit cell", "Leave row out", "Change many cells…", "Check again"):
        assert page.button(name).count() == 0
    page.tab.evaluate(f"{CURRENT}.focus()")
    page.press("F2")
    assert page.tab.locator("textarea").count() == 0
