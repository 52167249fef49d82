"""A person who brings a file: the steps of the page from the drop to the preview."""

from pathlib import Path
from urllib.parse import urlsplit

from import_pipeline_tests.api.serving import Client
from import_pipeline_tests.web.browsers import Chromium, Page

FILE = "How the file was read"
COLUMNS = "Where each column goes"
VALUES = "What the words mean"
RULES = "What the import does"
FAIR = (
    "Messe Oslo; Teilnehmer\r\n\r\n"
    "Mail adress;Full nme;Stage;Born;Wants mail?\r\n"
    "ada@example.com;Ada Müller;Fjord;01/02/1980;yes\r\n"
    "bo@example.com;Bö Çelik;Kunde;03/04/1981;no\r\n"
    "cy(at)example.com;Cy;Kunde;05/06/1982;\r\n"
)
"""A note above the header, headers that are nearly fields, a word that nobody knows, dates that have two readings."""


def fair(folder: Path) -> Path:
    """The file FAIR in windows-1252."""
    path = folder / "fair.csv"
    path.write_bytes(FAIR.encode("windows-1252"))
    return path


def bring(browser: Chromium, client: Client, path: Path, **size: int) -> Page:
    """Start an import with a file, until the page shows how it was read."""
    page = browser.page(str(client.http.base_url).rstrip("/"), client.token, **size)
    page.open("/imports/new", "New import")
    choose(page, path)
    page.at(FILE)
    return page


def choose(page: Page, path: Path) -> None:
    """Choose a file, as the button that asks for one does."""
    page.tab.locator("input[type=file]").set_input_files(path)


def lines(page: Page) -> list[list[str]]:
    """The first lines as the page shows them, each with its number first."""
    rows = "[...document.querySelectorAll('.lines tr')]"
    return page.tab.evaluate(f"{rows}.map((row) => [...row.children].map((cell) => cell.textContent))")


def header(page: Page) -> list[str]:
    """The header that the page shows, without its line number."""
    return page.until("[...document.querySelectorAll('.lines .is-header th')].map((cell) => cell.textContent)")


def import_id(page: Page) -> str:
    """The import that the address names."""
    return urlsplit(page.tab.url).path.split("/")[3]


def spec(page: Page, client: Client) -> dict[str, object]:
    """What is asked of the import that the address names, as the API says it."""
    return client.get(f"/v1/imports/{import_id(page)}")["spec"]
