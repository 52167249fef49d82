"""An undo whose process is killed goes on by itself, or when it is asked for again, and takes back all the same."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.orchestration.ended_runs import follow_up
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.starting import next_runs
from import_pipeline.service import queries, undoing
from import_pipeline.service.reconciling import reconcile
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status
from import_pipeline_tests.importing import Importing

KILLED = """
import os, signal, sys
from import_pipeline.home import Home
from import_pipeline.service import running, undoing
from import_pipeline.settings import Settings
from import_pipeline.words import Phase

home, import_id, fatal, after = sys.argv[1:]
run_phase = running.run_phase_of

def dies(home, undo_id, phase, *rest):
    if phase == fatal and after == "no":
        os.kill(os.getpid(), signal.SIGKILL)
    report = run_phase(home, undo_id, phase, *rest)
    if phase == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return report

running.run_phase_of = dies
undoing.undo(Home(Settings(home=home)), import_id)
"""


@pytest.fixture
def runner(settings: Settings) -> Iterator[ImportRunner]:
    with ImportRunner(settings) as runner:
        yield runner


def killed_undo(runner: ImportRunner, tmp_path: Path, phase: Phase, after: str) -> tuple[Importing, str, list]:
    """An import whose undo was killed at a phase; gives the undo's id and what was stored before the import."""
    importing = Importing(runner.settings, tmp_path)
    importing.run("external_id,first_name\n1,Ada\n2,Bob\n")
    before = queries.records(importing.home, "contact", "default")
    done = importing.run("external_id,first_name\n1,Augusta\n3,Cyd\n", action="overwrite")["id"]
    command = [sys.executable, "-c", KILLED, str(runner.settings.home), done, str(phase), after]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == -signal.SIGKILL
    return importing, str(imports.get(importing.home.registry, done).undone_by), before


@pytest.mark.parametrize(
    ("phase", "after"), [(Phase.PREPARSING, "no"), (Phase.PROCESSING, "no"), (Phase.PROCESSING, "yes")]
)
def test_an_undo_that_was_killed_goes_on_by_itself_in_a_run(runner, tmp_path, phase, after):
    importing, undo, before = killed_undo(runner, tmp_path, phase, after)
    assert follow_up(runner.home, runner.instance, None).marked == (undo,)
    assert imports.get(runner.home.registry, undo).status is Status.QUEUED
    [run] = next_runs(runner.home, runner.instance).runs
    assert run.partition == undo
    ended = runner.execute(undo)
    assert (ended.success, ended.record.status) == (True, Status.COMPLETED)
    assert queries.records(importing.home, "contact", "default") == before
    assert queries.import_object(importing.home, undo)["undo"] == {"reverted": 3, "kept": 0, "errored": 0}
    assert imports.get(importing.home.registry, ended.record.undoes).status is Status.REVERTED


def test_an_undo_that_waits_to_go_on_can_be_asked_for_again(runner, tmp_path):
    importing, undo, before = killed_undo(runner, tmp_path, Phase.PARSING, "no")
    assert reconcile(runner.home).done == {undo: "requeue"}
    again = undoing.undo(importing.home, str(imports.get(runner.home.registry, undo).undoes))
    assert (again.id, again.status) == (undo, Status.COMPLETED)
    assert queries.records(importing.home, "contact", "default") == before


def test_an_undo_that_is_at_work_is_left_alone_until_its_lease_runs_out(runner, tmp_path):
    importing = Importing(runner.settings, tmp_path)
    at_work = importing.begin("external_id\n1\n")
    importing.go(at_work, until=Phase.PARSING)
    assert reconcile(runner.home).done == {}
    imports.update(runner.home.registry, at_work, lease_until=int(time.time()) - 1)
    assert reconcile(runner.home).done == {at_work: "requeue"}
