"""An import whose records are written is finished or undone; one that ended without records can be started again."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.errors import BucketRefusedError, MisuseError, StateError, StoppedError, StoreBusyError
from import_pipeline.imports import ImportService
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.overdue import GRACE_SECONDS, settle_overdue
from import_pipeline.service.resuming import ABANDONED_SECONDS, MAX_ATTEMPTS, requeue
from import_pipeline.service.uploading import incoming_path, request_upload, settle, upload_key
from import_pipeline.settings import Settings
from import_pipeline.words import Phase, Status
from import_pipeline_tests.importing import Importing, counts

FIRST = "external_id,first_name\n1,Ada\n2,Bob\n3,Cyd\n"
SECOND = "external_id,first_name\n1,Augusta\n2,Bert\n"


def names(importing: Importing) -> list[tuple]:
    return sorted((record["external_id"], record["first_name"]) for record in importing.stored())


@contextlib.contextmanager
def without_results_folder(importing: Importing) -> Iterator[None]:
    """Let the bucket refuse what phase 7 puts there: a file lies where the folder should be."""
    folder = importing.settings.local_bucket / "results"
    aside = folder.with_name("aside")
    if folder.exists():
        folder.rename(aside)
    folder.write_text("in the way")
    yield
    folder.unlink()
    if aside.exists():
        aside.rename(folder)


@contextlib.contextmanager
def store_held_elsewhere(path: Path) -> Iterator[None]:
    """Have another program keep the record store open."""
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate("")


def half_done(importing: Importing) -> str:
    """An overwrite whose phase 7 broke after phase 6 had written."""
    importing.run(FIRST)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    with without_results_folder(importing), pytest.raises(BucketRefusedError):
        importing.service.run_phase(import_id, Phase.CLEANUP)
    return import_id


def test_an_overwrite_whose_last_phase_broke_waits_to_be_finished_and_is_finished(importing: Importing):
    import_id = half_done(importing)
    waits = importing.service.registry.get(import_id)
    assert waits.status is Status.QUEUED
    assert "written already" in (waits.reason or "")
    assert f"import-pipeline resume {import_id}" in (waits.reason or "")
    assert importing.service.registry.queued(10) == [], "not at once, but after a pause"
    importing.service.resume(import_id)
    assert [record.id for record in importing.service.registry.queued(10)] == [import_id]
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"updated": 2, "overwritten": 1})
    assert names(importing) == [("1", "Augusta"), ("2", "Bert")]


def test_however_often_that_breaks_it_never_fails_and_is_tried_again_later_and_later(importing: Importing):
    import_id = half_done(importing)
    pauses = []
    for _ in range(MAX_ATTEMPTS + 1):
        record = importing.service.registry.get(import_id)
        pauses.append(record.details["retry_at"] - int(time.time()))
        with without_results_folder(importing), pytest.raises(BucketRefusedError):
            importing.service.run_phase(import_id, Phase.CLEANUP)
        requeue(importing.service, import_id, "Its process was killed.")
    assert importing.service.registry.get(import_id).status is Status.QUEUED
    assert pauses == sorted(pauses)


def test_an_import_whose_last_phase_broke_is_undone_at_once(importing: Importing):
    import_id = half_done(importing)
    assert importing.service.undo(import_id, dry_run=True).status is Status.COMPLETED
    assert importing.service.registry.get(import_id).status is Status.QUEUED
    importing.service.undo(import_id)
    assert importing.service.registry.get(import_id).status is Status.REVERTED
    assert names(importing) == [("1", "Ada"), ("2", "Bob"), ("3", "Cyd")]


def test_it_cannot_be_cancelled_and_does_not_time_out(importing: Importing, monkeypatch: pytest.MonkeyPatch):
    importing.run(FIRST)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    with pytest.raises(StateError, match="cannot be cancelled"):
        importing.service.cancel(import_id)
    later = time.time() + importing.settings.run_seconds + GRACE_SECONDS + ABANDONED_SECONDS + 5
    monkeypatch.setattr("time.time", lambda: later)
    assert settle_overdue(importing.service) == [import_id]
    assert importing.service.registry.get(import_id).status is Status.QUEUED
    assert importing.go(import_id)["status"] == "completed"


def test_a_busy_store_is_waited_for_and_then_left_to_a_later_attempt(importing: Importing):
    importing.run(FIRST)
    settings = importing.settings.model_copy(update={"store_wait_seconds": 0.5, "retry_seconds": 1.0})
    service = ImportService(settings)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    began = time.monotonic()
    with store_held_elsewhere(settings.records / "default.duckdb"), pytest.raises(StoreBusyError):
        service.run_phase(import_id, Phase.CLEANUP)
    assert time.monotonic() - began > 1.0, "more than one attempt"
    assert service.registry.get(import_id).status is Status.QUEUED
    assert importing.go(import_id)["status"] == "completed"


def test_a_store_that_is_busy_for_a_moment_only_delays_the_import(importing: Importing):
    importing.run(FIRST)
    service = ImportService(importing.settings.model_copy(update={"store_wait_seconds": 0.3}))
    import_id = importing.begin(SECOND)
    importing.go(import_id, until=Phase.VALIDATION)
    code = "import duckdb, sys, time; held = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(2)"
    path = importing.settings.records / "default.duckdb"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=-1, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        service.run_phase(import_id, Phase.PROCESSING)
    assert service.registry.get(import_id).status is Status.PROCESSING


def test_without_its_workspace_it_is_finished_from_the_file(importing: Importing):
    import_id = half_done(importing)
    for leftover in importing.settings.workspaces.glob(f"{import_id}.*"):
        leftover.unlink()
    with pytest.raises(Exception, match="does not exist"):
        importing.service.run_phase(import_id, Phase.CLEANUP)
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"updated": 2, "overwritten": 1})
    assert names(importing) == [("1", "Augusta"), ("2", "Bert")]


def test_a_delete_that_died_after_its_commit_does_not_ask_about_the_rows_that_it_deleted_itself(importing: Importing):
    importing.run(FIRST)
    import_id = importing.begin("external_id\n1\n2\n", action="delete", max_failed_rows=0)
    importing.go(import_id, until=Phase.PROCESSING)
    requeue(importing.service, import_id, "Its process was killed.")
    details = importing.service.registry.get(import_id).details
    importing.service.registry.update(import_id, details=details | {"resume_from": "transforming"})
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"deleted": 2})


@pytest.mark.parametrize("ended", [Status.FAILED, Status.TIMED_OUT, Status.CANCELLED])
def test_what_ended_without_records_starts_again_from_its_file(importing: Importing, ended: Status):
    import_id = importing.begin(FIRST)
    importing.go(import_id, until=Phase.PARSING)
    importing.service.registry.move(import_id, ended, reason="Something broke.")
    resumed = importing.service.resume(import_id)
    assert (resumed.status, resumed.reason) == (Status.QUEUED, None)
    assert importing.go(import_id)["created_count"] == 3


def test_an_upload_that_came_too_late_is_started_by_resuming_it(importing: Importing):
    service = importing.service
    asked = request_upload(service, ImportSpec(record_type="contact"))
    service.registry.update(asked.id, details={"upload": asked.details["upload"] | {"expires_at": 1}})
    assert settle(service, service.registry.get(asked.id)).status is Status.EXPIRED
    with pytest.raises(MisuseError, match="no longer there"):
        service.resume(asked.id)
    path = incoming_path(service)
    path.write_text(FIRST)
    service.bucket.upload(path, upload_key(asked.id))
    service.resume(asked.id)
    assert importing.go(asked.id)["created_count"] == 3


def test_what_is_done_at_work_or_waits_is_not_resumed(importing: Importing):
    done = importing.run(FIRST)["id"]
    working = importing.begin(FIRST)
    importing.go(working, until=Phase.PREPARSING)
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)
    for import_id, status in ((done, "completed"), (working, "processing"), (asked["id"], "needs_review")):
        with pytest.raises(StateError, match=f"is {status} and cannot be resumed"):
            importing.service.resume(import_id)


def test_a_file_that_was_replaced_is_not_imported_in_its_predecessors_name(home: Settings, tmp_path: Path):
    from import_pipeline.orchestration.collecting import collect_uploads

    importing = Importing(home.model_copy(update={"settle_seconds": 0.0}), tmp_path)
    key = "uploads/acme/contact/a.csv"
    importing.service.bucket.write_text(key, FIRST)
    (import_id,) = collect_uploads(importing.service, None).queued
    importing.service.cancel(import_id)
    importing.service.bucket.write_text(key, SECOND)
    with pytest.raises(MisuseError, match="replaced since"):
        importing.service.resume(import_id)


def test_of_two_confirmations_the_second_does_not_disturb_the_import_at_work(importing: Importing):
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)["id"]
    stale = importing.service.registry.get(asked)
    assert stale.status is Status.NEEDS_REVIEW
    importing.service.confirm(asked, max_failed_rows=None)
    importing.service.run_phase(asked, Phase.PREVALIDATION)
    importing.service.registry.get = lambda import_id, organization=None: stale  # read before the first one
    try:
        with pytest.raises(StateError):
            importing.service.confirm(asked, max_failed_rows=None)
    finally:
        del importing.service.registry.get
    assert importing.service.registry.get(asked).status is Status.PROCESSING


def test_a_run_that_was_interrupted_in_its_last_phase_is_finished_later(importing: Importing):
    import_id = half_done(importing)
    importing.service.resume(import_id)
    importing.service.registry.move(import_id, Status.PROCESSING, run_id="gone")
    with pytest.raises(StateError, match="cannot be cancelled"):
        importing.service.cancel(import_id)
    requeue(importing.service, import_id, "Run gone was cancelled.")
    assert importing.go(import_id)["status"] == "completed"
    with pytest.raises(StateError):
        importing.service.resume(import_id)
    assert StoppedError("a", "b").message
