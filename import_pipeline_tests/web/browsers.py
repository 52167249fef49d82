"""A real browser in tests: Chromium, driven by Playwright, which tells of whatever the page's policy refused.

The policy blocks what evaluates text within the page, Playwright's own `wait_for_function` too: `Page.until` polls.
"""

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator
    from playwright.sync_api import Page as Tab

NAMES = ("chromium", "chromium-browser", "google-chrome")
"""What a Chromium is called where it is installed."""
_SECONDS = 15.0
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@dataclass
class Page:
    """A tab that shows the page.

    Attributes:
        tab: Playwright's.
        url: Where the server is.
        refused: What the browser complained about: refused scripts and styles, errors of scripts, failed loads.
        elsewhere: Requests to other servers.
    """

    tab: "Tab"
    url: str
    refused: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str, heading: str | None = None) -> "Page":
        """Go to a path of the page, such as `/imports`; with `heading`, until that is shown."""
        self.tab.goto(f"{self.url}/app{path}")
        if heading is not None:
            self.at(heading)
        return self

    def at(self, heading: str) -> None:
        """Wait until the page shows this heading and has put the focus on it."""
        self.until(f"document.activeElement.tagName === 'H1' && document.activeElement.textContent === {heading!r}")

    def until(self, script: str, seconds: float = _SECONDS) -> Any:
        """Wait until a script gives something; gives that."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(Exception):  # a page that is being left answers nothing
                if found := self.tab.evaluate(script):
                    return found
            if time.monotonic() > deadline:
                shown = self.tab.evaluate("document.body.innerText")
                raise AssertionError(f"{script} did not come true. The page shows:\n{shown}")
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.tab.keyboard.press(key)

    def button(self, name: str) -> "Locator":
        """The button with this text."""
        return self.tab.get_by_role("button", name=name, exact=True)


@dataclass
class Chromium:
    """A browser at work."""

    browser: "Browser"
    pages: list[Page] = field(default_factory=list)

    def page(self, url: str, token: str | None = None, width: int = 1440, height: int = 900) -> Page:
        """A tab of a person of their own, signed in with this token."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        tab = context.new_page()
        page = Page(tab, url)
        if token is not None:
            tab.add_init_script(f"sessionStorage.setItem('import-pipeline-token', {token!r})")
        tab.on("console", lambda said: page.refused.append(said.text) if said.type == "error" else None)
        tab.on("pageerror", lambda error: page.refused.append(str(error)))
        tab.on("request", lambda sent: page.elsewhere.append(sent.url) if not _is_own(sent.url, url) else None)
        self.pages.append(page)
        return page

    def close_pages(self) -> list[str]:
        """Close all tabs; gives what was refused in them, and what they fetched elsewhere."""
        found = [told for page in self.pages for told in (*page.refused, *page.elsewhere)]
        for page in self.pages:
            page.tab.context.close()
        self.pages.clear()
        return found


def _is_own(url: str, own: str) -> bool:
    return urlsplit(url).netloc == urlsplit(own).netloc or url.startswith(("data:", "blob:"))


def installed() -> str | None:
    """The path of a Chromium on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def started(path: str) -> Iterator[Chromium]:
    """A browser while the block lasts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield Chromium(browser)
        browser.close()
