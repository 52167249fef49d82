"""Whether a server lives and is ready, and what it tells those who watch it: no secrets, and nobody's names."""

import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from import_pipeline.api.app import create_app
from import_pipeline.api.health import REMEMBERED_SECONDS
from import_pipeline.home import Home
from import_pipeline.service.health import Readiness
from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import Served, serving
from import_pipeline_tests.ports import free_ports
from import_pipeline_tests.servers import PostgresServer

TOKEN = "m" * 64
METRICS = {"Authorization": f"Bearer {TOKEN}"}
ROWS = [{"email": "ada@example.com"}, {"email": "bob@example.com"}, {"email": "nowhere"}]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that has metrics."""
    folder = tmp_path_factory.mktemp("watched")
    settings = Settings(home=folder / "home")
    with serving(settings, folder, metrics_token=TOKEN, webhooks_to_private_addresses="true") as served:
        yield served


def metrics_of(served: Served) -> dict[str, float]:
    """Sample with its labels → value, as Prometheus reads them."""
    answer = httpx.get(f"{served.url}/metrics", headers=METRICS)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def samples(text: str) -> dict[str, float]:
    """Sample with its labels → value."""
    return {
        "/".join((sample.name.removeprefix("import_pipeline_"), *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_server_says_without_a_login_that_it_lives_and_is_ready(served: Served) -> None:
    live = httpx.get(f"{served.url}/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    deadline = time.monotonic() + 30  # what it takes to ask is loaded with the first question
    while not (ready := httpx.get(f"{served.url}/health/ready")).is_success and time.monotonic() < deadline:
        time.sleep(0.5)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


def test_a_part_that_does_not_answer_is_named_and_the_server_lives_on(watched: Served) -> None:
    bucket = watched.settings.local_bucket
    bucket.rmdir() if bucket.exists() else None
    bucket.write_text("no folder")
    time.sleep(REMEMBERED_SECONDS)
    ready = httpx.get(f"{watched.url}/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not_ready", "not_ready": ["bucket"]})
    assert httpx.get(f"{watched.url}/health/live").is_success
    bucket.unlink()
    time.sleep(REMEMBERED_SECONDS)
    assert httpx.get(f"{watched.url}/health/ready").is_success


def test_tables_that_a_newer_program_migrated_are_not_ready(settings: Settings) -> None:
    home = Home(settings)
    assert Readiness(home).unready() == []
    engine = create_engine(settings.registry_address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert Readiness(home).unready() == ["migrations"]


def test_a_database_and_a_bucket_that_are_away_are_named_within_seconds(
    settings: Settings, postgres_server: PostgresServer
) -> None:
    [port] = free_ports(1)
    away = postgres_server.new_database().replace(postgres_server.url.rsplit(":", 1)[1].split("/")[0], str(port))
    nowhere = {
        "registry_url": SecretStr(away),
        "bucket_url": "s3://imports",
        "bucket_endpoint": f"http://127.0.0.1:{port}",
        "bucket_key": SecretStr("key"),
        "bucket_secret": SecretStr("secret"),
    }
    began = time.monotonic()
    assert Readiness(Home(settings.model_copy(update=nowhere))).unready() == ["registry", "bucket"]
    assert time.monotonic() - began < 10


def test_who_asks_often_costs_the_server_next_to_nothing(watched: Served) -> None:
    before = len(watched.log.read_text().splitlines())
    with httpx.Client(base_url=watched.url) as client:
        began = time.monotonic()
        for _ in range(100):
            assert client.get("/health/ready").is_success
    assert time.monotonic() - began < 10
    assert len(watched.log.read_text().splitlines()) == before


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic abc", f"Bearer {TOKEN}x", f"bearer{TOKEN}"])
def test_strangers_read_no_metrics(watched: Served, header: str | None) -> None:
    answer = httpx.get(f"{watched.url}/metrics", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert "import_pipeline_" not in answer.text.replace("IMPORT_PIPELINE_", "")


def test_an_organizations_token_reads_no_metrics_and_where_none_is_set_there_are_none(
    watched: Served, served_local: Served
) -> None:
    assert watched.client().call("GET", "/metrics").status_code == 401
    assert served_local.client().call("GET", "/metrics").status_code == 404
    assert httpx.get(f"{served_local.url}/metrics", headers={"Authorization": "Bearer x"}).status_code == 404


def test_metrics_tell_what_imports_did_and_name_nobody(watched: Served) -> None:
    client = watched.client("secret-organization")
    hook = f"http://127.0.0.1:{free_ports(1)[0]}/secret-hook"
    assert client.call("POST", "/v1/webhooks", {"url": hook}).is_success
    before = metrics_of(watched)
    body = {"resource": "contact", "upload_mode": "sync", "data": ROWS}
    assert client.post("/v1/imports", body)["status"] == "completed"
    assert client.post("/v1/imports", body | {"dry_run": True, "data": [{"email": "eva@example.com"}]})
    client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    deadline = time.monotonic() + 30
    while (after := metrics_of(watched))["webhook_failures_total"] < 1 and time.monotonic() < deadline:
        time.sleep(0.5)  # what is told was read since the imports ended, or is what was told before
    grown = {name: after[name] - before.get(name, 0.0) for name in after}
    assert (grown["rows_total/created"], grown["rows_total/failed"], grown["rows_total/updated"]) == (2, 1, 0)
    assert grown["imports_ended_total/completed"] == 2
    assert after["imports/completed"] >= 2
    assert after["imports/requested"] == 1
    assert grown["phase_seconds_count/prevalidation"] == 2
    assert 0 < grown["phase_seconds_sum/processing"] < 60
    assert after["webhook_failures_total"] >= 1
    assert after["webhook_deliveries_waiting"] >= 1
    assert after["store_lock_waits_total"] >= 1
    assert (after["registry_up"], after["queue_age_seconds"], after["leases_over"]) == (1, 0, 0)
    assert grown["http_requests_total/POST/201"] >= 1
    told = httpx.get(f"{watched.url}/metrics", headers=METRICS).text
    assert "secret" not in told


def test_counters_outlive_the_server_and_the_import(watched: Served) -> None:
    before = metrics_of(watched)
    another = create_app(Home(watched.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})))
    after = samples(TestClient(another).get("/metrics", headers=METRICS).text)
    assert {name: after[name] for name in before if name.startswith("rows_total")} == {
        name: before[name] for name in before if name.startswith("rows_total")
    }
