"""An import in a browser from its preview to its undo, and what the store holds of it after each step."""

from typing import Any

import httpx

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.web.browsers import Chromium, Page
from import_pipeline_tests.web.conftest import DAGSTER

_FIRST = "External ID,Email,First name,City\nC1,ada@example.com,Ada,Lund\nC2,joe@example.com,Joe,Porto\n"


def _draft(client: Client, csv: str, file_name: str = "people.csv", **asked: Any) -> str:
    """A draft with its file."""
    made = client.post("/v1/imports", {"resource": "contact", "start": False, "file_name": file_name})
    assert httpx.put(made["_upload_url"], content=csv).is_success
    answer = client.call("PATCH", f"/v1/imports/{made['id']}", asked) if asked else None
    assert answer is None or answer.is_success, answer.text
    return made["id"]


def _preview(page: Page, import_id: str) -> None:
    page.open(f"/imports/{import_id}/preview")
    page.until("location.pathname.endsWith('/preview') && document.querySelector('.tally') !== null", 60)


def _write(page: Page, button: str) -> None:
    page.button(button).click()
    page.at("Imported")


def _import(page: Page, client: Client, csv: str, button: str) -> str:
    """Import a file up to its result; gives the import."""
    import_id = _draft(client, csv)
    _preview(page, import_id)
    _write(page, button)
    return import_id


def _stored(served: Served, client: Client) -> list[tuple[Any, ...]]:
    found = queries.records(served.home, "contact", client.organization)
    return sorted((one["external_id"], one["email"], one["first_name"], one["city"]) for one in found)


def _rows(page: Page) -> list[str]:
    """The rows of the table, their cells apart by bars."""
    cells = "[...row.children].map((cell) => cell.textContent).join('|')"
    script = f"[...document.querySelectorAll('.grid-body [role=row]')].map((row) => {cells})"
    return page.tab.evaluate(script)


def test_nothing_is_written_before_the_button_and_then_what_the_preview_said(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    import_id = _draft(client, _FIRST + "C3,bad at,Eva,Wien\n")
    _preview(page, import_id)
    assert (
        page.tab.locator(".lead").inner_text().startswith("If you go on, 2 records are created and 1 row is left out")
    )
    assert _stored(served, client) == []
    _write(page, "Write 2 records")
    assert _stored(served, client) == [
        ("C1", "ada@example.com", "Ada", "Lund"),
        ("C2", "joe@example.com", "Joe", "Porto"),
    ]
    assert f"{DAGSTER}/runs/" in str(page.tab.locator("dd a[rel=noreferrer]").get_attribute("href"))


def test_a_row_that_changes_a_record_shows_what_it_was_and_will_be(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    _import(page, client, _FIRST, "Write 2 records")
    _preview(page, _draft(client, "External ID,Email,City\nC1,ada@example.com,Malmö\n"))
    page.until("document.querySelectorAll('.grid-body [role=row]').length === 1")
    [row] = _rows(page)
    assert row.startswith("1|ada@example.com|Lund → Malmö|")


def test_what_an_overwrite_deletes_is_listed_and_needs_a_word(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    _import(page, client, _FIRST, "Write 2 records")
    _preview(page, _draft(client, "External ID,Email\nC1,ada@example.com\n", action="overwrite"))
    assert page.button("Write 1 record").is_disabled()
    page.button("Show them").click()
    page.until("document.querySelector('.grid-body')?.textContent.includes('joe@example.com')")
    page.tab.get_by_label("Yes, delete this record").check()
    _write(page, "Write 1 record")
    assert [record[0] for record in _stored(served, client)] == ["C1"]


def test_an_undo_is_looked_at_before_it_is_done(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    _import(page, client, _FIRST, "Write 2 records")
    before = _stored(served, client)
    _import(page, client, "External ID,Email,City\nC1,ada@example.com,Malmö\n", "Write 1 record")
    page.button("Undo…").click()
    page.button("Take back 1 record").wait_for()
    assert _rows(page)[0].startswith("1|ada@example.com|Malmö → Lund|")
    assert _stored(served, client) != before
    page.button("Take back 1 record").click()
    page.at("Undone")
    assert _stored(served, client) == before


def test_failed_rows_become_a_draft_with_what_was_asked(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    first = _import(page, client, _FIRST + "C3,bad at,Eva,Wien\n", "Write 2 records")
    page.button("Mend and import the failed row").click()
    page.until(f"!location.pathname.includes('{first}') && document.activeElement.tagName === 'H1'")
    replayed = client.get(f"/v1/imports/{page.tab.evaluate('location.pathname').split('/')[3]}")
    assert (replayed["retry_of"], replayed["is_draft"]) == (first, True)


def test_failing_rows_are_mended_as_a_file_and_brought_back(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    first = _draft(client, _FIRST + "C3,bad at,Eva,Wien\n")
    _preview(page, first)
    page.button("Mend failing rows").click()
    page.at("Mend failing rows")
    with page.tab.expect_download() as download:
        page.tab.get_by_role("link", name="as CSV").click()
    mended = download.value.path().read_text("utf-8").replace("bad at", "eva@example.com")
    page.tab.locator("input[type=file]").set_input_files(
        {"name": "mended.csv", "mimeType": "text/csv", "buffer": mended.encode()}
    )
    page.until(f"!location.pathname.includes('{first}') && document.querySelector('.tally') !== null", 60)
    assert page.tab.locator(".lead").inner_text().startswith("If you go on, 1 record is created.")
    _write(page, "Write 1 record")
    assert _stored(served, client) == [("C3", "eva@example.com", "Eva", "Wien")]


def test_a_record_tells_which_row_of_which_file_wrote_each_value(served: Served, browser: Chromium) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    _import(page, client, _FIRST, "Write 2 records")
    _import(page, client, "External ID,Email,City\nC2,joe@example.com,Faro\n", "Write 1 record")
    page.open("/records/contact", "Records")
    page.tab.get_by_role("searchbox").fill("faro")
    page.until("document.querySelectorAll('tbody tr').length === 1")
    page.tab.get_by_role("link", name="joe@example.com").click()
    page.at("Joe")
    history = page.tab.locator(".history").inner_text()
    assert "Changed by row 1 of people.csv" in history
    assert "Porto → Faro" in history
    assert "Created by row 2 of people.csv" in history


def test_who_may_only_read_sees_a_preview_without_its_buttons(served: Served, browser: Chromium) -> None:
    client = served.client()
    import_id = _draft(client, _FIRST)
    writer = browser.page(served.url, client.token)
    _preview(writer, import_id)
    reader = browser.page(served.url, served.client(client.organization, "read").token)
    reader.open(f"/imports/{import_id}/preview", "Preview")
    reader.until("document.querySelectorAll('.grid-body [role=row]').length === 2")
    assert reader.button("Write 2 records").count() == 0


def test_hostile_names_of_files_headers_and_cells_stay_text_from_preview_to_history(
    served: Served, browser: Chromium
) -> None:
    client = served.client()
    page = browser.page(served.url, client.token)
    hostile = '"><img src=x onerror=alert(1)>'
    csv = f"External ID,First name,{hostile.replace(chr(34), '')}\nC1,{hostile[2:]},{hostile[2:]}\nC1,{hostile[2:]},\n"
    import_id = _draft(client, csv, file_name=f"{hostile}.csv", duplicate_handling="use_first")
    _preview(page, import_id)
    _write(page, "Write 1 record")
    page.until("document.querySelector('.known') !== null")
    [record] = queries.records(served.home, "contact", client.organization)
    page.open(f"/records/contact/{record['id']}", hostile[2:])
    assert f"row 1 of {hostile}.csv" in page.tab.locator(".history").inner_text()
    assert page.tab.locator("img").count() == 0
