"""The shells of the page and its files, as browsers get them."""

import json

import httpx
import pytest

from import_pipeline.web.static_files import TYPES, StaticFiles
from import_pipeline_tests.api.serving import Served

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'{more}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def test_every_address_of_the_page_is_the_same_shell_under_a_policy_that_trusts_this_server_alone(
    served_local: Served,
) -> None:
    shell = httpx.get(f"{served_local.url}/app")
    assert shell.headers["content-type"] == "text/html; charset=utf-8"
    for path in ("/app/", "/app/imports/imp_1/mend", "/app/records/contact/<script>"):
        page = httpx.get(f"{served_local.url}{path}")
        assert (page.status_code, page.text) == (200, shell.text)
        assert page.headers["content-security-policy"] == POLICY.format(more="")
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"


def test_the_page_may_upload_to_the_server_of_the_bucket_where_signed_urls_lead_there(served_s3: Served) -> None:
    endpoint = served_s3.settings.bucket_endpoint
    page = httpx.get(f"{served_s3.url}/app")
    assert page.headers["content-security-policy"] == POLICY.format(more=f" {endpoint}")
    assert f'data-upload-origin="{endpoint}"' in page.text


def test_the_address_of_the_server_leads_to_the_page(served_local: Served) -> None:
    assert httpx.get(served_local.url).headers["location"] == "/app"


def test_files_of_the_page_have_their_type_come_compressed_and_are_sent_once(served_local: Served) -> None:
    url = f"{served_local.url}/app/static/"
    for path, kind in (("app.js", "text/javascript; charset=utf-8"), ("look/base.css", "text/css; charset=utf-8")):
        whole = httpx.get(url + path, headers={"Accept-Encoding": "identity"})
        packed = httpx.get(url + path, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert (whole.headers["content-type"], packed.text) == (kind, whole.text)
        again = httpx.get(url + path, headers={"If-None-Match": whole.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../pages.py",
        "../../settings.py",
        "%2e%2e/pages.py",
        "..%2fpages.py",
        "%2e%2e%2f%2e%2e%2fsettings.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "look",
        "look/../app.js",
        "app.js%00",
        "APP.JS",
        ".gitkeep",
        "",
    ],
)
def test_no_path_leads_out_of_the_files_of_the_page(served_local: Served, path: str) -> None:
    status, told = served_local.call_as_written("GET", f"/app/static/{path}")
    assert status == 404
    assert json.loads(told)["error"]["code"] == "not_found"


def test_the_shell_loads_every_style_the_ground_first(served_local: Served) -> None:
    styles = StaticFiles().stylesheets
    assert styles[0] == "look/base.css"
    text = httpx.get(f"{served_local.url}/app").text
    places = [text.index(f'href="/app/static/{path}"') for path in styles]
    assert places == sorted(places)
    assert set(TYPES) >= {"js", "css", "svg", "woff2"}
