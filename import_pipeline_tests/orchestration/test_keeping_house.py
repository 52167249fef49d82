"""Keeping house as Dagster does it: runs and partitions of old imports go, what is needed stays, day by day."""

import time
from pathlib import Path

import dagster as dg
import pytest

from import_pipeline.orchestration.instance import open_instance
from import_pipeline.orchestration.jobs import IMPORT_FILE
from import_pipeline.orchestration.keeping_house import KEEP_HOUSE, SCHEDULE, keep_house
from import_pipeline.orchestration.partitions import add_partitions
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.service import changes, queries
from import_pipeline.settings import Settings
from import_pipeline.words import PARTITIONS, TAG_IMPORT, Phase, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.orchestration.scenario import QUIET, contact_file, definitions_of, people, registered
from import_pipeline_tests.stored import rows_of

DAY = 86_400


@pytest.fixture
def runner(tmp_path: Path):
    with ImportRunner(Settings(home=tmp_path / "home")) as runner:
        yield runner


def after(runner: ImportRunner, days: float, **asked) -> dict[str, int]:
    house = keep_house(runner.home, runner.instance, now=time.time() + days * DAY, **asked)
    return {kind: cleared.count for kind, cleared in house.cleared.items() if cleared.count}


def test_runs_and_partitions_go_with_their_events_once_their_import_is_over(runner, tmp_path):
    done = runner.execute(registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme").id)
    assert after(runner, 29) == {}
    assert after(runner, 31, dry_run=True) == {"runs": 1, "uploads": 1}
    assert len(runner.instance.get_runs()) == 1

    assert after(runner, 31) == {"runs": 1, "uploads": 1}
    assert runner.instance.get_runs() == []
    assert runner.instance.all_logs(done.run_id) == []
    assert runner.instance.get_dynamic_partitions(PARTITIONS) == [done.record.id]

    assert after(runner, 91) == {"partitions": 1}
    assert runner.instance.get_dynamic_partitions(PARTITIONS) == []
    assert after(runner, 366) == {"imports": 1}


def test_of_imports_that_cannot_be_undone_the_store_keeps_the_rows_that_changed_something(runner, tmp_path):
    for name, emails in (("a", ("ann", "bob")), ("b", ("ann", "cyd"))):
        file = contact_file(tmp_path, f"{name}.csv", people(*emails, "no body"))
        done = runner.execute(registered(runner, file, "acme").id).record
    assert after(runner, 29) == {}
    before = queries.import_object(runner.home, done.id)
    (cyd,) = queries.find_records(runner.home, "contact", "acme", {"email": "cyd@example.com"})["data"]
    history = queries.history(runner.home, "contact", cyd["id"], "acme")
    followed = changes.page(runner.home, "contact", "acme")

    assert after(runner, 31, dry_run=True)["outcomes"] == 3
    assert after(runner, 31)["outcomes"] == 3
    assert "outcomes" not in after(runner, 32)
    select = "SELECT outcome, count(*) FROM row_outcomes GROUP BY ALL"
    assert rows_of(runner.settings, select, organization="acme") == [("created", 3)]
    assert queries.import_object(runner.home, done.id) == before | {"has_upload_file": False}
    assert queries.history(runner.home, "contact", cyd["id"], "acme") == history
    assert changes.page(runner.home, "contact", "acme") == followed
    assert len(followed["data"]) == 3


def test_the_partition_of_an_import_that_is_forgotten_goes_with_it(tmp_path):
    settings = Settings(home=tmp_path / "home", keep_partitions_days=1_000)
    with ImportRunner(settings) as runner:
        runner.execute(registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme").id)
        after(runner, 366)
        assert runner.instance.get_dynamic_partitions(PARTITIONS) == []


def test_the_run_and_partition_of_an_import_that_waits_or_can_be_undone_stay(tmp_path):
    settings = Settings(home=tmp_path / "home", keep_runs_days=0, keep_partitions_days=0)
    with ImportRunner(settings) as runner:
        done = runner.execute(registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme").id)
        waiting = registered(runner, contact_file(tmp_path, "b.csv", people("bob")), "acme", max_failed_rows=0)
        runner.execute(waiting.id, until=Phase.PARSING)
        move(runner.home.registry, waiting.id, Status.NEEDS_REVIEW)
        add_partitions(runner.instance, ["typed-in-the-launchpad"])

        assert after(runner, 29) == {}
        assert after(runner, 400)["runs"] == 1
        [kept] = runner.instance.get_runs()
        assert (kept.tags[TAG_IMPORT], kept.run_id != done.run_id) == (waiting.id, True)
        assert runner.instance.get_dynamic_partitions(PARTITIONS) == [waiting.id, "typed-in-the-launchpad"]


def test_more_runs_than_are_read_at_once_go_and_those_at_work_stay(runner, monkeypatch):
    monkeypatch.setattr("import_pipeline.orchestration.keeping_house.RUNS_AT_ONCE", 2)
    job = definitions_of(runner).resolve_job_def(IMPORT_FILE)
    statuses = [dg.DagsterRunStatus.SUCCESS] * 3 + [dg.DagsterRunStatus.STARTED] + [dg.DagsterRunStatus.FAILURE] * 2
    for number, status in enumerate(statuses):
        add_partitions(runner.instance, [f"gone{number}"])
        runner.instance.create_run_for_job(
            job, status=status, tags={"dagster/partition": f"gone{number}"}, run_config=QUIET
        )

    assert after(runner, 31)["runs"] == 5
    assert [run.status for run in runner.instance.get_runs()] == [dg.DagsterRunStatus.STARTED]


def test_what_runs_printed_goes_with_them(tmp_path):
    settings = Settings(home=tmp_path / "home")
    with ImportRunner(settings) as runner:
        done = runner.execute(registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme").id)
        printed = settings.dagster_home / "compute_logs" / done.run_id / "compute_logs" / "step.out"
        printed.parent.mkdir(parents=True)
        printed.write_text("Hello.")
        with open_instance(settings, compute_logs=True) as instance:
            keep_house(runner.home, instance, now=time.time() + 31 * DAY)
        assert not printed.parent.parent.exists()


def test_the_daily_schedule_is_on_and_its_job_says_what_went(runner, tmp_path):
    settings = runner.settings.model_copy(update={"undo_days": 0, "keep_uploads_days": 0, "keep_runs_days": 30})
    quick = type(runner.home)(settings)
    runner.execute(registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme").id)
    time.sleep(1.1)
    runner.home = quick
    definitions = definitions_of(runner)
    schedule = definitions.resolve_schedule_def(SCHEDULE)
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == KEEP_HOUSE
    result = definitions.resolve_job_def(KEEP_HOUSE).execute_in_process(instance=runner.instance, run_config=QUIET)
    [output] = [event for event in result.all_events if event.event_type is dg.DagsterEventType.STEP_OUTPUT]
    metadata = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert (metadata["uploads"], metadata["workspaces"], metadata["runs"]) == (1, 0, 0)
    assert isinstance(metadata["bytes"], int)
    assert metadata["bytes"] > 0
