"""Tokens, organizations and signed URLs: who may do what, and who may not."""

import contextlib
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from import_pipeline.api.app import create_app
from import_pipeline.api.known_tokens import REMEMBERED_SECONDS
from import_pipeline.home import Home
from import_pipeline.service import queries
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, mappings, tokens
from import_pipeline_tests.api.one_import import ROWS, imported
from import_pipeline_tests.api.serving import Client, Served


def test_without_a_valid_token_nothing_opens(served_local: Served) -> None:
    registry = served_local.home.registry
    revoked, record = tokens.create(registry, "acme")
    tokens.revoke(registry, record.prefix)
    genuine, _ = tokens.create(registry, "acme")
    registry.clock = lambda: time.time() - 90_000
    ended, _ = tokens.create(registry, "acme", days=1)
    registry.clock = time.time
    for header in (None, "Bearer nonsense", f"Bearer {revoked}", f"Bearer {ended}", f"Bearer {genuine}x", "Basic YTpi"):
        headers = {"Authorization": header} if header else {}
        answer = httpx.get(f"{served_local.url}/v1/imports", headers=headers)
        assert answer.status_code == 401, header
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        guided = httpx.post(f"{served_local.url}/api/imports-list", json={}, headers=headers)
        assert (guided.status_code, guided.json()["ok"]) == (401, False)


def test_a_token_that_is_revoked_opens_nothing_a_moment_later(served_local: Served) -> None:
    client = served_local.client()
    assert client.get("/v1/imports")["data"] == []
    tokens.revoke(served_local.home.registry, client.token)
    time.sleep(REMEMBERED_SECONDS)
    assert client.call("GET", "/v1/imports").status_code == 401


def test_tokens_keys_and_signed_urls_are_kept_nowhere(served: Served) -> None:
    client = served.client()
    done = imported(client)
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    httpx.get(done["_errors_csv_url"])
    client.call("POST", "/v1/imports", {"resource": "contact", "nonsense": 1})
    hook = client.post("/v1/webhooks", {"url": "https://example.com/hook"})
    secrets = [client.token.split("_", 2)[2], hook["secret"].partition("_")[2]]
    secrets += [url.rpartition("." if "/downloads/" in url else "=")[2] for url in (done["_errors_csv_url"],)]
    if served.settings.bucket_secret is not None:
        secrets.append(served.settings.bucket_secret.get_secret_value())
    assert all(len(secret) > 20 for secret in secrets)
    kept = [file for file in served.settings.home_path.rglob("*") if file.is_file()]
    assert any(file.name.startswith("runs.db") for file in kept), "Dagster's runs, with their config, are looked at too"
    for file in (*kept, served.log):
        content = file.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], file
    assert asked["_upload_url"] not in served.log.read_text()


def test_a_read_token_reads_and_nothing_else(served_local: Served) -> None:
    writer = served_local.client()
    reader = served_local.client(writer.organization, "read")
    done = imported(writer)
    assert reader.get(f"/v1/imports/{done['id']}")["id"] == done["id"]
    assert reader.get("/v1/imports")["total_count"] == 1
    for method, path, body in (
        ("POST", "/v1/imports", {"resource": "contact", "data": ROWS}),
        ("PATCH", f"/v1/imports/{done['id']}", {"name": "Mine"}),
        ("POST", f"/v1/imports/{done['id']}/cancel", None),
        ("POST", f"/v1/imports/{done['id']}/resume", None),
        ("POST", "/api/imports-request-upload", {"model_type": "contacts", "file_name": "a", "content_type": "b"}),
        ("POST", "/api/imports-confirm", {"id": done["id"], "column_mapping": {}}),
        ("POST", "/v1/webhooks", {"url": "https://example.com"}),
    ):
        assert reader.call(method, path, body).status_code == 403, path


def test_only_their_owner_can_read_the_files_that_a_server_leaves(served_local: Served) -> None:
    client = served_local.client()
    imported(client)
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    assert httpx.put(asked["_upload_url"], content=b"email\nanna@example.com\n").is_success
    home = served_local.settings.home_path
    assert (home / "signing.key").exists()
    modes = {str(path.relative_to(home)): _mode(path) for path in [home, *home.rglob("*")]}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}


def _mode(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):  # another test's server is at work here
        return path.stat().st_mode & 0o777
    return 0


def test_links_lead_to_this_server_whatever_host_the_caller_names(served_local: Served) -> None:
    client = served_local.client()
    done = imported(client)
    lies = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"}
    found = client.call("GET", f"/v1/imports/{done['id']}", **lies, Forwarded="host=evil.example")
    assert "evil.example" not in found.text
    assert found.json()["_errors_csv_url"].startswith(f"{served_local.url}/downloads/")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("trusted_proxies", ["127.0.0.0/8"], "https://imports.example.com/downloads/"),
        ("trusted_proxies", ["10.0.0.5"], "http://testserver:80/downloads/"),
        ("public_url", "https://public.example.com/", "https://public.example.com/downloads/"),
    ],
)
def test_links_follow_a_trusted_proxy_or_the_public_address(
    served_local: Served, name: str, value: Any, expected: str
) -> None:
    client = served_local.client()
    import_id = imported(client)["id"]
    app = create_app(Home(Settings.model_validate({"home": served_local.settings.home, name: value})))
    headers = {
        "Authorization": f"Bearer {client.token}",
        "X-Forwarded-Host": "imports.example.com",
        "X-Forwarded-Proto": "https",
    }
    beside = TestClient(app, client=("127.0.0.1", 50_000), headers=headers)
    assert beside.get(f"/v1/imports/{import_id}").json()["_errors_csv_url"].startswith(expected)


def test_nothing_of_another_organization_can_be_seen_or_touched(served_local: Served) -> None:
    ours, theirs = served_local.client(), served_local.client()
    done = imported(ours)
    hook = ours.post("/v1/webhooks", {"url": "https://example.com/hook"})
    before = imports.get(served_local.home.registry, done["id"])
    for method, path, body in (
        ("GET", f"/v1/imports/{done['id']}", None),
        ("PATCH", f"/v1/imports/{done['id']}", {"name": "Mine now"}),
        ("POST", f"/v1/imports/{done['id']}/cancel", None),
        ("POST", f"/v1/imports/{done['id']}/resume", None),
        ("POST", f"/v1/imports/{done['id']}/confirm", {}),
        ("GET", f"/v1/imports/{done['id']}/defects", None),
        ("POST", "/v1/imports", {"resource": "contact", "data": ROWS, "retry_of": done["id"]}),
        ("POST", "/api/imports-get", {"id": done["id"]}),
        ("POST", "/api/imports-errors", {"id": done["id"]}),
        ("POST", "/api/imports-complete-upload", {"id": done["id"]}),
        ("POST", "/api/imports-confirm", {"id": done["id"], "column_mapping": {"email": "email"}}),
        ("DELETE", f"/v1/webhooks/{hook['id']}", None),
    ):
        foreign = theirs.call(method, path, body)
        unknown = theirs.call(method, path.replace(done["id"], "imp_0"), body and {**body, "id": "imp_0"})
        assert foreign.status_code == 404, path
        assert unknown.status_code in (404, 422), path
        assert "email" not in foreign.text
    assert theirs.get("/v1/imports")["data"] == []
    assert theirs.get("/v1/webhooks")["data"] == []
    assert theirs.post("/api/imports-list")["result"]["jobs"] == []
    assert imports.get(served_local.home.registry, done["id"]) == before
    assert [one["id"] for one in ours.get("/v1/webhooks")["data"]] == [hook["id"]]


OF_NOBODY = ("/v1/resources", "/v1/sessions/current")
"""Calls that answer everybody something, of themselves or of all."""


def test_no_call_that_there_is_reaches_another_organization(served_local: Served) -> None:
    """Every call of the documentation, with the ids of another organization in each place that takes one."""
    ours, theirs = served_local.client(), served_local.client()
    done = imported(ours)
    waiting = ours.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{"e_mial": "secret@"}]})
    schema = ours.post("/v1/schemas", {"name": "Secret", "fields": [{"key": "secret"}]})
    hook = ours.post("/v1/webhooks", {"url": "https://example.com/secret"})
    headless = ours.post("/api/v1/headless/imports/", {"schema_id": schema["id"], "original_filename": "secret.csv"})
    mapping = remembered(served_local, ours)
    link = ours.post("/v1/links", {"name": "Secret"})
    [record, *_] = ours.get("/v1/records/contact")["data"]
    names = {"schema_id": schema["id"], "webhook_id": hook["id"], "mapping_id": mapping, "link_id": link["id"]}
    names |= {"name": schema["resource"], "resource": "contact", "record_id": record["id"], "operation_id": 1}
    before = everything(served_local, ours)
    refused = 0
    for method, path, call in operations(ours):
        body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        named_in_body = isinstance(body, dict) and "id" in body
        for import_id in (done["id"], waiting["id"], headless["id"]):
            ids = names | {"import_id": import_id}
            said = body | {"id": import_id} if named_in_body else body
            if named_in_body or "_id}" in path or "{name}" in path:
                organizations = {ours.organization, theirs.organization}
            elif "{organization}" in path:
                organizations = {ours.organization}
            elif path in OF_NOBODY:
                assert "secret" not in theirs.call("GET", path).text.lower()
                continue
            elif method == "get" and "{token}" not in path:
                found = theirs.get(path.format(**names))
                seen = found if isinstance(found, list) else found.get("data", found.get("results"))
                assert seen == [], path
                continue
            else:
                continue  # it makes something of the caller's own, or takes a signed grant
            for address in {path.format(**ids, organization=one) for one in organizations}:
                answer = theirs.call(method.upper(), address, said)
                unknown = 400 if "{name}" in path else 404  # what can be imported is told with a word that is none
                assert answer.status_code == unknown, f"{method} {address}: {answer.text}"
                refused += 1
    assert refused > 40
    assert everything(served_local, ours) == before


def remembered(served: Served, client: Client) -> str:
    """The id of a mapping that an organization confirmed."""
    registry, mapping = served.home.registry, {"Secret": "email"}
    mappings.keep(
        registry, client.organization, "contact", ["Secret"], mapping, keep_unmapped=False, import_id="imp_secret"
    )
    return mappings.list_mappings(registry, client.organization)[0].id


def operations(client: Client) -> list[tuple[str, str, dict]]:
    document = client.get("/openapi.json")
    return [(method, path, call) for path, calls in document["paths"].items() for method, call in calls.items()]


def everything(served: Served, client: Client) -> list:
    """All that an organization has."""
    kept = imports.list_imports(served.home.registry, client.organization, limit=100).items
    lists = [client.get(path) for path in ("/v1/schemas", "/v1/webhooks", "/v1/mappings", "/v1/links")]
    return [*kept, *lists, queries.records(served.home, "contact", client.organization)]


def test_what_another_organization_has_cannot_be_named_in_a_body(served_local: Served) -> None:
    ours, theirs = served_local.client(), served_local.client()
    done = imported(ours)
    schema = ours.post("/v1/schemas", {"name": "Secret", "fields": [{"key": "secret"}]})
    for path, body in (
        ("/v1/imports", {"resource": "contact", "upload_mode": "async", "retry_of": done["id"]}),
        ("/v1/imports", {"resource": schema["resource"], "upload_mode": "async"}),
        ("/v1/links", {"preset": {"resource": schema["resource"]}}),
        ("/api/v1/headless/imports/", {"schema_id": schema["id"], "original_filename": "a.csv"}),
    ):
        answer = theirs.call("POST", path, body)
        assert answer.status_code in (400, 404), answer.text
        assert '"secret"' not in answer.text
    assert theirs.get("/v1/imports")["total_count"] == 0
