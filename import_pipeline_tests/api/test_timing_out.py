"""An import that takes too long times out, and its run with it."""

import dagster as dg

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.phases.report import PhaseReport
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import queries
from import_pipeline.service.reconciling import GRACE_SECONDS, reconcile
from import_pipeline.service.uploading import request_upload
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status
from import_pipeline_tests.api.long_imports import people, run_status
from import_pipeline_tests.importing import Importing, slow_second_phase
from import_pipeline_tests.moving import move


def test_an_import_that_takes_too_long_times_out_by_itself(importing: Importing) -> None:
    import_id = importing.begin(people(3), organization="acme")
    with ImportRunner(importing.settings.model_copy(update={"run_seconds": 1}), slow_second_phase) as runner:
        run = runner.execute(import_id)
        assert run.record.status is Status.TIMED_OUT
        assert "longer than 1 seconds" in (run.record.reason or "")
        assert run_status(runner, run.run_id) is dg.DagsterRunStatus.FAILURE
        assert queries.record_count(runner.home, "contact", "acme") == 0


def test_an_import_of_a_process_that_is_gone_times_out_when_somebody_looks(importing: Importing) -> None:
    home = importing.home
    record = request_upload(home, ImportSpec(record_type="contact", organization="acme"))
    move(home.registry, record.id, Status.UPLOADED)
    move(home.registry, record.id, Status.PROCESSING)
    assert reconcile(home).done == {}
    over = home.settings.run_seconds + GRACE_SECONDS + 1
    home.registry.write(
        lambda connection: connection.exec_driver_sql(
            "UPDATE imports SET run_since = run_since - ? WHERE id = ?", (over, record.id)
        )
    )
    assert reconcile(home).done == {record.id: "time_out"}
    assert imports.get(home.registry, record.id).status is Status.TIMED_OUT


def test_a_run_whose_import_timed_out_between_two_phases_fails(importing: Importing) -> None:
    import_id = importing.begin(people(3), organization="acme")

    def time_out(phase: Phase, report: PhaseReport | None) -> None:
        if phase is Phase.PREPARSING and report is not None:
            move(importing.home.registry, import_id, Status.TIMED_OUT, reason="It took too long.")

    with ImportRunner(importing.settings, time_out) as runner:
        run = runner.execute(import_id)
        assert run.record.status is Status.TIMED_OUT
        assert run_status(runner, run.run_id) is dg.DagsterRunStatus.FAILURE
