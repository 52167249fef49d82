"""A signed URL opens one thing, for whom it was given to, and only for its time."""

import time

import httpx
import pytest

from import_pipeline.api.signing import DownloadGrant, Signer, UploadGrant
from import_pipeline.service import queries
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.api.one_import import imported
from import_pipeline_tests.api.serving import Served


def test_a_read_token_is_given_no_right_to_upload(served: Served) -> None:
    writer = served.client()
    reader = served.client(writer.organization, "read")
    asked = writer.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    schema = {"fields": [{"key": "seats"}], "original_filename": "a.csv"}
    headless = writer.post("/api/v1/headless/imports/", schema)
    guided = {"model_type": "contacts", "file_name": "a.csv", "content_type": "text/csv"}
    writer.post("/api/imports-request-upload", guided)
    for client, has in ((reader, False), (writer, True)):
        seen = client.get(f"/v1/imports/{asked['id']}")
        assert bool(seen["_upload_url"]) is has
        assert any(one["_upload_url"] for one in client.get("/v1/imports")["data"]) is has
        assert bool(client.get(f"/api/v1/headless/imports/{headless['id']}/")["upload"]) is has
        assert "/uploads/" not in client.call("GET", "/api/v1/headless/imports/").text
    for path in ("/v1/imports", f"/v1/imports/{asked['id']}", "/api/v1/headless/imports/"):
        assert "/uploads/" not in reader.call("GET", path).text
    for answer in (
        reader.call("POST", "/api/imports-get", {"id": asked["id"]}),
        reader.call("POST", "/api/imports-list", {}),
    ):
        assert "/uploads/" not in answer.text


def test_what_is_uploaded_by_a_signed_url_is_in_the_name_of_whom_it_was_given_to(served_local: Served) -> None:
    first = served_local.client()
    second = served_local.client(first.organization)
    asked = first.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    url = second.get(f"/v1/imports/{asked['id']}")["_upload_url"]
    assert httpx.put(url, content=b"email\nanna@example.com\n").is_success
    kept = imports.get(served_local.home.registry, asked["id"])
    names = [f"token:{client.token.split('_')[1]}" for client in (first, second)]
    assert [kept.created_by, kept.updated_by] == names
    signer = Signer.from_settings(served_local.settings)
    assert signer.read(UploadGrant, url.rpartition("/")[2]).given_to == names[1]
    served_local.run_queued(asked["id"])
    reader = served_local.client(first.organization, "read")
    download = reader.get(f"/v1/imports/{asked['id']}")["_upload_csv_url"]
    assert signer.read(DownloadGrant, download.rpartition("/")[2]).given_to == f"token:{reader.token.split('_')[1]}"


def test_a_signed_url_cannot_be_changed_or_used_for_anything_else(served_local: Served) -> None:
    client = served_local.client()
    done, asked = imported(client), client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    upload, download = asked["_upload_url"], done["_errors_csv_url"]
    token = download.rpartition("/")[2]
    payload, _, signature = token.partition(".")
    other = Signer(b"another key, as long as it needs").sign(DownloadGrant(done["id"], "errors.csv", 2**40))
    for wrong in (
        payload,
        f"{payload}.{signature[:-2]}",
        f"{payload[:-4]}AAAA.{signature}",
        other,
        upload.rpartition("/")[2],
    ):
        assert httpx.get(f"{served_local.url}/downloads/{wrong}").status_code == 404, wrong
    assert httpx.put(f"{served_local.url}/uploads/{token}", content=b"x").status_code == 404
    assert httpx.get(upload).status_code == 405
    assert httpx.put(download, content=b"x").status_code == 405
    assert httpx.get(download).is_success


def test_a_signed_url_ends_with_its_time(served_local: Served) -> None:
    client = served_local.client()
    done, asked = imported(client), client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    signer, past = Signer.from_settings(served_local.settings), int(time.time()) - 1
    over = signer.sign(DownloadGrant(done["id"], "errors.csv", past))
    assert httpx.get(f"{served_local.url}/downloads/{over}").status_code == 410
    over = signer.sign(UploadGrant(asked["id"], 1_000, past))
    assert httpx.put(f"{served_local.url}/uploads/{over}", content=b"email\n").status_code == 410


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_url_takes_no_more_bytes_than_it_was_signed_for(served_local: Served, chunked: bool) -> None:
    client = served_local.client()
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    small = Signer.from_settings(served_local.settings).sign(UploadGrant(asked["id"], 100, int(time.time()) + 60))
    content = iter([b"email\n"] * 50) if chunked else b"email\n" * 50
    assert httpx.put(f"{served_local.url}/uploads/{small}", content=content).status_code == 413
    assert client.get(f"/v1/imports/{asked['id']}")["status"] == "requested"
    assert not list((served_local.settings.home_path / "incoming").iterdir())


def test_an_upload_url_is_spent_once_its_import_has_started(served: Served) -> None:
    client = served.client()
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    assert httpx.put(asked["_upload_url"], content=b"email\nanna@example.com\n").is_success
    client.get(f"/v1/imports/{asked['id']}")
    again = httpx.put(asked["_upload_url"], content=b"email\nmallory@example.com\n")
    served.runner.execute(asked["id"])
    emails = [one["email"] for one in queries.records(served.home, "contact", client.organization)]
    assert "mallory@example.com" not in emails
    if not served.settings.bucket_url:
        assert again.status_code == 409
        assert emails == ["anna@example.com"]


def test_s3_urls_are_presigned_for_one_method_and_object(served_s3: Served) -> None:
    client = served_s3.client()
    url = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["_upload_url"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert httpx.get(url).status_code == 403
    assert httpx.put(url.replace("payload?", "other?"), content=b"x").status_code == 403
    assert httpx.put(url, content=b"email\nanna@example.com\n").is_success


def test_an_upload_that_never_comes_expires(served_local: Served) -> None:
    client, registry = served_local.client(), served_local.home.registry
    asked = [client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"}) for _ in range(2)]
    for one in asked:
        imports.update(registry, one["id"], upload_expires_at=int(time.time()) - 1)
    found = client.get(f"/v1/imports/{asked[0]['id']}")
    assert (found["status"], found["_upload_url"]) == ("expired", None)
    assert "not used in time" in found["reason"]
    until = time.monotonic() + 20
    while imports.get(registry, asked[1]["id"]).status is not Status.EXPIRED:  # nobody asks: the server looks by itself
        assert time.monotonic() < until
        time.sleep(0.2)
