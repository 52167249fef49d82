"""The page from signing in to the preview: what a person says there is what the import is asked, and does."""

from pathlib import Path

import pandas as pd

from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.web import asking
from import_pipeline_tests.web.asking import COLUMNS, FILE, RULES, VALUES
from import_pipeline_tests.web.browsers import Chromium, Page

HOSTILE = "<img src=x onerror=alert(1)>"


def _go_on(page: Page, heading: str) -> None:
    page.button("Continue").click()
    page.at(heading)


def test_a_link_signs_a_person_in_once_and_leaves_the_address(served: Served, browser: Chromium) -> None:
    client = served.client()
    link = client.post("/v1/links", {"scope": "write"})["url"]
    page = browser.page(served.url)
    page.tab.goto(link)
    page.at("Imports")
    assert "link=" not in page.tab.evaluate("location.href + history.length + document.referrer")
    page.tab.reload()
    page.at("Imports")
    page.button("Sign out").click()
    page.at("Sign in")
    assert page.tab.evaluate("Object.values(sessionStorage).join()") == ""


def test_a_token_that_is_pasted_opens_the_page_that_was_asked_for(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url).open("/imports/new", "Sign in")
    page.tab.get_by_label("Token").fill(f" {client.token}\n")
    page.press("Enter")
    page.at("New import")


def test_a_file_goes_from_the_drop_to_the_store_as_the_preview_said(
    served: Served, browser: Chromium, tmp_path: Path
) -> None:
    client = served.client()
    page = asking.bring(browser, client, asking.fair(tmp_path))
    assert asking.header(page) == ["Mail adress", "Full nme", "Stage", "Born", "Wants mail?"]
    assert asking.lines(page)[2][1:3] == ["ada@example.com", "Ada Müller"]

    _go_on(page, COLUMNS)
    page.button("Continue").click()
    page.until("document.querySelector('.step-foot .error').textContent.includes('question')")
    page.tab.get_by_label("Day first").check()
    page.tab.get_by_label("Field for the column Wants mail?").select_option("newsletter")
    _go_on(page, VALUES)
    page.tab.get_by_label("What “Fjord” becomes").select_option("customer")
    _go_on(page, RULES)
    page.tab.get_by_label("Tags that every row gets").fill("fair, oslo")
    page.press("Tab")
    page.button("Show the preview").click()
    page.at("Preview")
    assert page.until("document.querySelector('main').innerText.match(/2 records are created/)")
    page.button("Write 2 records").click()
    page.until("location.pathname.endsWith('/result')")

    stored = client.get("/v1/records/contact")["data"]
    found = sorted((one["email"], one["full_name"], one["status"], one["date_of_birth"]) for one in stored)
    assert found == [
        ("ada@example.com", "Ada Müller", "customer", "1980-02-01"),
        ("bo@example.com", "Bö Çelik", "customer", "1981-04-03"),
    ]
    assert [(sorted(one["tags"]), one["newsletter"]) for one in stored if one["email"].startswith("ada")] == [
        (["fair", "oslo"], "yes")
    ]


def test_a_header_that_was_found_wrong_is_chosen_by_its_line(served: Served, browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("E-mail,Name,Phone\nOf the fair,of the,year\nada@example.com,Ada,+46701234567\n")
    client = served.client()
    page = asking.bring(browser, client, path)
    assert asking.header(page)[0] == "E-mail"
    page.button("Make line 2 the header").click()
    page.until("document.querySelector('.lines .is-header th').textContent === 'Of the fair'")
    assert page.tab.evaluate("document.activeElement.id") == "line-2"
    assert asking.spec(page, client)["reading"] == {"header_row": 2}
    page.tab.get_by_label("There is no header line").check()
    page.until("!document.querySelector('.lines .is-header th')?.textContent.includes('fair')")
    assert asking.spec(page, client)["reading"] == {"header_row": 0}


def test_each_option_of_reading_is_said_by_hand_and_taken_back(
    served: Served, browser: Chromium, tmp_path: Path
) -> None:
    client = served.client()
    page = asking.bring(browser, client, asking.fair(tmp_path))
    page.tab.get_by_label("Encoding").select_option("mac-roman")
    page.until("document.querySelector('.lines').textContent.includes('Ada M\\xb8ller')")
    assert asking.spec(page, client)["reading"] == {"encoding": "mac-roman"}
    page.tab.get_by_label("Encoding").select_option(index=0)
    page.until("document.querySelector('.lines').textContent.includes('Ada Müller')")
    assert asking.spec(page, client)["reading"] == {}


def test_the_sheet_that_is_meant_is_chosen_and_kept(served: Served, browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "three.xlsx"
    people = pd.DataFrame({"E-mail": ["ada@example.com", "bo@example.com"], "First name": ["Ada", "Bo"]})
    with pd.ExcelWriter(path) as workbook:
        pd.DataFrame({"Read me": ["See the next sheets"]}).to_excel(workbook, sheet_name="About", index=False)
        people.to_excel(workbook, sheet_name="People", index=False)
        people.assign(City="Oslo").to_excel(workbook, sheet_name="Moved", index=False)
    client = served.client()
    page = asking.bring(browser, client, path)
    page.tab.get_by_label("Moved").check()
    page.until("document.querySelector('.lines').textContent.includes('Oslo')")
    assert asking.spec(page, client)["reading"] == {"sheet": "Moved"}
    _go_on(page, COLUMNS)
    assert page.tab.locator(".column h2").all_inner_texts() == ["E-mail", "First name", "City"]


def test_the_mapping_that_was_confirmed_last_time_is_offered(served: Served, browser: Chromium, tmp_path: Path) -> None:
    client = served.client()
    path = tmp_path / "people.csv"
    path.write_text("E-mail,Nick\nada@example.com,Ada\n")
    for expected in (None, "Mapped as the last file with this header was."):
        page = asking.bring(browser, client, path)
        _go_on(page, COLUMNS)
        told = page.tab.locator(".step-body .banner").all_inner_texts()
        assert any(expected in text for text in told) if expected else told == []
        if expected is None:
            page.tab.get_by_label("Field for the column Nick").select_option("first_name")
            _go_on(page, RULES)
            page.button("Show the preview").click()
            page.at("Preview")
            page.button("Write 1 record").click()
            page.until("location.pathname.endsWith('/result')")
        else:
            assert page.tab.get_by_label("Field for the column Nick").input_value() == "first_name"


def test_a_reload_goes_on_where_a_person_was(served: Served, browser: Chromium, tmp_path: Path) -> None:
    client = served.client()
    page = asking.bring(browser, client, asking.fair(tmp_path))
    _go_on(page, COLUMNS)
    page.tab.get_by_label("Field for the column Full nme").select_option("last_name")
    page.until(
        f"fetch('/v1/imports/{asking.import_id(page)}', {{headers: {{Authorization: 'Bearer {client.token}'}}}})"
        ".then((answer) => answer.json()).then(({ spec }) => spec.column_mapping?.last_name === 'Full nme')"
    )
    page.tab.reload()
    page.at(COLUMNS)
    assert page.tab.get_by_label("Field for the column Full nme").input_value() == "last_name"


def test_what_a_file_holds_is_only_ever_text(served: Served, browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / f"{HOSTILE}.csv"
    path.write_text(f'"{HOSTILE}",E-mail,"{{n}}"\n"{HOSTILE}",ada@example.com,"__proto__"\n')
    page = asking.bring(browser, served.client(), path)
    assert asking.header(page)[0] == HOSTILE
    _go_on(page, COLUMNS)
    assert page.tab.locator(".column h2").first.inner_text() == HOSTILE
    page.open("/imports", "Imports")
    assert HOSTILE in page.until("document.querySelector('tbody a')?.textContent")
    assert page.tab.locator("main img").count() == 0


def test_a_broken_file_says_what_is_wrong_and_another_takes_its_place(
    served: Served, browser: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    client = served.client()
    page = browser.page(served.url, client.token).open("/imports/new", "New import")
    asking.choose(page, path)
    page.until("document.querySelector('.banner.bad')?.textContent.includes('damaged')")
    page.refused.clear()  # the browser tells of every call that is refused
    page.button("Take another file").click()
    asking.choose(page, asking.fair(tmp_path))
    assert asking.header(page)[0] == "Mail adress"
    page.at(FILE)


def test_an_upload_is_shown_and_can_be_stopped(served: Served, browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("E-mail,Note\n" + f"ada@example.com,{'x' * 1_000}\n" * 20_000)
    page = browser.page(served.url, served.client().token).open("/imports/new", "New import")
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    page.tab.context.new_cdp_session(page.tab).send("Network.emulateNetworkConditions", slow)
    asking.choose(page, path)
    page.until("Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 3")
    assert page.tab.evaluate("document.activeElement.textContent") == "Stop"
    page.press("Enter")
    page.until("document.activeElement.textContent === 'Choose a file'")


def test_who_may_only_read_sees_no_way_to_change_anything(served: Served, browser: Chromium, tmp_path: Path) -> None:
    client = served.client()
    draft = asking.bring(browser, client, asking.fair(tmp_path))
    reader = served.client(client.organization, "read")
    page = browser.page(served.url, reader.token).open("/imports", "Imports")
    assert page.until("document.querySelectorAll('tbody a').length") == 1
    assert page.tab.get_by_text("New import").count() == 0
    for step, heading in (("file", FILE), ("columns", COLUMNS), ("values", VALUES), ("rules", RULES)):
        page.open(f"/imports/{asking.import_id(draft)}/{step}", heading)
        assert page.tab.locator("main :is(button, input, select)").count() == 0
