"""An import whose records are written is finished or undone; one that ended without records can be started again."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.errors import BucketRefusedError, MisuseError, StateError, StoppedError, StoreBusyError
from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import confirming, resuming, running, transitions, undoing
from import_pipeline.service.incoming import incoming_path
from import_pipeline.service.reconciling import GRACE_SECONDS, reconcile
from import_pipeline.service.transitions import MAX_ATTEMPTS
from import_pipeline.service.uploading import request_upload, settle, upload_key
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.moving import move
from import_pipeline_tests.stored import held_elsewhere

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


def half_done(importing: Importing) -> str:
    """An overwrite whose phase 7 broke after phase 6 had written."""
    importing.run(FIRST)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    with without_results_folder(importing), pytest.raises(BucketRefusedError):
        running.run_phase_of(importing.home, import_id, Phase.CLEANUP)
    return import_id


def test_an_overwrite_whose_last_phase_broke_waits_to_be_finished_and_is_finished(importing: Importing):
    import_id = half_done(importing)
    waits = imports.get(importing.home.registry, import_id)
    assert waits.status is Status.QUEUED
    assert "written already" in (waits.reason or "")
    assert f"import-pipeline resume {import_id}" in (waits.reason or "")
    assert imports.queued(importing.home.registry, 10) == [], "not at once, but after a pause"
    resuming.resume(importing.home, import_id)
    assert [record.id for record in imports.queued(importing.home.registry, 10)] == [import_id]
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"updated": 2, "overwritten": 1})
    assert names(importing) == [("1", "Augusta"), ("2", "Bert")]


def test_however_often_that_breaks_it_never_fails_and_is_tried_again_later_and_later(importing: Importing):
    moment = time.time()
    importing.home.registry.clock = lambda: moment
    import_id = half_done(importing)
    pauses = []
    for _ in range(MAX_ATTEMPTS + 1):
        record = imports.get(importing.home.registry, import_id)
        pauses.append((record.retry_at or 0) - int(moment))
        with without_results_folder(importing), pytest.raises(BucketRefusedError):
            running.run_phase_of(importing.home, import_id, Phase.CLEANUP)
        transitions.requeue(importing.home, {import_id: "Its process was killed."})
    assert imports.get(importing.home.registry, import_id).status is Status.QUEUED
    assert pauses == sorted(pauses)


def test_an_import_whose_last_phase_broke_is_undone_at_once(importing: Importing):
    import_id = half_done(importing)
    assert undoing.undo(importing.home, import_id, dry_run=True).status is Status.COMPLETED
    assert imports.get(importing.home.registry, import_id).status is Status.QUEUED
    undoing.undo(importing.home, import_id)
    assert imports.get(importing.home.registry, import_id).status is Status.REVERTED
    assert names(importing) == [("1", "Ada"), ("2", "Bob"), ("3", "Cyd")]


def test_it_cannot_be_cancelled_and_does_not_time_out(importing: Importing, monkeypatch: pytest.MonkeyPatch):
    importing.run(FIRST)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    with pytest.raises(StateError, match="cannot be cancelled"):
        transitions.cancel(importing.home, [import_id]).one()
    later = time.time() + importing.settings.run_seconds + GRACE_SECONDS + 5
    monkeypatch.setattr(importing.home.registry, "clock", lambda: later)
    assert reconcile(importing.home).done == {import_id: "requeue"}
    assert imports.get(importing.home.registry, import_id).status is Status.QUEUED
    assert importing.go(import_id)["status"] == "completed"


def test_a_busy_store_is_waited_for_and_then_left_to_a_later_attempt(importing: Importing):
    importing.run(FIRST)
    settings = importing.settings.model_copy(update={"store_wait_seconds": 0.5, "retry_seconds": 1.0})
    home = Home(settings)
    import_id = importing.begin(SECOND, action="overwrite", confirm_deletions=True)
    importing.go(import_id, until=Phase.PROCESSING)
    began = time.monotonic()
    with held_elsewhere(), pytest.raises(StoreBusyError):
        running.run_phase_of(home, import_id, Phase.CLEANUP)
    assert time.monotonic() - began > 1.0, "more than one attempt"
    assert imports.get(home.registry, import_id).status is Status.QUEUED
    assert importing.go(import_id)["status"] == "completed"


def test_a_store_that_is_busy_for_a_moment_only_delays_the_import(importing: Importing):
    importing.run(FIRST)
    home = Home(importing.settings.model_copy(update={"store_wait_seconds": 0.3}))
    import_id = importing.begin(SECOND)
    importing.go(import_id, until=Phase.VALIDATION)
    with held_elsewhere(seconds=2):
        running.run_phase_of(home, import_id, Phase.PROCESSING)
    assert imports.get(home.registry, import_id).status is Status.PROCESSING


def test_without_its_workspace_it_is_finished_from_the_file(importing: Importing):
    import_id = half_done(importing)
    for leftover in importing.settings.workspaces.glob(f"{import_id}.*"):
        leftover.unlink()
    with pytest.raises(Exception, match="does not exist"):
        running.run_phase_of(importing.home, import_id, Phase.CLEANUP)
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"updated": 2, "overwritten": 1})
    assert names(importing) == [("1", "Augusta"), ("2", "Bert")]


def test_a_delete_that_died_after_its_commit_does_not_ask_about_the_rows_that_it_deleted_itself(importing: Importing):
    importing.run(FIRST)
    import_id = importing.begin("external_id\n1\n2\n", action="delete", max_failed_rows=0)
    importing.go(import_id, until=Phase.PROCESSING)
    transitions.requeue(importing.home, {import_id: "Its process was killed."})
    imports.update(importing.home.registry, import_id, resume_phase=Phase.TRANSFORMING)
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"deleted": 2})


@pytest.mark.parametrize("ended", [Status.FAILED, Status.TIMED_OUT, Status.CANCELLED])
def test_what_ended_without_records_starts_again_from_its_file(importing: Importing, ended: Status):
    import_id = importing.begin(FIRST)
    importing.go(import_id, until=Phase.PARSING)
    move(importing.home.registry, import_id, ended, reason="Something broke.")
    resumed = resuming.resume(importing.home, import_id)
    assert (resumed.status, resumed.reason) == (Status.QUEUED, None)
    assert importing.go(import_id)["created_count"] == 3


def test_an_upload_that_came_too_late_is_started_by_resuming_it(importing: Importing):
    home = importing.home
    asked = request_upload(home, ImportSpec(record_type="contact"))
    imports.update(home.registry, asked.id, upload_expires_at=1)
    assert settle(home, imports.get(home.registry, asked.id)).status is Status.EXPIRED
    with pytest.raises(MisuseError, match="no longer there"):
        resuming.resume(home, asked.id)
    path = incoming_path(home)
    path.write_text(FIRST)
    home.bucket.upload(path, upload_key(asked.id))
    resuming.resume(home, asked.id)
    assert importing.go(asked.id)["created_count"] == 3


def test_what_is_done_at_work_or_waits_is_not_resumed(importing: Importing):
    done = importing.run(FIRST)["id"]
    working = importing.begin(FIRST)
    importing.go(working, until=Phase.PREPARSING)
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)
    for import_id, status in ((done, "completed"), (working, "processing"), (asked["id"], "needs_review")):
        with pytest.raises(StateError, match=f"is {status} and cannot be resumed"):
            resuming.resume(importing.home, import_id)


def test_a_file_that_was_replaced_is_not_imported_in_its_predecessors_name(settings: Settings, tmp_path: Path):
    from import_pipeline.service.discovery import collect_uploads

    importing = Importing(settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)
    key = "uploads/acme/contact/a.csv"
    importing.home.bucket.write_text(key, FIRST)
    (import_id,) = collect_uploads(importing.home, None).queued
    transitions.cancel(importing.home, [import_id]).one()
    importing.home.bucket.write_text(key, SECOND)
    with pytest.raises(MisuseError, match="replaced since"):
        resuming.resume(importing.home, import_id)


def test_of_two_confirmations_the_second_does_not_disturb_the_import_at_work(importing: Importing, monkeypatch):
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)["id"]
    stale = imports.get(importing.home.registry, asked)
    assert stale.status is Status.NEEDS_REVIEW
    confirming.confirm(importing.home, asked, max_failed_rows=None)
    running.run_phase_of(importing.home, asked, Phase.PREVALIDATION)
    with monkeypatch.context() as patched:
        patched.setattr(imports, "get", lambda registry, import_id: stale)  # read before the first one
        with pytest.raises(StateError):
            confirming.confirm(importing.home, asked, max_failed_rows=None)
    assert imports.get(importing.home.registry, asked).status is Status.PROCESSING


def test_a_run_that_was_interrupted_in_its_last_phase_is_finished_later(importing: Importing):
    import_id = half_done(importing)
    resuming.resume(importing.home, import_id)
    move(importing.home.registry, import_id, Status.PROCESSING, run_id="gone")
    with pytest.raises(StateError, match="cannot be cancelled"):
        transitions.cancel(importing.home, [import_id]).one()
    transitions.requeue(importing.home, {import_id: "Run gone was cancelled."})
    assert importing.go(import_id)["status"] == "completed"
    with pytest.raises(StateError):
        resuming.resume(importing.home, import_id)
    assert StoppedError("a", "b").message
