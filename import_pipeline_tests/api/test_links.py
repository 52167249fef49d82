"""Links to the page, and the sessions that come of them: whom they let in, how far, how often and how long."""

import contextlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from import_pipeline.api.guessing import MOST_OF_LINK
from import_pipeline.service import links, sessions, tokens
from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Client, Served, serving

SITE = "https://app.example.com"
DAY = 86_400
ROWS = [{"email": "anna@example.com"}, {"email": "bob@"}]


@contextlib.contextmanager
def seconds_ago(served: Served, seconds: float) -> Iterator[None]:
    """What is made here was made then."""
    registry = served.home.registry
    registry.clock = lambda: time.time() - seconds
    try:
        yield
    finally:
        registry.clock = time.time


def imported(client: Client) -> str:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": ROWS})["id"]


def waiting(client: Client) -> str:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["id"]


def opened(served: Served, link: str) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/sessions", json={"link": link})


def session_of(served: Served, client: Client, **asked: Any) -> Client:
    """Somebody who opened a link that the client made."""
    link = client.post("/v1/links", asked)["url"].partition("#link=")[2]
    answer = opened(served, link)
    assert answer.status_code == 201
    return Client(httpx.Client(base_url=served.url, timeout=90), answer.json()["token"], client.organization)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def frame_ancestors(answer: httpx.Response) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", answer.headers["content-security-policy"])
    assert found is not None
    return found[1]


# What a link gives.


def test_a_link_opens_the_organization_for_whoever_has_it(served_local: Served) -> None:
    client = served_local.client()
    done = imported(client)
    made = client.post("/v1/links", {"name": "Jane  Doe"})
    assert made["url"].startswith(f"{served_local.url}/app/#link={made['id']}.")
    assert made["expires_at"] - made["created_at"] == 15 * 60
    session = opened(served_local, made["url"].partition("#link=")[2]).json()
    assert session["expires_at"] > time.time() + 11 * 3_600
    jane = Client(client.http, session.pop("token"), client.organization)
    current = jane.get("/v1/sessions/current")
    assert current == session
    assert [current[name] for name in ("organization_id", "scope", "import_id", "name", "is_session")] == [
        client.organization, "write", None, "Jane Doe", True,
    ]  # fmt: skip
    assert jane.get("/v1/imports")["data"][0]["id"] == done
    named = jane.call("PATCH", f"/v1/imports/{done}", {"name": "Mine"}).json()
    assert named["updated_by"] == f"Jane Doe ({made['id']})"


def test_a_token_is_told_what_it_reaches_and_is_no_session(served_local: Served) -> None:
    reader = served_local.client(scope="read")
    current = reader.get("/v1/sessions/current")
    assert (current["organization_id"], current["scope"], current["is_session"]) == (reader.organization, "read", False)
    assert code_of(reader.call("DELETE", "/v1/sessions/current")) == (403, "forbidden")
    assert reader.get("/v1/imports")["data"] == []


def test_a_link_that_may_only_read_gives_a_session_that_may_only_read(served_local: Served) -> None:
    client = served_local.client()
    done = imported(client)
    reader = session_of(served_local, client, scope="read", import_id=done)
    assert reader.get(f"/v1/imports/{done}")["_upload_url"] is None
    for method, path in (("PATCH", ""), ("POST", "/cancel"), ("POST", "/undo"), ("PATCH", "/review")):
        assert code_of(reader.call(method, f"/v1/imports/{done}{path}", {"name": "x"})) == (403, "forbidden")


def test_only_a_token_that_may_write_makes_lists_with_deletes_links(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/links", {})
    reader = served_local.client(client.organization, "read")
    assert code_of(reader.call("POST", "/v1/links", {"scope": "read"})) == (403, "forbidden")
    assert code_of(reader.call("DELETE", f"/v1/links/{made['id']}")) == (403, "forbidden")
    assert [one["id"] for one in reader.get("/v1/links")["data"]] == [made["id"]]


def test_a_session_makes_no_further_links_so_that_it_ends(served_local: Served) -> None:
    guest = session_of(served_local, served_local.client())
    assert code_of(guest.call("POST", "/v1/links", {})) == (403, "forbidden")


def test_links_are_listed_without_what_opens_them_newest_first(served_local: Served) -> None:
    client = served_local.client()
    with seconds_ago(served_local, 3_600):
        _, old = links.create(served_local.home, client.organization)
    made = client.post("/v1/links", {"name": "New"})
    opened(served_local, made["url"].partition("#link=")[2])
    answer = client.call("GET", "/v1/links").json()
    assert [one["id"] for one in answer["data"]] == [made["id"], old.id]
    assert [one["used_at"] is not None for one in answer["data"]] == [True, False]
    assert made["url"].rpartition(".")[2] not in str(answer)
    page = client.get("/v1/links?limit=1")
    assert (len(page["data"]), page["has_more"]) == (1, True)
    assert served_local.client().get("/v1/links")["data"] == []


def test_links_and_sessions_are_forgotten_a_month_after_their_end(served_local: Served) -> None:
    client = served_local.client()
    with seconds_ago(served_local, 32 * DAY):
        link, old = links.create(served_local.home, client.organization)
        sessions.begin(served_local.home, link)
    client.post("/v1/links", {})
    assert old.id not in [one["id"] for one in client.get("/v1/links")["data"]]
    assert code_of(opened(served_local, link)) == (401, "link_unknown")


# Whom a link refuses.


def test_a_link_opens_once(served_local: Served) -> None:
    link = served_local.client().post("/v1/links", {})["url"].partition("#link=")[2]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: opened(served_local, link), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[401] * 7]
    assert {code_of(answer) for answer in answers if answer.status_code == 401} == {(401, "link_used")}


def test_a_link_that_is_too_old_or_was_deleted_opens_nothing(served_local: Served) -> None:
    client = served_local.client()
    with seconds_ago(served_local, 16 * 60):
        link, _ = links.create(served_local.home, client.organization)
    answer = opened(served_local, link)
    assert code_of(answer) == (401, "link_expired")
    assert client.organization not in answer.text
    made = client.post("/v1/links", {})
    assert client.call("DELETE", f"/v1/links/{made['id']}").status_code == 204
    assert code_of(opened(served_local, made["url"].partition("#link=")[2])) == (401, "link_unknown")


def test_an_altered_link_is_refused_in_the_words_of_one_that_never_was_whatever_became_of_it(
    served_local: Served,
) -> None:
    home, organization = served_local.home, served_local.client().organization
    fresh, _ = links.create(home, organization)
    used, _ = links.create(home, organization)
    sessions.begin(home, used)
    with seconds_ago(served_local, DAY):
        expired, _ = links.create(home, organization)
    other = fresh[:-1] + ("A" if fresh[-1] != "A" else "B")
    swapped = f"{used.partition('.')[0]}.{fresh.partition('.')[2]}"
    wrong = [other, swapped, expired[:-2] + "xy", fresh[:20], fresh + "x", f" {fresh}", fresh.upper(), "", "a.b", "ü"]
    wrong += [fresh.replace("lnk_", "ipt_"), "lnk_0123456789abcdef." + "A" * 43, "' OR 1=1 --", "\x00"]
    told = {opened(served_local, link).text for link in wrong}
    assert len(told) == 1
    assert "link_unknown" in told.pop()
    assert opened(served_local, fresh).status_code == 201


def test_a_link_is_no_token_and_a_token_no_link(served_local: Served) -> None:
    client = served_local.client()
    link = client.post("/v1/links", {})["url"].partition("#link=")[2]
    assert Client(client.http, link, "").call("GET", "/v1/imports").status_code == 401
    assert code_of(opened(served_local, client.token)) == (401, "link_unknown")


def test_a_session_ends_after_its_time_when_it_is_ended_and_when_its_link_is_deleted(served_local: Served) -> None:
    client = served_local.client()
    with seconds_ago(served_local, 12 * 3_600 + 60):
        link, _ = links.create(served_local.home, client.organization)
        old = sessions.begin(served_local.home, link).token
    assert Client(client.http, old, "").call("GET", "/v1/imports").status_code == 401
    guest = session_of(served_local, client)
    assert guest.call("DELETE", "/v1/sessions/current").status_code == 204
    assert guest.call("GET", "/v1/imports").status_code == 401
    other = session_of(served_local, client)
    for one in client.get("/v1/links")["data"]:
        client.call("DELETE", f"/v1/links/{one['id']}")
    time.sleep(2.1)
    assert other.call("GET", "/v1/imports").status_code == 401


def test_with_a_token_end_the_links_that_it_made_and_what_came_of_them(served_local: Served) -> None:
    client = served_local.client()
    colleague = served_local.client(client.organization)
    link = client.post("/v1/links", {})["url"].partition("#link=")[2]
    guest, other = session_of(served_local, client), session_of(served_local, colleague)
    tokens.revoke(served_local.home, client.token)
    assert code_of(opened(served_local, link)) == (401, "link_unknown")
    time.sleep(2.1)
    assert guest.call("GET", "/v1/imports").status_code == 401
    assert other.call("GET", "/v1/imports").status_code == 200


def test_an_organization_makes_and_deletes_no_links_of_another(served_local: Served) -> None:
    client, stranger = served_local.client(), served_local.client()
    done = imported(client)
    made = client.post("/v1/links", {})
    assert code_of(stranger.call("POST", "/v1/links", {"import_id": done})) == (404, "not_found")
    assert code_of(stranger.call("DELETE", f"/v1/links/{made['id']}")) == (404, "not_found")
    assert opened(served_local, made["url"].partition("#link=")[2]).status_code == 201


def test_who_tries_many_links_has_to_wait_and_others_do_not_behind_a_proxy_that_is_trusted(tmp_path: Any) -> None:
    proxies = '["127.0.0.1"]'
    with serving(Settings(home=tmp_path / "home"), tmp_path, trusted_proxies=proxies) as served:
        link = served.client().post("/v1/links", {})["url"].partition("#link=")[2]

        def tried(link: str, address: str) -> httpx.Response:
            headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
            return httpx.post(f"{served.url}/v1/sessions", json={"link": link}, headers=headers)

        for _ in range(MOST_OF_LINK):
            assert code_of(tried(link[:-4] + "AAAA", "10.0.0.1")) == (401, "link_unknown")
        waits = tried(link, "10.0.0.1")
        assert code_of(waits) == (429, "too_many_requests")
        assert 0 < int(waits.headers["retry-after"]) <= 60
        assert tried(link, "10.0.0.2").status_code == 201


def test_the_body_of_a_stranger_who_opens_a_link_is_a_few_words(served_local: Served) -> None:
    url = f"{served_local.url}/v1/sessions"
    assert httpx.post(url, json={"link": "x" * 3_000}).status_code == 413
    assert httpx.post(url, content=(b"x" * 1_000 for _ in range(1_000))).status_code == 413
    assert httpx.post(url, json={"link": "x" * 300}).status_code == 422
    assert httpx.post(url, json={"link": "x", "more": 1}).status_code == 422


def test_links_and_sessions_are_kept_nowhere_and_in_no_log(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/links", {"import_id": waiting(client), "origin": SITE})
    session = opened(served_local, made["url"].partition("#link=")[2]).json()["token"]
    secrets = [made["url"].rpartition(".")[2], session.rpartition("_")[2][-30:]]
    for file in (*served_local.settings.home_path.rglob("*"), served_local.log):
        if file.is_file():
            content = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], file


# How far a link to one import reaches.


def calls_of(served: Served) -> list[tuple[str, str]]:
    """All calls that take a token, with every word of their paths that is no import left as an example."""
    from fastapi.routing import APIRoute, iter_route_contexts

    from import_pipeline.api.app import create_app
    from import_pipeline.api.callers import scope_asked_by

    app = create_app(served.home)
    found = [
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and scope_asked_by(route.dependant) is not None
        for method in sorted(route.methods or ())
    ]
    assert len(found) > 40
    return found


OPEN_BESIDES = {
    ("GET", "/v1/resources"),
    ("GET", "/v1/resources/{name}"),
    ("GET", "/v1/resources/{name}/template"),
    ("GET", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/current"),
}
OF_IMPORT = "/v1/imports/{import_id}"


def test_a_session_for_one_import_reaches_no_call_but_those_of_that_import(served_local: Served) -> None:
    client = served_local.client()
    mine, other = waiting(client), imported(client)
    guest = session_of(served_local, client, import_id=mine)
    before = client.get(f"/v1/imports/{other}")
    for method, path in calls_of(served_local):
        if (method, path) in OPEN_BESIDES:
            continue
        # Whatever else a path names is named by the import that the session has.
        for import_id in (other, "imp_00000000000000000000") if path.startswith(OF_IMPORT) else (mine,):
            filled = re.sub(r"\{[^}]+\}", import_id, path.replace("{organization}", client.organization))
            answer = guest.call(method, filled, None if method in ("GET", "HEAD", "DELETE") else {})
            assert answer.status_code == 404, (method, filled)
            if method != "HEAD":
                assert "link that was opened is for one import alone" in answer.text, (method, filled)
    same = ("status", "name", "updated_by", "counters")
    after = client.get(f"/v1/imports/{other}")
    assert [after.get(name) for name in same] == [before.get(name) for name in same]


def test_every_call_below_an_import_names_that_import_and_no_other(served_local: Served) -> None:
    below = [path for _, path in calls_of(served_local) if path.startswith("/v1/imports/")]
    assert below
    for path in below:
        assert path == OF_IMPORT or path.startswith(f"{OF_IMPORT}/"), path
        others = set(re.findall(r"\{([^}]+)\}", path)) - {"import_id"}
        assert not [name for name in others if "import" in name], path


def test_a_session_for_one_import_sees_and_changes_that_import(served_local: Served) -> None:
    client = served_local.client()
    mine = waiting(client)
    guest = session_of(served_local, client, import_id=mine, name="Jane")
    shown = guest.get(f"/v1/imports/{mine}")
    assert shown["_upload_url"]
    assert guest.call("PATCH", f"/v1/imports/{mine}", {"name": "Spring"}).status_code == 200
    assert httpx.put(shown["_upload_url"], content=b"Email\nanna@example.com\n").status_code == 200
    assert guest.get("/v1/sessions/current")["import_id"] == mine
    assert guest.call("POST", f"/v1/imports/{mine}/cancel").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/imports/{mine}/../{other}",
        "/v1/imports/{mine}%2f..%2f{other}",
        "/v1/imports/{mine}/..%2f{other}/review",
        "/v1/imports/{mine};{other}",
        "/v1/imports//{other}",
        "/v1/imports/{mine}{other}",
        "/v1/imports/{other}?import_id={mine}",
        "/v1/imports/{other}/%2e%2e/{mine}",
        "/V1/imports/{other}",
        "/v1/imports/{mine}/../../imports",
        "/v1/imports?import_id={mine}",
        "/v1/imports/",
    ],
)
def test_no_way_of_writing_a_path_leads_to_another_import(served_local: Served, path: str) -> None:
    client = served_local.client()
    mine, other = waiting(client), waiting(client)
    guest = session_of(served_local, client, import_id=mine)
    target = path.format(mine=mine, other=other)
    for method in ("GET", "PATCH", "POST"):
        status, told = served_local.call_as_written(method, target, {"name": "taken"}, guest.token)
        assert status in (307, 404, 405), (method, target, told)
        assert other not in told
    assert client.get(f"/v1/imports/{other}")["name"] != "taken"


def test_an_idempotency_key_of_another_import_brings_nothing_of_it(served_local: Served) -> None:
    client = served_local.client()
    first = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"}, Idempotency_Key="k1")["id"]
    mine = waiting(client)
    guest = session_of(served_local, client, import_id=mine)
    answer = guest.call("POST", f"/v1/imports/{mine}/undo", None, Idempotency_Key="k1")
    assert first not in answer.text
    assert answer.status_code in (409, 422)


def test_within_another_site_nobody_changes_what_is_imported_or_whether_records_are_deleted(
    served_local: Served,
) -> None:
    client = served_local.client()
    mine = client.post("/v1/imports", {"resource": "contact", "start": False})["id"]
    path = f"/v1/imports/{mine}"
    inside = session_of(served_local, client, import_id=mine, origin=SITE)
    assert inside.get("/v1/sessions/current")["fixed"] == ["resource", "action"]
    for change in ({"action": "overwrite"}, {"action": "delete"}, {"action": None}, {"resource": "company"}):
        assert code_of(inside.call("PATCH", path, {"name": "Mine"} | change)) == (403, "forbidden")
    assert inside.call("PATCH", path, {"duplicate_strategy": "fill", "name": "Spring"}).status_code == 200
    shown = client.get(path)
    assert (shown["resource"], shown["spec"]["action"], shown["name"]) == ("contact", "merge", "Spring")
    outside = session_of(served_local, client, import_id=mine)
    assert outside.get("/v1/sessions/current")["fixed"] == []
    assert outside.call("PATCH", path, {"action": "overwrite"}).status_code == 200


# Who may embed what a link opens.


def test_the_page_of_a_link_is_embedded_by_the_site_of_the_link_alone(served_local: Served) -> None:
    client = served_local.client()
    made = client.post("/v1/links", {"import_id": waiting(client), "origin": "HTTPS://App.Example.com:443"})
    assert made["origin"] == SITE
    assert made["url"].startswith(f"{served_local.url}/app/embed/{made['id']}#link={made['id']}.")
    assert made["expires_at"] - made["created_at"] == 600
    for path in ("", "/mend", "/imports/x/mend"):
        page = httpx.get(f"{served_local.url}/app/embed/{made['id']}{path}")
        assert page.status_code == 200
        assert frame_ancestors(page) == SITE
        assert "x-frame-options" not in page.headers
        assert "app.js" in page.text
    assert frame_ancestors(httpx.get(f"{served_local.url}/app")) == "'none'"
    session = opened(served_local, made["url"].partition("#link=")[2]).json()
    assert (session["origin"], session["import_id"]) == (SITE, made["import_id"])
    guest = Client(client.http, session["token"], client.organization)
    assert guest.get("/v1/sessions/current")["origin"] == SITE
    assert frame_ancestors(httpx.get(f"{served_local.url}/app/embed/{made['id']}")) == SITE
    guest.call("DELETE", "/v1/sessions/current")
    ended = httpx.get(f"{served_local.url}/app/embed/{made['id']}")
    assert (ended.status_code, frame_ancestors(ended)) == (410, SITE)
    assert "app.js" not in ended.text


def test_an_address_for_embedding_that_opens_nothing_says_so(served_local: Served) -> None:
    client = served_local.client()
    done = imported(client)
    with seconds_ago(served_local, 11 * 60):
        _, expired = links.create(served_local.home, client.organization, import_id=done, origin=SITE)
    _, plain = links.create(served_local.home, client.organization, import_id=done)
    for link_id, status, frames in (
        (expired.id, 410, SITE),
        (plain.id, 404, "'none'"),
        ("lnk_0123456789abcdef", 404, "'none'"),
        ("x'; frame-ancestors *", 404, "'none'"),
        ("%0d%0aX-Bad: 1", 404, "'none'"),
        ("a" * 5_000, 404, "'none'"),
    ):
        page = httpx.get(f"{served_local.url}/app/embed/{link_id}")
        assert (page.status_code, frame_ancestors(page)) == (status, frames), link_id
        assert "This link is over" in page.text
        assert "<script" not in page.text
        assert "x-bad" not in page.headers


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "https://*",
        "https://*.example.com",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com?x",
        "https://example.com#x",
        "https://user@example.com",
        "https://user:pw@example.com",
        "https://example.com; script-src *",
        "https://example.com *",
        "https://example.com\nX-Bad: 1",
        "https://example.com\r\nX-Bad: 1",
        "https://example.com\n",
        " https://example.com",
        "https://exam ple.com",
        "https://example.com,https://evil.example",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:99999999",
        "https://example.com:",
        "https://-x.example",
        "https://.example.com",
        "https://example.com.",
        "https://[::1]",
        "https://bücher.example",
        "https://\u212aexample.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "file://",
        "example.com",
        "//example.com",
        "'none'",
        "https:",
    ],
)
def test_what_is_no_origin_never_comes_into_a_policy(served_local: Served, origin: str) -> None:
    client = served_local.client()
    answer = client.call("POST", "/v1/links", {"import_id": waiting(client), "origin": origin})
    assert code_of(answer) == (400, "invalid_request")
    assert client.get("/v1/links")["data"] == []


@pytest.mark.parametrize(
    ("origin", "kept"),
    [
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://a-b.Example.COM:8443", "https://a-b.example.com:8443"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(served_local: Served, origin: str, kept: str) -> None:
    client = served_local.client()
    assert client.post("/v1/links", {"import_id": waiting(client), "origin": origin})["origin"] == kept


@pytest.mark.parametrize(
    "asked",
    [
        {"origin": SITE},
        {"minutes": 0},
        {"minutes": 1_441},
        {"scope": "admin"},
        {"name": "x" * 101},
        {"name": "a\x1b[31mb"},
        {"import_id": "no such"},
        {"import_id": "x" * 65},
        {"nonsense": 1},
        {"brand": {"css": "*{}"}},
    ],
)
def test_a_link_that_makes_no_sense_is_refused(served_local: Served, asked: dict[str, Any]) -> None:
    client = served_local.client()
    assert client.call("POST", "/v1/links", asked).status_code in (400, 404, 422)
    assert client.get("/v1/links")["data"] == []


def test_a_link_for_another_site_may_be_opened_for_ten_minutes_at_most(served_local: Served) -> None:
    client = served_local.client()
    answer = client.call("POST", "/v1/links", {"import_id": waiting(client), "origin": SITE, "minutes": 11})
    assert code_of(answer) == (400, "invalid_request")
    assert "1 to 10 minutes" in answer.text


# How it looks there.


PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def test_a_brand_comes_with_the_session_and_its_logo_from_this_server(served_local: Served) -> None:
    client = served_local.client()
    brand = {"name": "Acme", "accent": "#1F4F8F", "logo": PNG, "texts": {"file.title": "Your <b>contacts</b>"}}
    made = client.post("/v1/links", {"import_id": waiting(client), "origin": SITE, "brand": brand})
    logo = httpx.get(f"{served_local.url}/app/embed/{made['id']}/logo.png")
    assert (logo.headers["content-type"], logo.content[:4]) == ("image/png", b"\x89PNG")
    session = opened(served_local, made["url"].partition("#link=")[2]).json()
    made_of_it = [session["brand"].pop(name) for name in ("accent_dark", "accent_soft", "accent_soft_dark")]
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in made_of_it)
    assert session["brand"] == {
        "name": "Acme", "accent": "#1f4f8f", "has_logo": True, "texts": {"file.title": "Your <b>contacts</b>"},
    }  # fmt: skip
    client.call("DELETE", f"/v1/links/{made['id']}")
    assert httpx.get(f"{served_local.url}/app/embed/{made['id']}/logo.png").status_code == 404


@pytest.mark.parametrize(
    "brand",
    [
        {"accent": "#ffcc00"},
        {"accent": "red"},
        {"accent": "#12345"},
        {"accent": "#123456;}"},
        {"logo": "https://evil.example/logo.png"},
        {"logo": "data:image/svg+xml;base64,PHN2Zz4="},
        {"logo": "data:image/png;base64,PHN2Zz4="},
        {"logo": "data:image/png;base64,%%%"},
        {"logo": PNG + "A" * 100_000},
        {"texts": {f"key{number}": "x" for number in range(51)}},
        {"texts": {"key": "x" * 501}},
        {"name": "x" * 61},
    ],
)
def test_a_brand_that_cannot_be_read_or_is_no_picture_is_refused(served_local: Served, brand: dict[str, Any]) -> None:
    client = served_local.client()
    asked = {"import_id": waiting(client), "origin": SITE, "brand": brand}
    assert client.call("POST", "/v1/links", asked).status_code in (400, 413, 422)


def test_a_colour_that_is_too_light_is_refused_with_the_nearest_that_can_be_read(served_local: Served) -> None:
    client = served_local.client()
    asked = {"import_id": waiting(client), "origin": SITE, "brand": {"accent": "#ffcc00"}}
    message = client.call("POST", "/v1/links", asked).json()["error"]["message"]
    nearest = message.rpartition(" ")[2].rstrip(".")
    assert client.post("/v1/links", asked | {"brand": {"accent": nearest}})["origin"] == SITE
