"""What a person waits for in the page: its grid over very many failing rows, jumps, edits; and how much of it there is.

`python -m import_pipeline_tests.benchmarks.page_in_browser [--rows N]` serves a home of its own and opens the review of
an import of which every row fails in a real browser.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from import_pipeline_tests.api.serving import serving
from import_pipeline_tests.benchmarks.measure import median, verdict
from import_pipeline_tests.benchmarks.review_pages import Bench, waiting
from import_pipeline_tests.web import browsers
from import_pipeline_tests.web.browsers import Chromium, Page

GRID_MS, JUMP_MS, EDIT_MS = 1_000.0, 300.0, 200.0
CODE_KB, NODES = 80.0, 1_000.0
_TIMES = 9
_SHOWN = "document.querySelector('.grid-body [role=row]:not(.is-coming)') !== null"
_ROW = "document.activeElement.closest('[role=row]')"
_CODE = """performance.getEntriesByType('resource').filter((one) => one.name.includes('/app/static/'))
    .reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000"""


def _waited(action: Callable[[], object], page: Page, until: str) -> float:
    """Milliseconds from an action until the page shows what it leads to."""
    begin = time.perf_counter()
    action()
    page.until(until)
    return (time.perf_counter() - begin) * 1_000


def _jump(page: Page, key: str, row: int) -> float:
    shown = f"{_ROW}?.getAttribute('aria-rowindex') === '{row + 1}' && !{_ROW}.classList.contains('is-coming')"
    return _waited(lambda: page.press(key), page, shown)


def _edit(page: Page, text: str) -> float:
    """Give the next wrong cell a text, and wait until it was checked."""
    page.press("Alt+ArrowDown")
    place = page.tab.evaluate(f"{_ROW}.getAttribute('aria-rowindex')")
    page.tab.keyboard.type(text)
    fine = f"document.querySelector('[aria-rowindex=\"{place}\"]').classList.contains('is-fine')"
    return _waited(lambda: page.press("Enter"), page, fine)


def measure(chromium: Chromium, url: str, bench: Bench, rows: int) -> dict[str, float]:
    """What is measured → milliseconds, kilobytes, megabytes or a number."""
    page = chromium.page(url, bench.client.token)
    address = bench.path.removeprefix("/v1").replace("/review", "/mend")
    found = {"first grid, nothing kept": _waited(lambda: page.open(address), page, _SHOWN)}
    found["code, compressed"] = page.tab.evaluate(_CODE)
    found["grid"] = median([_waited(lambda: page.open(address), page, _SHOWN) for _ in range(_TIMES)])
    page.tab.evaluate("document.querySelector('.grid-body [tabindex=\"0\"]').focus()")
    jumps = [_jump(page, *to) for _ in range(_TIMES) for to in (("Control+End", rows), ("Control+Home", 1))]
    found["jump"] = median(jumps)
    found["edit"] = median([_edit(page, f"person.{number}@example.com") for number in range(_TIMES)])
    found["nodes"] = page.tab.evaluate("document.querySelectorAll('*').length")
    found["heap"] = page.tab.evaluate("performance.memory.usedJSHeapSize / 1e6")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    arguments = parser.parse_args()
    from import_pipeline.settings import Settings

    path = browsers.installed()
    if path is None:
        raise SystemExit(f"No Chromium is installed: none of {', '.join(browsers.NAMES)} is found.")
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as name:
        folder = Path(name)
        with serving(Settings(home=folder / "home"), folder) as served:
            bench = waiting(served, arguments.rows, folder)
            with browsers.started(path) as chromium:
                found = measure(chromium, served.url, bench, arguments.rows)
    print(f"{'first grid, nothing kept':26} {found['first grid, nothing kept']:8.0f} ms")
    print(f"{'heap of the tab':26} {found['heap']:8.1f} MB")
    print(verdict("grid", found["grid"], GRID_MS, " ms"))
    print(verdict("jump", found["jump"], JUMP_MS, " ms"))
    print(verdict("edit, checked", found["edit"], EDIT_MS, " ms"))
    print(verdict("code, compressed", found["code, compressed"], CODE_KB, " KB"))
    print(verdict("nodes", found["nodes"], NODES, ""))


if __name__ == "__main__":
    main()
