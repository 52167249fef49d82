"""The shells of the page and its files, as browsers get them."""

import json
import re
from pathlib import Path

import httpx
import pytest

import import_pipeline
from import_pipeline.web.static_files import StaticFiles
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
    places = [text.index(f'/{path}"') for path in styles]
    assert places == sorted(places)


def test_browsers_keep_the_files_that_a_page_names_for_good_and_ask_for_others_each_time(served_local: Served) -> None:
    text = httpx.get(f"{served_local.url}/app").text
    named = re.findall(r'(?:href|src)="(/app/static/[^"]+)"', text)
    assert any(path.endswith("/app.js") for path in named)
    for path in named:
        file = httpx.get(served_local.url + path)
        assert (file.status_code, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable"), path
        older = re.sub(r"/v-[0-9a-f]{12}/", "/v-000000000000/", path)
        assert httpx.get(served_local.url + older).headers["cache-control"] == "no-cache"
        assert httpx.get(served_local.url + older).content == file.content


def test_pages_of_other_sites_load_the_script_for_them_and_no_other_file(served_local: Served) -> None:
    policies = {
        path: httpx.get(f"{served_local.url}/app/static/{path}").headers["cross-origin-resource-policy"]
        for path in ("embed.js", "app.js", "look/base.css")
    }
    assert policies == {"embed.js": "cross-origin", "app.js": "same-origin", "look/base.css": "same-origin"}


def test_another_byte_in_any_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("start();")
    first = StaticFiles(tmp_path).version
    (tmp_path / "app.js").write_text("start()!")
    assert StaticFiles(tmp_path).version != first


def test_modules_name_each_other_by_relative_paths_that_are_there() -> None:
    files = StaticFiles()
    folder = Path(import_pipeline.__file__).parent / "web/static"
    modules = sorted(folder.rglob("*.js"))
    assert modules
    for module in modules:
        code = re.sub(r"/\*.*?\*/", "", module.read_text("utf-8"), flags=re.DOTALL)
        assert "/app/static" not in code, module
        for name in re.findall(r'(?:^import |\} from |\bimport\()"([^"]+)"', code, re.MULTILINE):
            assert name.startswith("."), (module, name)
            path = (module.parent / name).resolve().relative_to(folder).as_posix()
            assert files.get(path)[0] is not None, (module, name)
    assert {"app.js", "api.js", "dom.js"} <= set(files.modules)
