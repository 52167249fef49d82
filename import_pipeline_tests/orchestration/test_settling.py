"""What nobody tells Dagster of, and its sensor notices all the same: uploads that came or never came."""

import time

import dagster as dg

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.sensors import ENDED_RUNS
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.incoming import incoming_path
from import_pipeline.service.uploading import request_upload, upload_key
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.orchestration.scenario import definitions_of


def tick(runner: ImportRunner) -> None:
    """Let the sensor look once."""
    definitions = definitions_of(runner)
    with dg.build_sensor_context(instance=runner.instance, definitions=definitions) as context:
        definitions.resolve_sensor_def(ENDED_RUNS)(context)


def test_an_upload_that_never_comes_expires_without_an_api(shared_runner: ImportRunner) -> None:
    home = shared_runner.home
    waits, over = (request_upload(home, ImportSpec(record_type="contact", organization="late")) for _ in range(2))
    imports.update(home.registry, over.id, upload_expires_at=int(time.time()) - 1)
    tick(shared_runner)
    assert imports.get(home.registry, over.id).status is Status.EXPIRED
    assert "not used in time" in (imports.get(home.registry, over.id).reason or "")
    assert imports.get(home.registry, waits.id).status is Status.REQUESTED


def test_a_file_that_was_put_into_the_bucket_directly_is_queued_without_an_api(shared_runner: ImportRunner) -> None:
    home = shared_runner.home
    asked = request_upload(home, ImportSpec(record_type="contact", organization="direct"))
    path = incoming_path(home)
    path.write_text("email\nanna@example.com\n")
    home.bucket.upload(path, upload_key(asked.id))
    tick(shared_runner)
    assert imports.get(home.registry, asked.id).status is Status.QUEUED
