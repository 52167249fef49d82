"""A run of another host counts as dead when its imports say so, whatever its launcher thinks; a living one is left."""

import time

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent

from import_pipeline.orchestration.ended_runs import follow_up
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.silent_runs import SILENT_SECONDS
from import_pipeline.orchestration.tags import WORKER
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.orchestration.scenario import contact_file, people, registered, waiting_run

ELSEWHERE = "elsewhere~1234abcd:77:1"


@pytest.fixture
def queued(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    return move(runner.home.registry, record.id, Status.QUEUED)


def run_elsewhere(runner: ImportRunner, import_id: str, *, begun_ago: float) -> dg.DagsterRun:
    """A run that a worker of another host began."""
    run = waiting_run(runner, import_id, dg.DagsterRunStatus.STARTING, {WORKER: f"{ELSEWHERE}:run"})
    began = DagsterEvent(event_type_value="PIPELINE_START", job_name=run.job_name)
    runner.instance.report_dagster_event(began, run.run_id, timestamp=time.time() - begun_ago)
    return run


def status_of(runner: ImportRunner, run: dg.DagsterRun) -> dg.DagsterRunStatus | None:
    found = runner.instance.get_run_by_id(run.run_id)
    return None if found is None else found.status


def at_work(runner: ImportRunner, import_id: str, run: dg.DagsterRun, lease_for: int) -> None:
    move(
        runner.home.registry,
        import_id,
        Status.PROCESSING,
        run_id=run.run_id,
        lease_owner=ELSEWHERE,
        lease_until=int(time.time()) + lease_for,
    )


def test_a_run_whose_lease_ran_out_ends_and_its_import_is_queued_again(runner, queued):
    run = run_elsewhere(runner, queued.id, begun_ago=5)
    at_work(runner, queued.id, run, lease_for=-1)
    follow_up(runner.home, runner.instance, None)
    assert status_of(runner, run) is dg.DagsterRunStatus.FAILURE
    after = imports.get(runner.home.registry, queued.id)
    assert (after.status, after.attempts) == (Status.QUEUED, 1)
    assert "fell silent" in (after.reason or "")


def test_a_run_whose_lease_is_renewed_is_left_alone_however_long_it_takes(runner, queued):
    run = run_elsewhere(runner, queued.id, begun_ago=10 * SILENT_SECONDS)
    at_work(runner, queued.id, run, lease_for=30)
    follow_up(runner.home, runner.instance, None)
    assert status_of(runner, run) is dg.DagsterRunStatus.STARTED
    assert imports.get(runner.home.registry, queued.id).status is Status.PROCESSING


@pytest.mark.parametrize(
    ("begun_ago", "after"),
    [(SILENT_SECONDS / 2, dg.DagsterRunStatus.STARTED), (2 * SILENT_SECONDS, dg.DagsterRunStatus.FAILURE)],
)
def test_a_run_that_never_took_up_its_import_ends_after_a_while(runner, queued, begun_ago, after):
    run = run_elsewhere(runner, queued.id, begun_ago=begun_ago)
    follow_up(runner.home, runner.instance, None)
    assert status_of(runner, run) is after


def test_a_run_that_is_still_to_register_its_import_is_left_alone(runner):
    run = run_elsewhere(runner, "not-yet-there", begun_ago=10 * SILENT_SECONDS)
    follow_up(runner.home, runner.instance, None)
    assert status_of(runner, run) is dg.DagsterRunStatus.STARTED


def test_a_run_that_no_worker_took_is_not_held_against_its_import(runner, queued):
    for _ in range(7):
        run = waiting_run(runner, queued.id, dg.DagsterRunStatus.STARTING)
        runner.instance.report_run_failed(run, "Timed out.")
        follow_up(runner.home, runner.instance, None)
    after = imports.get(runner.home.registry, queued.id)
    assert (after.status, after.attempts) == (Status.QUEUED, 0)
    assert after.retry_at is not None
