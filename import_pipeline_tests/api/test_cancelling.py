"""Imports at work: how far they are, how they are stopped from another process, and how their time ends."""

import signal
import threading
import time
from base64 import b64encode
from typing import Any

import dagster as dg
import httpx
import pytest
from dagster._core.definitions.reconstruct import reconstructable
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from import_pipeline.definitions import build_definitions
from import_pipeline.orchestration.cancelling import cancel_queued_runs
from import_pipeline.orchestration.jobs import IMPORT_FILE
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.run_config.feeds import Feeds
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, running, transitions, watching
from import_pipeline.service.uploading import request_upload
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import TAG_IMPORT, Phase, Source, Status
from import_pipeline_tests.api.long_imports import (
    begin_async,
    meanwhile,
    people,
    run_of,
    run_status,
    until_processing,
)
from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.importing import Importing


def test_the_counters_of_a_phase_move_while_it_works(served_local: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.03)  # else five times the rows would be needed
    client = served_local.client()
    rows = 300_000
    import_id = begin_async(client, people(rows))
    seen: dict[str, set[tuple[int, int | None]]] = {}

    def poll() -> None:
        for _ in range(4_000):
            found = client.get(f"/v1/imports/{import_id}")
            for phase in found["phases"]:
                if phase["status"] == "running":
                    seen.setdefault(phase["name"], set()).add((phase["processed"], phase["total"]))
            if found["status"] == "completed":
                return
            time.sleep(0.03)

    with meanwhile(poll):
        served_local.run_queued(import_id)
    for phase in ("prevalidation", "processing"):
        between = [processed for processed, total in seen[phase] if processed > 0 and processed < (total or 10**9)]
        assert between, seen
    done = client.get(f"/v1/imports/{import_id}")
    assert [(phase["processed"], phase["total"]) for phase in done["phases"]] == [(rows, rows)] * 7


def test_a_queued_import_is_cancelled_at_once_and_its_run_with_it(served_local: Served) -> None:
    client = served_local.client()
    import_id = begin_async(client, people(2))
    cancelled = client.post(f"/v1/imports/{import_id}/cancel")
    assert (cancelled["status"], cancelled["state"]) == ("failed", "cancelled")
    run = served_local.runner.execute(import_id)
    assert run_status(served_local.runner, run.run_id) is dg.DagsterRunStatus.CANCELED
    assert queries.record_count(served_local.home, "contact", client.organization) == 0


@pytest.mark.parametrize("phase", ["prevalidation", "processing"])
def test_a_run_of_another_process_ends_when_its_import_is_cancelled(served_local: Served, phase: str) -> None:
    client = served_local.client()
    import_id = begin_async(client, people(400_000))
    answers: list[httpx.Response] = []

    def cancel() -> None:
        until_processing(client, import_id, phase)
        answers.append(client.call("POST", f"/v1/imports/{import_id}/cancel"))

    with meanwhile(cancel):
        started = time.monotonic()
        served_local.run_queued(import_id)
    assert time.monotonic() - started < 30
    [answer] = answers
    assert answer.status_code == 200, answer.text
    found = client.get(f"/v1/imports/{import_id}")
    assert (found["state"], found["reason"]) == ("cancelled", "Cancelled on request.")
    assert {one["status"] for one in found["phases"]} <= {"completed", "failed", "pending"}
    assert run_of(served_local, import_id).status is dg.DagsterRunStatus.CANCELED
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    small = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{"email": "a@b.de"}]})
    assert small["created_count"] == 1, "the store is as usable as before"


def test_a_sync_import_is_cancelled_while_its_caller_waits(served_local: Served) -> None:
    client = served_local.client()
    data = b64encode(people(200_000).encode()).decode()
    answers: list[dict[str, Any]] = []

    def create() -> None:
        answers.append(client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": data}))

    with meanwhile(create):
        for _ in range(600):
            found = client.get("/v1/imports?status=processing")["data"]
            if found:
                assert client.post(f"/v1/imports/{found[0]['id']}/cancel")["state"] == "cancelled"
                break
            time.sleep(0.05)
    assert (answers[0]["status"], answers[0]["state"]) == ("failed", "cancelled")
    assert served_local.ended_run(answers[0]["id"]).status is dg.DagsterRunStatus.CANCELED
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
    again = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": [{"email": "a@b.de"}]})
    assert again["created_count"] == 1, "its worker goes on with the next one"


def test_it_is_too_late_to_cancel_what_is_written(served_local: Served) -> None:
    client = served_local.client()
    import_id = begin_async(client, people(3))
    for phase in list(Phase)[:6]:
        running.run_phase_of(served_local.home, import_id, phase)
    late = client.call("POST", f"/v1/imports/{import_id}/cancel")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "wrong_state")
    assert "undo it" in late.json()["error"]["message"].lower()
    running.run_phase_of(served_local.home, import_id, Phase.CLEANUP)
    assert client.get(f"/v1/imports/{import_id}")["status"] == "completed"


def test_what_was_cancelled_is_resumed_over_http_and_what_is_done_is_not(served_local: Served) -> None:
    client = served_local.client()
    import_id = begin_async(client, people(3))
    client.post(f"/v1/imports/{import_id}/cancel")
    assert client.post(f"/v1/imports/{import_id}/resume")["state"] == "queued"
    served_local.run_queued(import_id)
    assert client.get(f"/v1/imports/{import_id}")["created_count"] == 3
    again = client.call("POST", f"/v1/imports/{import_id}/resume")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_state")
    assert "is completed and cannot be resumed" in again.json()["error"]["message"]


def test_the_call_that_a_reason_names_imports_what_another_import_had_written_before(served_local: Served) -> None:
    client, home = served_local.client(), served_local.home
    for key, text in (("a", people(2)), ("b", people(3)), ("c", people(2))):
        obj = home.bucket.write_text(f"uploads/{client.organization}/contact/{key}.csv", text)
        spec = ImportSpec(record_type="contact", organization=client.organization)
        import_id = creating.create_from_object(home, obj, spec, Source.BUCKET, status=Status.QUEUED).id
        served_local.run_queued(import_id)
    found = client.get(f"/v1/imports/{import_id}")
    assert found["state"] == "needs_review"
    call = f"/v1/imports/{import_id}/confirm"
    assert f"POST {call}" in found["reason"]
    assert "import-pipeline" not in found["reason"]
    assert client.post(call, {})["state"] == "queued"
    served_local.run_queued(import_id)
    assert client.get(f"/v1/imports/{import_id}")["unchanged_count"] == 2


def test_an_import_that_waits_because_of_failed_rows_goes_on_over_http(served_local: Served) -> None:
    client, home = served_local.client(), served_local.home
    key = f"uploads/{client.organization}/contact/bad.csv"
    obj = home.bucket.write_text(key, people(2) + "no address,Zed,Lee,,\n")
    spec = ImportSpec(record_type="contact", organization=client.organization, max_failed_rows=0)
    import_id = creating.create_from_object(home, obj, spec, Source.API, status=Status.QUEUED).id
    served_local.run_queued(import_id)
    assert client.get(f"/v1/imports/{import_id}")["state"] == "needs_review"
    assert client.post(f"/v1/imports/{import_id}/confirm", {})["state"] == "queued"
    served_local.run_queued(import_id)
    found = client.get(f"/v1/imports/{import_id}")
    assert (found["created_count"], found["failed_count"]) == (2, 1)


def test_the_terminal_resumes_what_it_cancelled(importing: Importing, terminal: Terminal) -> None:
    import_id = importing.begin(people(2), organization="acme")
    terminal.run("cancel", import_id)
    told = terminal.run("resume", import_id)
    assert (told.exit_code, "completed" in told.stdout) == (0, True), told.output
    assert terminal.run("resume", import_id).exit_code == 2


def test_the_terminal_cancels_too(importing: Importing, terminal: Terminal) -> None:
    record = request_upload(importing.home, ImportSpec(record_type="contact", organization="acme"))
    told = terminal.run("cancel", record.id)
    assert (told.exit_code, record.id in told.stdout) == (0, True)
    assert imports.get(importing.home.registry, record.id).status is Status.CANCELLED
    assert terminal.run("cancel", record.id).exit_code != 0


def defined_job() -> dg.JobDefinition:
    return build_definitions(Settings(), feeds=Feeds()).resolve_job_def(IMPORT_FILE)


def test_runs_that_wait_for_their_turn_are_cancelled_with_their_imports(settings: Settings) -> None:
    job = defined_job()
    server = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("import_pipeline"), "__repository__")
    with ImportRunner(settings) as runner:
        kept, gone = (
            request_upload(runner.home, ImportSpec(record_type="contact", organization="acme")).id for _ in range(2)
        )
        transitions.cancel(runner.home, [gone]).one()
        runs = {}
        for import_id in (kept, gone):
            runs[import_id] = runner.instance.create_run_for_job(
                job,
                tags={TAG_IMPORT: import_id},
                status=dg.DagsterRunStatus.QUEUED,
                remote_job_origin=RemoteJobOrigin(server, job.name),
                job_code_origin=reconstructable(defined_job).get_python_origin(),
            ).run_id
        assert cancel_queued_runs(runner.home, runner.instance) == [runs[gone]]
        assert run_status(runner, runs[gone]) is dg.DagsterRunStatus.CANCELED
        assert run_status(runner, runs[kept]) is dg.DagsterRunStatus.QUEUED


def test_a_run_that_is_cancelled_in_the_ui_cancels_its_import(served_local: Served) -> None:
    client = served_local.client()
    import_id = begin_async(client, people(400_000))
    instance = served_local.runner.instance

    def terminate() -> None:
        """Do what Dagster does: note that the run is to end, and interrupt its process."""
        until_processing(client, import_id)
        time.sleep(0.3)
        instance.report_run_canceling(run_of(served_local, import_id))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    with meanwhile(terminate):
        served_local.run_queued(import_id)
    found = client.get(f"/v1/imports/{import_id}")
    assert (found["state"], "interrupted" in found["reason"]) == ("cancelled", True)
    assert run_of(served_local, import_id).status is dg.DagsterRunStatus.CANCELED
    assert queries.record_count(served_local.home, "contact", client.organization) == 0
