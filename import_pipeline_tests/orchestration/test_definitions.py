"""What Dagster finds when it loads the code location, and what loading costs."""

import subprocess
import sys
from itertools import pairwise

import dagster as dg
import pytest

from import_pipeline import record_types
from import_pipeline.definitions import build_definitions, defs
from import_pipeline.run_config.feeds import parse_feeds
from import_pipeline.settings import Settings
from import_pipeline.words import GROUP_PHASES, GROUP_RECORDS, Phase

FEEDS = "feeds: [{name: leads, cron: '0 6 * * *', url: 'uploads/acme/contact/leads-*.csv'}]"
SLOW = ("pandas", "pandera", "duckdb", "numpy", "pyarrow", "s3fs", "rich", "rapidfuzz", "alembic")


@pytest.fixture
def definitions(tmp_path):
    return build_definitions(Settings(home=tmp_path), parse_feeds(FEEDS))


def test_everything_loads(definitions):
    dg.Definitions.validate_loadable(definitions)


def test_the_phases_are_a_chain_that_ends_in_the_record_tables(definitions):
    graph = definitions.resolve_asset_graph()
    phases = [dg.AssetKey(phase.value) for phase in Phase]

    for before, after in pairwise(phases):
        assert graph.get(after).parent_keys == {before}
    tables = {dg.AssetKey(record_types.table_of(name)) for name in record_types.names()}
    assert graph.get(phases[-1]).child_keys == tables
    assert {graph.get(key).group_name for key in phases} == {GROUP_PHASES}
    assert {graph.get(key).group_name for key in tables} == {GROUP_RECORDS}


def test_every_asset_says_what_it_does_and_of_what_kind_it_is(definitions):
    for node in definitions.resolve_asset_graph().asset_nodes:
        assert len(node.description) > 60
        assert node.kinds


def test_sensors_jobs_and_schedules_are_there_and_the_ways_in_are_off_until_turned_on(definitions):
    repository = definitions.get_repository_def()

    states = {sensor.name: sensor.default_status.value for sensor in repository.sensor_defs}
    assert states == {
        "bucket_sensor": "STOPPED",
        "queued_imports": "RUNNING",
        "ended_runs": "RUNNING",
        "import_alerts": "STOPPED",
        "keep_snapshots": "STOPPED",
    }
    assert {schedule.name: schedule.default_status.value for schedule in repository.schedule_defs} == {
        "feed_leads": "STOPPED",
        "daily_house_keeping": "RUNNING",
    }
    assert {"import_file", "register_import", "keep_house"} <= set(repository.job_names)


def test_defs_reads_the_home_and_the_feeds_of_the_environment(tmp_path, monkeypatch):
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(FEEDS)
    monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(tmp_path))
    monkeypatch.setenv("IMPORT_PIPELINE_FEEDS", str(feeds))

    assert defs().resolve_schedule_def("feed_leads").cron_schedule == "0 6 * * *"


def test_a_wrong_feed_costs_that_feed_alone_and_its_schedule_says_why(tmp_path, monkeypatch):
    feeds = tmp_path / "feeds.yaml"
    wrong = "feeds: [{name: late, cron: '99 99 * * *', url: 'uploads/acme/contact/x.csv'}, {name: half}, "
    feeds.write_text(FEEDS.replace("feeds: [", wrong))
    monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(tmp_path))
    monkeypatch.setenv("IMPORT_PIPELINE_FEEDS", str(feeds))
    loaded = defs()
    assert loaded.resolve_schedule_def("feed_leads").cron_schedule == "0 6 * * *"
    for name, word in (("feed_half", "'cron' is missing"), ("feed_late", "names no times")):
        schedule = loaded.resolve_schedule_def(name)
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        with dg.build_schedule_context() as context, pytest.raises(Exception) as raised:  # noqa: PT011
            schedule.evaluate_tick(context)
        assert word in str(raised.value.__cause__)


def test_importing_the_definitions_loads_no_slow_package_and_reads_nothing(tmp_path):
    code = (
        "import dagster, sys; before = set(sys.modules)\n"
        "import import_pipeline.definitions as d; from types import SimpleNamespace as S\n"
        "d.build_definitions(feeds=S(usable=(), wrong=()))\n"
        f"print(sorted(set({SLOW!r}) & (set(sys.modules) - before)))"
    )
    environment = {"PATH": "/usr/bin", "IMPORT_PIPELINE_HOME": str(tmp_path / "home")}

    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
    assert not (tmp_path / "home").exists()


def test_importing_the_module_does_not_need_usable_settings(tmp_path):
    environment = {"PATH": "/usr/bin", "IMPORT_PIPELINE_THREADS": "none of your business"}

    subprocess.run([sys.executable, "-c", "import import_pipeline.definitions"], env=environment, check=True)
