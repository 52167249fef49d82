"""Links to the page, and the sessions that come of them: whom they let in, whom they refuse, how often and how long."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from import_pipeline.api.guessing import MOST_OF_LINK
from import_pipeline.service import links, sessions, tokens
from import_pipeline.settings import Settings
from import_pipeline_tests.api.opening import DAY, SITE, code_of, imported, opened, seconds_ago, session_of, waiting
from import_pipeline_tests.api.serving import Client, Served, serving


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
