"""An import that waits for review in a test, and the step of the page that mends it."""

from concurrent.futures import ThreadPoolExecutor

from import_pipeline_tests.api.reviewing import Reviewed, waiting
from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.web.browsers import Chromium, Page

CURRENT = "document.querySelector('.grid-body [tabindex=\"0\"]')"


def waiting_with(served: Served, csv: str) -> Reviewed:
    """An import that waits; run in a thread, for the driver of the browser has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(waiting, served, csv).result()


def review_of(served: Served, rows: int = 3) -> Reviewed:
    """An import of rows without a name (column 2 of the file), and with bad seats (column 3) in each second one."""
    lines = [f"p{at}@example.com,,{'many' if at % 2 else at + 1}" for at in range(rows)]
    return waiting_with(served, "\n".join(["Email,Name,Seats", *lines]) + "\n")


def mend(browser: Chromium, review: Reviewed, **size: int) -> Page:
    """The step that mends, with the focus in its grid."""
    page = browser.page(review.served.url, review.client.token, **size)
    page.open(f"/imports/{review.import_id}/mend", "Mend failing rows")
    page.until(f"{CURRENT} !== null")
    page.tab.evaluate(f"{CURRENT}.focus()")
    return page
