"""An import within a page of another site, in a browser that takes no cookies of third parties."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.web import browsers
from import_pipeline_tests.web.browsers import Chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

_WATCHED = "<script>window.told = []; addEventListener('import-pipeline', (one) => told.push(one.detail))</script>"
_LOGO = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


@dataclass
class Site:
    """Another application's site, which shows one page."""

    origin: str
    page: str = ""
    server: Any = field(default=None, repr=False)


@contextlib.contextmanager
def _site() -> Iterator[Site]:
    site = Site("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = site.page.encode() if self.path == "/" else b""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.origin = f"http://localhost:{server.server_address[1]}"
        yield site
        server.shutdown()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The site that a link is for; its host is not that of the server."""
    with _site() as found:
        yield found


@pytest.fixture(scope="module")
def other_site() -> Iterator[Site]:
    """A site that no link is for."""
    with _site() as found:
        yield found


@pytest.fixture(scope="module")
def strict(chromium: Chromium) -> Iterator["Browser"]:
    """A browser that keeps nothing for third parties."""
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    arguments += ["--block-third-party-cookies", "--test-third-party-cookie-phaseout"]
    browser = chromium.browser.browser_type.launch(executable_path=browsers.installed(), args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def tab(strict: "Browser") -> Iterator["Page"]:
    """A tab of a person of their own."""
    context = strict.new_context(locale="en-GB", viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


def _link(served: Served, site: Site, **asked: Any) -> tuple[Client, dict[str, Any]]:
    """A link to a draft, made by the site; in a thread, for the browser's driver has a loop in this one."""

    def made() -> tuple[Client, dict[str, Any]]:
        client = served.client()
        draft = client.post("/v1/imports", {"resource": "contact", "start": False, "name": "Spring"})
        return client, client.post("/v1/links", {"import_id": draft["id"], "origin": site.origin, **asked})

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(made).result()


def _one_line(served: Served, link: str) -> str:
    script = f"{served.url}/app/static/embed.js"
    return f'<!doctype html><body>{_WATCHED}<script src="{script}" data-link="{link}" data-height="800"></script>'


def _told(tab: "Page", kind: str, seconds: float = 15.0) -> dict[str, Any]:
    """The last thing of this kind that the site was told."""
    script = f"told.findLast((one) => one.type === {kind!r})"
    tab.wait_for_function(script, timeout=seconds * 1_000)
    return tab.evaluate(script)


def _frame(tab: "Page") -> "Frame":
    return tab.frames[1]


def test_one_line_shows_an_import_within_the_site_that_its_link_is_for(served: Served, site: Site, tab: "Page") -> None:
    _, link = _link(served, site)
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    step = _told(tab, "step")
    assert (step["import_id"], step["step"]) == (link["import_id"], "file")
    assert _told(tab, "state")["state"] == "requested"
    heading = _frame(tab).locator("h1")
    heading.wait_for()
    assert "#" not in _frame(tab).url, "what opened it stays in no address"
    assert link["url"].rpartition(".")[2] not in _frame(tab).content()


def test_an_import_is_done_from_file_to_records_within_another_site(served: Served, site: Site, tab: "Page") -> None:
    client, link = _link(served, site)
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    _told(tab, "step")
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    content = b"Email,First name\nanna@example.com,Anna\nbob@example.com,Bob\n"
    frame = _frame(tab)
    frame.locator("input[type=file]").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    for step in ("file", "columns", "rules", "preview"):
        frame.locator(f".step-{step} .step-foot .primary").click(timeout=30_000)
    tab.wait_for_function(
        "told.some((one) => one.type === 'state' && one.state === 'completed' && !one.is_preview)", timeout=60_000
    )
    assert _told(tab, "state")["created_count"] == 2
    with ThreadPoolExecutor(1) as threads:
        stored = threads.submit(client.get, "/v1/records/contact").result()["data"]
    assert len(stored) == 2
    assert complaints == []


def test_a_link_with_a_preset_begins_its_import_within_the_site(served: Served, site: Site, tab: "Page") -> None:
    preset = {"resource": "contact", "name": "Your list"}
    client, link = _link(served, site, import_id=None, preset=preset)
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    step = _told(tab, "step")
    assert step["step"] == "file"
    with ThreadPoolExecutor(1) as threads:
        begun = threads.submit(client.get, f"/v1/imports/{step['import_id']}").result()
    assert (begun["is_draft"], begun["name"]) == (True, "Your list")


def test_no_other_site_shows_it_and_its_link_stays_unused(
    served: Served, site: Site, other_site: Site, tab: "Page"
) -> None:
    _, link = _link(served, site)
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text))
    for around, host in ((other_site, "localhost"), (site, "127.0.0.1")):
        around.page = _one_line(served, link["url"])
        complaints.clear()
        tab.goto(around.origin.replace("localhost", host))
        tab.wait_for_timeout(300)
        assert [one for one in complaints if "frame-ancestors" in one]
        assert tab.evaluate("told") == []
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    _told(tab, "ready")


def test_a_link_that_was_used_says_so_to_the_person_and_to_the_site(served: Served, site: Site, tab: "Page") -> None:
    _, link = _link(served, site)
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    _told(tab, "ready")
    tab.goto(site.origin)
    _told(tab, "refused")
    assert "import anew" in _frame(tab).locator("body").inner_text()


def test_within_another_site_it_looks_as_that_site_asked(served: Served, site: Site, tab: "Page") -> None:
    brand = {"name": "Acme <b>CRM</b>", "accent": "#1f4f8f", "logo": _LOGO, "texts": {"file.title": "<i>Your list</i>"}}
    _, link = _link(served, site, brand=brand)
    site.page = _one_line(served, link["url"])
    tab.goto(site.origin)
    _told(tab, "step")
    frame = _frame(tab)
    frame.get_by_text("Acme <b>CRM</b>").wait_for()
    style = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    assert "#1f4f8f" in frame.evaluate(style)
    logo = frame.locator("img")
    logo.wait_for()
    assert logo.evaluate("(one) => one.naturalWidth") == 1
