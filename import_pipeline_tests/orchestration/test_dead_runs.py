"""Imports whose run died, fell silent or was interrupted go on, or end with the reason; one at work is left alone."""

import os
import re
import signal
import subprocess
import sys
import time

import dagster as dg
import psutil
import pytest
from dagster._core.events import DagsterEvent

from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.orchestration.dead_runs import fail_runs_of_dead_processes, this_process
from import_pipeline.orchestration.ended_runs import follow_up
from import_pipeline.orchestration.sensors import QUEUED_IMPORTS
from import_pipeline.orchestration.tags import PROCESS, WORKER
from import_pipeline.service import queries, running, transitions
from import_pipeline.service.transitions import MAX_ATTEMPTS
from import_pipeline.stores import imports, leases
from import_pipeline.words import Phase, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.orchestration.scenario import (
    contact_file,
    launch,
    people,
    registered,
    tick,
    waiting_run,
)


@pytest.mark.parametrize(
    ("ending", "expected", "reason"),
    [
        (lambda instance, run: instance.report_run_failed(run, "The process died."), Status.QUEUED, "process died"),
        (
            lambda instance, run: instance.report_run_failed(run, "Exceeded maximum runtime of 5 seconds."),
            Status.TIMED_OUT,
            "maximum runtime of 5 seconds",
        ),
        (lambda instance, run: instance.report_run_canceled(run), Status.CANCELLED, "was cancelled"),
    ],
)
@pytest.mark.parametrize("began", [True, False])
def test_an_import_whose_run_ended_without_a_word_is_marked(runner, tmp_path, ending, expected, reason, began):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    move(runner.home.registry, record.id, Status.QUEUED)
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    if began:
        move(runner.home.registry, record.id, Status.PROCESSING, run_id=run.run_id)
    ending(runner.instance, run)

    found = follow_up(runner.home, runner.instance, None)

    after = imports.get(runner.home.registry, record.id)
    assert found.marked == (record.id,)
    assert (after.status, reason in after.reason) == (expected, True)
    assert follow_up(runner.home, runner.instance, found.cursor).marked == ()


@pytest.mark.parametrize(
    "ending",
    [
        lambda instance, run: instance.report_run_failed(run, "Exceeded maximum runtime of 5 seconds."),
        lambda instance, run: instance.report_run_canceled(run),
    ],
)
def test_an_import_whose_run_ended_after_its_records_were_written_is_finished(runner, tmp_path, ending):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme", action="overwrite")
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    for phase in list(Phase)[:6]:
        running.run_phase_of(runner.home, record.id, phase, run.run_id)
    ending(runner.instance, run)

    assert follow_up(runner.home, runner.instance, None).marked == (record.id,)
    assert imports.get(runner.home.registry, record.id).status is Status.QUEUED
    assert runner.execute(record.id).record.status is Status.COMPLETED
    assert [row["email"] for row in queries.records(runner.home, "contact", "acme")] == ["ann@example.com"]


def test_an_import_that_another_run_took_up_is_left_alone(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    move(runner.home.registry, record.id, Status.PROCESSING, run_id="another")
    runner.instance.report_run_failed(run)

    assert follow_up(runner.home, runner.instance, None).marked == ()


def test_an_import_that_was_interrupted_says_so_and_can_be_run_again(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    move(runner.home.registry, record.id, Status.PROCESSING, run_id=run.run_id)
    transitions.fail(runner.home, {record.id: "RuntimeError: Query interrupted"})
    runner.instance.report_run_canceled(run)

    found = follow_up(runner.home, runner.instance, None)

    assert found.marked == (record.id,)
    assert "was cancelled while it was at work" in (imports.get(runner.home.registry, record.id).reason or "")
    assert follow_up(runner.home, runner.instance, None).marked == ()
    assert runner.execute(record.id).record.status is Status.COMPLETED


AT_ONCE = """
import os, signal, sys
from import_pipeline.orchestration.runs import execute_import
from import_pipeline.settings import Settings
from import_pipeline.words import Phase

kill = lambda phase, report: os.kill(os.getpid(), signal.SIGKILL) if phase is Phase.PARSING else None
execute_import(sys.argv[1], Settings(home=sys.argv[2]), kill)
"""
PHASE_BY_PHASE = """
import os, signal, sys
from import_pipeline.home import Home
from import_pipeline.service import transitions
from import_pipeline.service.running import run_phase_of
from import_pipeline.settings import Settings
from import_pipeline.words import Phase

home = Home(Settings(home=sys.argv[2]))
for phase in (Phase.PREVALIDATION, Phase.PREPARSING, Phase.TRANSFORMING):
    run_phase_of(home, sys.argv[1], phase, "killed")
transitions.begin(home, [sys.argv[1]], Phase.PARSING, "killed")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("code", "goes_on_from"),
    [(AT_ONCE, Phase.PREVALIDATION), (PHASE_BY_PHASE, Phase.PARSING)],
    ids=["workspace in memory", "workspace in a file"],
)
def test_an_import_whose_process_was_killed_goes_on_by_itself_as_far_as_its_workspace_is_left(
    runner, tmp_path, code: str, goes_on_from: Phase
) -> None:
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")

    killed = subprocess.run([sys.executable, "-c", code, record.id, str(runner.settings.home)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert imports.get(runner.home.registry, record.id).status is Status.PROCESSING
    assert follow_up(runner.home, runner.instance, None).marked == (record.id,)
    after = imports.get(runner.home.registry, record.id)
    assert after.status is Status.QUEUED
    assert re.search("process .*ended", after.reason or "")
    (next_run,) = tick(runner, QUEUED_IMPORTS).run_requests
    assert next_run.partition_key == record.id
    phases = {phase.name: phase.started_at for phase in after.phases}
    time.sleep(1.1)
    done = runner.execute(record.id).record
    assert done.status is Status.COMPLETED
    ran_again = [phase.name for phase in done.phases if phase.started_at != phases[phase.name]]
    assert ran_again == [phase for phase in Phase if phase.position >= goes_on_from.position]


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("process", "dead"),
    [
        (lambda run_id: this_process(run_id), False),
        (lambda run_id: this_process(run_id).replace(f":{os.getpid()}:", f":{dead_process()}:"), True),
        (lambda run_id: f"{leases.host_of_numbers()}:{os.getpid()}:1:{run_id}", True),  # the number was given out again
        (lambda run_id: f"elsewhere:{dead_process()}:1:{run_id}", False),
        (lambda run_id: f"{leases.host_of_numbers()}:{dead_process()}:1:the-run-it-repeats", False),
    ],
)
@pytest.mark.parametrize("tag", [PROCESS, WORKER])
def test_a_run_is_dead_where_its_own_process_is(runner, tmp_path, tag, process, dead):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    runner.instance.add_run_tags(run.run_id, {tag: process(run.run_id)})

    assert fail_runs_of_dead_processes(runner.instance) == ([run.run_id] if dead else [])


def test_a_run_that_ends_well_while_its_process_is_looked_for_has_not_failed(runner, tmp_path, monkeypatch):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
    gone = this_process(run.run_id).replace(f":{os.getpid()}:", f":{dead_process()}:")
    runner.instance.add_run_tags(run.run_id, {PROCESS: gone})
    look = leases.is_gone

    def ends_first(process: str) -> bool:
        ended = DagsterEvent(event_type_value="PIPELINE_SUCCESS", job_name=run.job_name)
        runner.instance.report_dagster_event(ended, run.run_id)
        return look(process)

    monkeypatch.setattr(leases, "is_gone", ends_first)
    assert fail_runs_of_dead_processes(runner.instance) == []
    assert runner.instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.SUCCESS


def test_a_worker_knows_its_server_though_the_clock_was_set_since_that_began(monkeypatch):
    server = psutil.Process(os.getppid())
    monkeypatch.setattr(leases, "parent_process", lambda: server)
    names = [f"{leases.host_of_numbers()}:{server.pid}:{server.create_time() + later:.0f}" for later in (0, 2, 1_000)]
    assert [leases.is_of_family(name) for name in names] == [True, True, False]


def test_a_run_names_the_process_in_which_it_runs(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    launched = launch(runner, record.id)
    assert runner.instance.get_run_by_id(launched.run_id).tags[WORKER] == this_process(launched.run_id)


def test_of_two_runs_of_one_import_the_one_that_has_it_keeps_it_as_long_as_its_lease_lasts(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    home = runner.home
    running.run_phase_of(home, record.id, Phase.PREVALIDATION, "first")
    with pytest.raises(WorkspaceBusyError):
        running.run_phase_of(home, record.id, Phase.PREVALIDATION, "second")
    assert imports.get(home.registry, record.id).run_id == "first"
    running.run_phase_of(home, record.id, Phase.PREPARSING, "first")
    imports.update(home.registry, record.id, lease_until=int(time.time()) - 1)
    running.run_phase_of(home, record.id, Phase.PREVALIDATION, "second")
    with pytest.raises(WorkspaceBusyError):
        running.run_phase_of(home, record.id, Phase.TRANSFORMING, "first")
    assert imports.get(home.registry, record.id).run_id == "second"
    for phase in list(Phase)[1:]:
        running.run_phase_of(home, record.id, phase, "second")
    assert imports.get(home.registry, record.id).status is Status.COMPLETED
    assert len(queries.records(home, "contact", "acme")) == 1


def test_an_import_whose_runs_die_again_and_again_fails_with_the_reason(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    move(runner.home.registry, record.id, Status.QUEUED)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        run = waiting_run(runner, record.id, dg.DagsterRunStatus.STARTED)
        move(runner.home.registry, record.id, Status.PROCESSING, run_id=run.run_id)
        runner.instance.report_run_failed(run, "The process died.")
        follow_up(runner.home, runner.instance, None)
        expected = Status.QUEUED if attempt < MAX_ATTEMPTS else Status.FAILED
        assert imports.get(runner.home.registry, record.id).status is expected
    assert f"died {MAX_ATTEMPTS} times" in (imports.get(runner.home.registry, record.id).reason or "")
