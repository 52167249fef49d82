"""Links with a preset: a draft begins with it when the link is opened, once, and is all that is reached."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from import_pipeline.service import imports, links
from import_pipeline.service.links import LONGEST_PRESET
from import_pipeline_tests.api.opening import SITE, code_of, imported, opened, seconds_ago, session_of, waiting
from import_pipeline_tests.api.serving import Client, Served

PARTS: dict[str, Any] = {
    "name": "Your contacts",
    "action": "merge",
    "duplicate_strategy": "fill",
    "duplicate_handling": "use_first",
    "column_mapping": {"email": "E-mail", "first_name": "First name", "last_name": None},
    "value_mappings": {"first_name": {"n/a": None}},
    "reading": {"encoding": "windows-1252", "delimiter": ";"},
    "tags": ["signup"],
    "tag_delimiter": "|",
    "match_by": ["email"],
    "on_possible_duplicate": "ask",
    "on_referenced": "keep",
    "keep_unmapped": True,
    "clear_token": "-",
    "on_bad_optional": "empty",
    "empty_words": ["none"],
    "invalid_data": "block",
    "max_failed_rows": 3,
    "confirm_deletions": None,
}


def begun(served: Served, client: Client, **asked: Any) -> tuple[Client, dict[str, Any]]:
    """Somebody who opened a link with a preset, and the draft that began, as who made the link sees it."""
    guest = session_of(served, client, **asked)
    return guest, client.get(f"/v1/imports/{guest.get('/v1/sessions/current')['import_id']}")


def test_a_draft_that_begins_by_a_link_is_as_one_that_was_made_and_changed(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/imports", {"resource": "contact", "start": False})
    changed = client.call("PATCH", f"/v1/imports/{made['id']}", PARTS)
    assert changed.status_code == 200
    same = changed.json()
    _, draft = begun(served_local, client, preset={"resource": "contact"} | PARTS, name="Jane Doe")
    assert draft["spec"] == same["spec"]
    for name in ("resource", "name", "state", "status", "is_draft", "upload_mode", "file_name", "created_by"):
        assert draft[name] == same[name], name
    assert draft["id"] != same["id"]
    assert draft["_upload_url"]


def test_no_draft_begins_before_its_link_is_opened(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/links", {"preset": {"resource": "company"}})
    assert (made["import_id"], made["resource"]) == (None, "company")
    assert client.get("/v1/imports")["data"] == []
    assert client.get("/v1/links")["data"][0]["resource"] == "company"
    session = opened(served_local, made["url"].partition("#link=")[2]).json()
    assert [one["id"] for one in client.get("/v1/imports")["data"]] == [session["import_id"]]
    assert client.get("/v1/links")["data"][0]["import_id"] == session["import_id"]


def test_a_link_with_a_preset_begins_one_draft_however_many_open_it(served_local: Served) -> None:
    client = served_local.client()
    link = client.post("/v1/links", {"preset": {"resource": "contact"}})["url"].partition("#link=")[2]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: opened(served_local, link), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[401] * 7]
    assert {code_of(answer) for answer in answers if answer.status_code == 401} == {(401, "link_used")}
    assert client.get("/v1/imports")["total_count"] == 1


def test_a_link_that_is_refused_begins_no_draft(served_local: Served) -> None:
    client = served_local.client()
    home, preset = served_local.home, {"record_type": "contact"}
    with seconds_ago(served_local, 11 * 60):
        expired, _ = links.create(home, client.organization, preset=preset, origin=SITE)
    deleted, record = links.create(home, client.organization, preset=preset)
    links.remove(home, record.id, client.organization)
    altered, _ = links.create(home, client.organization, preset=preset)
    refused = [code_of(opened(served_local, link))[1] for link in (expired, deleted, altered[:-4] + "AAAA")]
    assert refused == ["link_expired", "link_unknown", "link_unknown"]
    assert imports.list_imports(home, client.organization).total_count == 0


def test_who_opened_it_reaches_the_draft_that_began_and_no_other_import(served_local: Served) -> None:
    client = served_local.client()
    others = (imported(client), waiting(client))
    guest, draft = begun(served_local, client, preset={"resource": "contact", "name": "Spring"}, name="Jane")
    own = f"/v1/imports/{draft['id']}"
    for path in ("/v1/imports", "/v1/records/contact", "/v1/links", *(f"/v1/imports/{one}" for one in others)):
        assert code_of(guest.call("GET", path)) == (404, "not_found")
    assert code_of(guest.call("POST", "/v1/links", {"preset": {"resource": "contact"}})) == (404, "not_found")
    assert httpx.put(guest.get(own)["_upload_url"], content=b"Email\nanna@example.com\n").status_code == 200
    named = guest.call("PATCH", own, {"name": "Mine"}).json()
    assert named["created_by"].startswith("token:")
    assert named["updated_by"].startswith("Jane (lnk_")


def test_within_another_site_resource_and_action_stay_as_preset(served_local: Served) -> None:
    client = served_local.client()
    asked = {"preset": {"resource": "contact", "action": "overwrite"}, "origin": SITE}
    guest, draft = begun(served_local, client, **asked)
    own = f"/v1/imports/{draft['id']}"
    assert guest.get("/v1/sessions/current")["fixed"] == ["resource", "action"]
    for change in ({"action": "merge"}, {"resource": "company"}):
        assert code_of(guest.call("PATCH", own, change)) == (403, "forbidden")
    assert guest.call("PATCH", own, {"tags": ["may"]}).status_code == 200
    assert client.get(own)["spec"]["action"] == "overwrite"
    made = client.post("/v1/links", asked)
    assert made["expires_at"] - made["created_at"] == 600
    assert code_of(client.call("POST", "/v1/links", asked | {"minutes": 11})) == (400, "invalid_request")


@pytest.mark.parametrize(
    "slip",
    [
        {"resource": "contcat"},
        {"resource": None},
        {"action": "delete", "duplicate_strategy": "skip"},
        {"action": "merg"},
        {"column_mapping": {"e_mial": "E-mail"}},
        {"column_mapping": {"email": "Mail", "phone": "Mail"}},
        {"match_by": ["nonsense"]},
        {"value_mappings": {"nonsense": {"a": "b"}}},
        {"reading": {"delimiter": ";", "quote": ";"}},
        {"reading": {"nonsense": 1}},
        {"nonsense": 1},
    ],
)
def test_a_slip_is_refused_when_the_link_is_made_in_the_words_of_a_change(
    served_local: Served, slip: dict[str, Any]
) -> None:
    client = served_local.client()
    answer = client.call("POST", "/v1/links", {"preset": {"resource": "contact"} | slip})
    assert answer.status_code in (400, 422)
    assert client.get("/v1/links")["data"] == []
    if slip != {"resource": None}:  # of a change null is what it was; a preset has no resource without it
        draft = client.post("/v1/imports", {"resource": "contact", "start": False})
        told = client.call("PATCH", f"/v1/imports/{draft['id']}", slip)
        assert code_of(answer) == code_of(told)
        assert answer.json()["error"]["message"].replace("preset.", "") == told.json()["error"]["message"]


def test_a_preset_that_makes_no_link_is_refused(served_local: Served) -> None:
    client = served_local.client()
    preset = {"resource": "contact"}
    long = {f"{number} {'x' * 80}": "y" for number in range(LONGEST_PRESET // 80)}
    for asked, status in (
        ({"preset": preset, "import_id": waiting(client)}, 400),
        ({"preset": preset, "scope": "read"}, 400),
        ({"preset": preset | {"value_mappings": {"first_name": long}}}, 400),
        ({"preset": preset | {"file_name": "people.csv"}}, 422),
        ({"preset": {"name": "Spring"}}, 422),
        ({"preset": []}, 422),
    ):
        assert code_of(client.call("POST", "/v1/links", asked)) == (status, "invalid_request")
    assert client.get("/v1/links")["data"] == []
