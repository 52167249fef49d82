"""Who polls is told how far an import is now, whoever changed it, and whoever keeps the registry busy."""

import asyncio
import contextlib
import sqlite3

import httpx
import pytest

from import_pipeline.api.app import create_app
from import_pipeline.errors import RegistryError
from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import imports, tokens, transitions
from import_pipeline.service.uploading import request_upload
from import_pipeline.settings import Settings
from import_pipeline.words import Source
from import_pipeline_tests.api.serving import Served


def test_a_poll_sees_what_another_process_changed_a_moment_ago(served: Served) -> None:
    client = served.client()
    import_id = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["id"]
    transitions.cancel(served.home, [import_id])
    for number in range(20):
        imports.update(served.home, import_id, file_name=f"{number}.csv")
        polled = client.post("/api/imports-get", {"id": import_id})["result"]
        shown = client.get(f"/v1/imports/{import_id}")
        assert (polled["status"], polled["file_name"]) == ("failed", f"{number}.csv")
        assert (shown["state"], shown["file_name"]) == ("cancelled", f"{number}.csv")


def test_a_poll_of_another_organizations_import_finds_none_however_often_it_was_read(served_local: Served) -> None:
    mine, other = served_local.client(), served_local.client()
    import_id = mine.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})["id"]
    transitions.cancel(served_local.home, [import_id])
    for _ in range(3):
        assert mine.call("POST", "/api/imports-get", {"id": import_id}).status_code == 200
        assert other.call("POST", "/api/imports-get", {"id": import_id}).status_code == 404
        assert other.call("GET", f"/v1/imports/{import_id}").status_code == 404


def test_a_poll_waits_for_a_locked_registry_and_keeps_no_other_call_waiting(settings: Settings) -> None:
    home = Home(settings)
    spec = ImportSpec(record_type="contact", organization="acme")
    import_id = request_upload(home, spec, source=Source.API).id
    transitions.cancel(home, [import_id])
    token, _ = tokens.create(home, "acme", "read")
    home.registry.close()
    headers = {"Authorization": f"Bearer {token}"}

    async def story() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(home))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            with contextlib.closing(sqlite3.connect(settings.home_path / "registry.sqlite")) as holder:
                holder.execute("PRAGMA locking_mode = EXCLUSIVE")
                holder.execute("BEGIN EXCLUSIVE")
                assert home.at_once is not None
                with pytest.raises(RegistryError, match="locked"):
                    imports.get(home.at_once, import_id)
                poll = asyncio.create_task(client.get(f"/v1/imports/{import_id}", headers=headers))
                await asyncio.sleep(0.3)
                assert (await client.get("/health/live")).status_code == 200
                assert not poll.done()
            return await poll

    answer = asyncio.run(story())
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
