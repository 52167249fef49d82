"""The page for everybody: axe-core over its states, and the whole way by keyboard alone, on large and small screens."""

from pathlib import Path

import pytest

from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.web import asking
from import_pipeline_tests.web.accessibility import Keyboard, findings
from import_pipeline_tests.web.asking import COLUMNS, FILE, RULES, VALUES
from import_pipeline_tests.web.browsers import Chromium, Page


def _looked_at(page: Page, shown: str, selector: str) -> dict[str, list[str]]:
    """What axe finds once an element is there, by day and by night; by the name of the state."""
    page.until(f"document.querySelector({selector!r}) !== null")
    found = {}
    for scheme in ("light", "dark"):
        page.tab.emulate_media(color_scheme=scheme)
        found[f"{shown}, {scheme}"] = findings(page)
    return found


def test_axe_finds_nothing_in_any_state_of_an_import_by_day_and_by_night(
    served: Served, browser: Chromium, tmp_path: Path
) -> None:
    client = served.client()
    page = browser.page(served.url)
    found = _looked_at(page.open("/imports", "Sign in"), "sign in", "form")
    page.tab.get_by_label("Token").fill(client.token)
    page.press("Enter")
    page.at("Imports")
    found |= _looked_at(page, "no imports", ".empty")
    page.open("/imports/new", "New import")
    found |= _looked_at(page, "new import", ".drop")
    asking.choose(page, asking.fair(tmp_path))
    page.at(FILE)
    found |= _looked_at(page, "file", ".file-main:not(.at-work) .lines")
    page.button("Continue").click()
    page.at(COLUMNS)
    found |= _looked_at(page, "columns", ".question")
    page.button("Continue").click()
    found |= _looked_at(page, "a question that is open", ".step-foot .error:not(:empty)")
    page.tab.get_by_label("Day first").check()
    page.button("Continue").click()
    page.at(VALUES)
    found |= _looked_at(page, "values", ".rest select")
    page.tab.get_by_label("What “Fjord” becomes").select_option("customer")
    page.button("Continue").click()
    page.at(RULES)
    page.tab.get_by_label("The complete list").check()
    found |= _looked_at(page, "rules", "[data-rule=on_referenced]")
    page.tab.get_by_label("New and changed").check()
    page.button("Show the preview").click()
    page.at("Preview")
    found |= _looked_at(page, "preview", ".grid-body [role=row]")
    page.button("Mend failing rows").click()
    page.at("Mend failing rows")
    found |= _looked_at(page, "mend", ".grid-body [role=row]")
    page.tab.go_back()
    page.at("Preview")
    page.button("Write 2 records").click()
    page.at("Imported")
    found |= _looked_at(page, "result", "main")
    page.open("/imports", "Imports")
    found |= _looked_at(page, "imports", "tbody a")
    page.open("/records/contact", "Records")
    found |= _looked_at(page, "records", "tbody a")
    page.tab.locator("tbody a").first.click()
    page.until("document.activeElement.tagName === 'H1' && document.activeElement.textContent !== 'Records'")
    found |= _looked_at(page, "record", "main")
    page.open("/imports/imp_of_nobody", "There is nothing here")
    found |= _looked_at(page, "nothing here", "main")
    page.refused.clear()  # the browser tells of every call that is refused
    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_keys_alone_lead_from_signing_in_to_the_undo(
    served: Served, browser: Chromium, tmp_path: Path, width: int, height: int
) -> None:
    client = served.client()
    page = browser.page(served.url, width=width, height=height).open("/imports", "Sign in")
    person = Keyboard(page)
    file = asking.fair(tmp_path)
    page.tab.on("filechooser", lambda chooser: chooser.set_files(file))
    person.go_to("Token")
    page.tab.keyboard.type(client.token)
    page.press("Enter")
    person.at("Imports")
    person.press("New import")
    person.at("New import")
    page.tab.wait_for_timeout(200)  # Playwright takes a moment to watch for choosers
    person.press("Choose a file")
    person.at(FILE)
    page.until("document.querySelector('.lines') !== null")
    person.press("Continue")
    person.at(COLUMNS)
    person.press("Continue")
    page.until("document.activeElement.type === 'radio'")
    page.press("Space")
    person.press("Continue")
    person.at(VALUES)
    person.go_to("What “Fjord” becomes")
    page.tab.keyboard.type("customer")
    person.press("Continue")
    person.at(RULES)
    person.press("Show the preview")
    person.at("Preview")
    person.press("Write 2 records")
    person.at("Imported")
    page.until("[...document.querySelectorAll('button')].some((one) => one.textContent === 'Undo…')")
    assert len(client.get("/v1/records/contact")["data"]) == 2
    person.press("Undo…")
    page.until("document.activeElement.textContent === 'Undo this import'")
    person.press("Take back 2 records")
    page.until("document.activeElement.tagName === 'H1' && document.activeElement.textContent !== 'Imported'")
    assert client.get("/v1/records/contact")["data"] == []
    assert person.lost == []
