"""What several hosts need is checked when one of them starts, and the configurations that are shipped are good."""

from importlib.resources import files
from pathlib import Path

import dagster as dg
import pytest
import yaml

from import_pipeline.errors import SettingsError
from import_pipeline.orchestration.instance import open_instance
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.several_hosts import check_several_hosts
from import_pipeline.settings import Settings
from import_pipeline.words import Phase
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.orchestration.scenario import (
    contact_file,
    evaluations,
    launch_batch,
    materializations,
    people,
    registered,
)
from import_pipeline_tests.servers import PostgresServer

NEEDED = {
    "IMPORT_PIPELINE_REGISTRY_URL": "postgresql://someone@db/registry",
    "IMPORT_PIPELINE_STORE_URL": "postgresql://someone@db/records",
    "IMPORT_PIPELINE_BUCKET_URL": "s3://bucket/prefix",
    "IMPORT_PIPELINE_SIGNING_KEY": "k" * 32,
    "IMPORT_PIPELINE_LAUNCH_FOLDERS": "[]",
}


def shipped(name: str) -> str:
    return files("import_pipeline.orchestration").joinpath(name).read_text("utf-8")


def configure(settings: Settings, name: str) -> Path:
    """Give a home one of the shipped configurations."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_home / "dagster.yaml"
    config.write_text(shipped(name))
    return config


def test_one_host_needs_nothing(settings: Settings) -> None:
    assert check_several_hosts(settings) is False


@pytest.mark.parametrize("config", ["dagster.celery.yaml", "dagster.kubernetes.yaml"])
def test_all_that_a_host_of_several_lacks_is_named_at_once(settings: Settings, config: str) -> None:
    configure(settings, config)
    with pytest.raises(SettingsError) as refused:
        check_several_hosts(settings)
    assert all(f"- {name}: " in refused.value.message for name in NEEDED)
    assert "storage in" not in refused.value.message


def test_a_host_that_says_so_needs_dagsters_storage_in_postgresql_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (NEEDED | {"IMPORT_PIPELINE_SEVERAL_HOSTS": "true"}).items():
        monkeypatch.setenv(name, value)
    configure(settings, "dagster.yaml")
    with pytest.raises(SettingsError, match=r"storage in .*dagster\.yaml"):
        check_several_hosts(Settings())
    configure(settings, "dagster.celery.yaml")
    assert check_several_hosts(Settings()) is True


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
def test_a_process_of_several_hosts_says_what_it_lacks_before_it_starts(settings: Settings, command: str) -> None:
    configure(settings, "dagster.celery.yaml")
    told = Terminal(settings.home).run(command)
    assert told.exit_code == 2
    assert "IMPORT_PIPELINE_SIGNING_KEY" in told.output


def test_a_worker_of_a_home_of_its_own_is_told_what_is_missing(settings: Settings) -> None:
    told = Terminal(settings.home).run("worker")
    assert told.exit_code == 2
    assert "dagster.celery.yaml" in told.output


@pytest.fixture
def on_postgres(settings: Settings, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home whose dagster.yaml is the one for several hosts."""
    monkeypatch.setenv("IMPORT_PIPELINE_BROKER_URL", "redis://localhost:1/0")
    monkeypatch.setenv("IMPORT_PIPELINE_RUN_SLOTS", "3")
    url = postgres_server.new_database().replace("+psycopg", "")
    monkeypatch.setenv("IMPORT_PIPELINE_DAGSTER_STORAGE_URL", url)
    configure(settings, "dagster.celery.yaml")
    return settings


def test_dagster_keeps_its_runs_in_postgresql_whatever_driver_the_url_names(on_postgres: Settings) -> None:
    settings = on_postgres
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions("imports", ["one"])
        instance.report_runless_asset_event(dg.AssetMaterialization("contacts"))
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 3
    with open_instance(settings) as again:
        assert again.get_dynamic_partitions("imports") == ["one"]
        assert again.get_latest_materialization_event(dg.AssetKey("contacts")) is not None


def test_a_run_of_many_imports_tells_of_each_in_postgresql_as_in_a_file(on_postgres: Settings, tmp_path: Path) -> None:
    with ImportRunner(on_postgres) as runner:
        ids = [
            registered(runner, contact_file(tmp_path, f"{name}.csv", people(name, email=email)), "acme").id
            for name, email in (("ann", "{}@example.com"), ("bob", "{}"), ("cyd", "{}@example.com"))
        ]
        done = launch_batch(runner, ids)
        assert done.success
        found = materializations(runner.instance, done.run_id)
        assert {(phase.value, one) for phase in Phase for one in ids} <= found.keys()
        evaluated = evaluations(runner, done.run_id)
        assert {partition for _, partition in evaluated} == set(ids)
        assert not all(one.passed for one in evaluated.values())


def test_the_configuration_for_kubernetes_is_one_that_its_launcher_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster._config import process_config
    from dagster_k8s import K8sRunLauncher

    said = yaml.safe_load(shipped("dagster.kubernetes.yaml"))["run_launcher"]["config"]
    for value in said.values():
        for named in value if isinstance(value, list) else [value]:
            monkeypatch.setenv(named["env"], "name")
    processed = process_config(K8sRunLauncher.config_type(), said)
    assert processed.value is not None, processed.errors
    assert processed.value["job_image"] == "name"
    assert processed.value["env_secrets"] == ["name"]
