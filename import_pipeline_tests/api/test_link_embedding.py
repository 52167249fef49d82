"""Who may embed what a link opens, and how it looks there: the policy of its page, its origin and its brand."""

import re
from typing import Any

import httpx
import pytest

from import_pipeline.service import links
from import_pipeline_tests.api.opening import SITE, code_of, imported, opened, seconds_ago, waiting
from import_pipeline_tests.api.serving import Client, Served


def frame_ancestors(answer: httpx.Response) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", answer.headers["content-security-policy"])
    assert found is not None
    return found[1]


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
