"""What is left behind goes on or ends as the table says, and one import's trouble stops no other."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from import_pipeline.api.idempotency import Once
from import_pipeline.api.workers import Workers
from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.home import Home
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.local_bucket import LocalBucket
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import confirming, creating, running, transitions
from import_pipeline.service.incoming import incoming_path
from import_pipeline.service.reconciling import EndedRun, reconcile
from import_pipeline.service.uploading import receive_file, request_upload, upload_key
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, leases
from import_pipeline.stores.workspace import workspace_path
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.importing import Importing

ROWS = "external_id,first_name\n1,Ada\n2,Bob\n"
DEAD = f"{leases.host_of_numbers()}:{max(psutil.pids()) + 100_000}:1"
ELSEWHERE = "another-host:17:1"
_DAY = 86_400


@pytest.fixture
def importing(settings: Settings, tmp_path: Path, registry_url: str) -> Importing:
    """An empty home, whose registry is once on SQLite and once on PostgreSQL."""
    return Importing(settings.model_copy(update={"registry_url": SecretStr(registry_url)}), tmp_path)


def status(importing: Importing, import_id: str) -> Status:
    return imports.get(importing.home.registry, import_id).status


def at_work(importing: Importing, until: Phase = Phase.PARSING) -> str:
    """An import that this process has at work."""
    import_id = importing.begin(ROWS)
    importing.go(import_id, until=until)
    return import_id


def owned_by(importing: Importing, import_id: str, owner: str, seconds: int = 40) -> None:
    imports.update(importing.home.registry, import_id, lease_owner=owner, lease_until=int(time.time()) + seconds)


def ended(*ids: str, **how: bool) -> EndedRun:
    return EndedRun("run", ids, time.time() + 1, "Run run was cancelled.", **how)


def test_a_dead_process_of_this_host_is_noticed_at_once_and_one_of_another_when_its_lease_runs_out(importing):
    here, there, alive = (at_work(importing) for _ in range(3))
    owned_by(importing, here, DEAD)
    owned_by(importing, there, ELSEWHERE)
    assert reconcile(importing.home).done == {here: "requeue"}
    owned_by(importing, there, ELSEWHERE, -1)
    assert reconcile(importing.home).done == {there: "requeue"}
    assert status(importing, alive) is Status.PROCESSING
    assert importing.go(here)["status"] == importing.go(there)["status"] == "completed"


def test_the_heartbeat_renews_all_leases_of_a_process_and_no_other(importing):
    ours, other = at_work(importing), at_work(importing)
    owned_by(importing, ours, leases.this_process(), 1)
    owned_by(importing, other, ELSEWHERE, 1)
    leases.renew(importing.home.registry, [ours, other])
    left = [imports.get(importing.home.registry, one).lease_until or 0 for one in (ours, other)]
    assert left[0] > time.time() + 30 > left[1]


def test_what_goes_wrong_with_one_import_stops_no_other(importing):
    broken, good = at_work(importing, Phase.PROCESSING), at_work(importing)
    imports.update(importing.home.registry, broken, spec={"record_type": 7})
    for one in (broken, good):
        owned_by(importing, one, DEAD)
    found = reconcile(importing.home)
    assert (found.done, list(found.errors)) == ({good: "requeue"}, [broken])


def test_a_cancelled_run_of_an_import_that_is_being_written_holds_up_nothing(importing):
    written, other = at_work(importing, Phase.PROCESSING), at_work(importing)
    for one in (written, other):
        imports.update(importing.home.registry, one, run_id="run")
    first, second = ended(written, was_cancelled=True), ended(other, was_cancelled=True)
    assert reconcile(importing.home, [first, second]).done == {written: "requeue", other: "cancel"}
    assert importing.go(written)["status"] == "completed"


def test_a_cancelled_run_of_many_queues_them_again_but_those_that_were_cancelled_themselves(importing):
    working, waiting, unwanted = at_work(importing), importing.begin(ROWS), importing.begin(ROWS)
    imports.update(importing.home.registry, working, run_id="run")
    transitions.start(importing.home, [waiting]).one()
    transitions.cancel(importing.home, [unwanted]).one()
    done = reconcile(importing.home, [ended(working, waiting, unwanted, was_cancelled=True)]).done
    assert done == {working: "requeue", waiting: "requeue"}
    assert status(importing, unwanted) is Status.CANCELLED


def test_an_import_that_is_kept_is_started_by_nobody_else_and_is_let_go_when_its_keeper_dies(importing):
    kept = importing.begin(ROWS)
    transitions.start(importing.home, [kept], keep_seconds=60).one()
    assert imports.queued(importing.home.registry, 10) == []
    owned_by(importing, kept, ELSEWHERE)
    assert transitions.begin(importing.home, [kept], Phase.PREVALIDATION, "run").records == []
    owned_by(importing, kept, DEAD)
    assert reconcile(importing.home).done == {kept: "release"}
    assert [record.id for record in imports.queued(importing.home.registry, 10)] == [kept]


def test_whoever_confirms_and_runs_an_import_is_not_overtaken_by_the_sensor(importing):
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)["id"]
    confirming.confirm(importing.home, asked, max_failed_rows=None, keep_seconds=60)
    assert imports.queued(importing.home.registry, 10) == []
    assert importing.go(asked)["status"] == "completed"


def test_a_guided_upload_that_nobody_completes_expires_though_its_file_came(importing):
    home = importing.home
    asked = request_upload(home, ImportSpec(record_type="contact"), kind="guided")
    path = incoming_path(home)
    path.write_text(ROWS)
    receive_file(home, asked.id, path)
    assert home.bucket.exists(upload_key(asked.id))
    assert reconcile(home).done == {}
    imports.update(home.registry, asked.id, upload_expires_at=int(time.time()) - 4_000, upload_begun_at=None)
    reconcile(home)
    assert status(importing, asked.id) is Status.EXPIRED


def test_an_upload_that_nobody_starts_expires_when_uploads_do(importing):
    left, new = importing.begin(ROWS), importing.begin(ROWS)
    long_ago = int(time.time()) - (importing.settings.keep_uploads_days + 1) * _DAY
    importing.home.registry.write(
        lambda connection: connection.execute(
            text("UPDATE imports SET updated_at = :long_ago WHERE id = :left"), {"long_ago": long_ago, "left": left}
        )
    )
    assert reconcile(importing.home).done == {left: "expire"}
    assert status(importing, new) is Status.UPLOADED


class Interrupted(LocalBucket):
    """A bucket that a person interrupts with Ctrl-C while a file is brought in."""

    def upload(self, path: Path, key: str) -> StoredObject:
        raise KeyboardInterrupt


def test_an_import_whose_file_never_came_does_not_wait_for_it_for_ever(importing, tmp_path):
    home, file, spec = Home(importing.settings), tmp_path / "a.csv", ImportSpec(record_type="contact")
    file.write_text(ROWS)
    home.__dict__["bucket"] = Interrupted(importing.settings.local_bucket)
    with pytest.raises(KeyboardInterrupt):
        creating.create_from_file(home, file, spec, Source.TERMINAL, "interrupted")
    assert status(importing, "interrupted") is Status.FAILED
    creating.register(home, spec, Source.TERMINAL, "killed", None)
    assert reconcile(home).done == {}
    long_ago = text("UPDATE imports SET updated_at = updated_at - :age WHERE id = 'killed'")
    home.registry.write(lambda connection: connection.execute(long_ago, {"age": 400 * _DAY}))
    assert reconcile(home).done == {"killed": "expire"}


def test_the_time_of_an_import_counts_from_when_its_run_took_it_up(importing):
    asked = importing.run("external_id,email\n4,dan@\n", max_failed_rows=0)["id"]
    long_ago = int(time.time()) - importing.settings.run_seconds - _DAY
    imports.update(importing.home.registry, asked, run_since=long_ago)
    confirming.confirm(importing.home, asked, max_failed_rows=None)
    assert importing.go(asked)["status"] == "completed"
    died = at_work(importing)
    imports.update(importing.home.registry, died, run_since=long_ago, lease_owner=DEAD)
    assert reconcile(importing.home).done == {died: "requeue"}, "not timed out before it could go on"


def test_without_the_workspaces_of_its_host_an_import_begins_again(importing):
    died = at_work(importing, Phase.PARSING)
    owned_by(importing, died, DEAD)
    for leftover in importing.settings.workspaces.iterdir():
        leftover.unlink()
    assert reconcile(importing.home).done == {died: "requeue"}
    assert importing.go(died)["created_count"] == 2


def test_a_workspace_that_somebody_looks_into_leaves_no_import_at_work(importing):
    import_id = at_work(importing, Phase.PREVALIDATION)
    importing.home.settings = importing.settings.model_copy(update={"retry_seconds": 0.0})
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(workspace_path(importing.settings, import_id))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceBusyError):
            running.run_phase_of(importing.home, import_id, Phase.PREPARSING)
        reader.communicate("")
    waits = imports.get(importing.home.registry, import_id)
    assert (waits.status, waits.resume_phase) == (Status.QUEUED, Phase.PREPARSING)
    assert importing.go(import_id)["status"] == "completed"


def test_a_worker_that_dies_fails_its_own_task_only(settings):
    workers = Workers(settings.model_copy(update={"sync_workers": 2}))
    try:
        slow, dies = workers._submit(time.sleep, 1.0), workers._submit(os._exit, 1)
        assert dies.exception(60) is not None
        assert slow.exception(60) is None
        assert workers._submit(os.getpid).result(60) > 0
    finally:
        workers.close()


def test_a_key_whose_import_goes_on_by_itself_is_not_free_again(importing):
    caller = type("Caller", (), {"organization": "default"})()
    once = Once(importing.home, caller, "key", "POST /v1/imports")  # pyright: ignore[reportArgumentType]

    def work() -> str:
        once.made("imp_made")
        raise RuntimeError("The server stops.")

    with pytest.raises(RuntimeError):
        once.do({"data": []}, work)
    assert once.do({"data": []}, work) == "imp_made"
