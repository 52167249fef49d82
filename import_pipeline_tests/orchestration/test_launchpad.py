"""What a person may type in the Launchpad, and what becomes of it."""

from typing import Any

import dagster as dg
import pytest

from import_pipeline.errors import MisuseError, SpecError
from import_pipeline.orchestration.config import ImportConfig, ReadingConfig
from import_pipeline.orchestration.jobs import IMPORT_FILE, REGISTER_IMPORT, REGISTER_OP
from import_pipeline.orchestration.launchpad import ensure_registered, find_file, register
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.service import queries
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.orchestration.scenario import (
    QUIET,
    contact_file,
    definitions_of,
    failure_message,
    launch,
    people,
    registered,
)

NOT_TYPED = {"mapping_direction", "import_again", "upload_mode", "created_by", "row_hooks", "schema_fields"}
"""Told from the headers; without meaning for a person's own import; of HTTP; known; of page 004's body (2)."""


def test_everything_that_a_spec_can_say_can_be_typed():
    assert set(ImportConfig.model_fields) == set(ImportSpec.model_fields) - NOT_TYPED | {"file", "confirm"}
    assert set(ReadingConfig.model_fields) == set(ReadOptions.model_fields)


@pytest.mark.parametrize("config", [ImportConfig, ReadingConfig])
def test_every_field_is_described(config):
    assert [name for name, field in config.model_fields.items() if not field.description] == []


def test_a_config_that_says_nothing_means_what_a_spec_means_that_says_nothing():
    spec = ImportConfig(file="x.csv", record_type="contact").to_spec("launchpad")

    assert spec == ImportSpec(record_type="contact", created_by="launchpad")


def test_the_folder_of_an_object_says_organization_and_record_type():
    spec = ImportConfig(file="uploads/acme/companies/x.csv").to_spec("launchpad")

    assert (spec.organization, spec.record_type) == ("acme", "company")
    with pytest.raises(SpecError, match="One of the two is meant"):
        ImportConfig(file="uploads/acme/companies/x.csv", record_type="contact").to_spec("launchpad")


def test_a_missing_record_type_is_named(shared_runner, files):
    path = contact_file(files, "no_type.csv", people("ann"))

    with pytest.raises(SpecError, match="'record_type' is missing"):
        register(shared_runner.home, ImportConfig(file=str(path)))


def test_files_outside_the_launch_folders_are_refused(shared_runner, files, tmp_path):
    outside = contact_file(tmp_path, "outside.csv", people("ann"))
    link = files / "link.csv"
    link.symlink_to(outside)

    for name in (str(outside), str(link), f"{files}/../{outside.name}", "/etc/passwd", "~/.ssh/id_rsa"):
        with pytest.raises(MisuseError, match="IMPORT_PIPELINE_LAUNCH_FOLDERS"):
            find_file(name, shared_runner.home)


def test_the_programs_own_files_are_refused_even_in_a_launch_folder(shared_runner):
    settings = shared_runner.settings
    home = shared_runner.home
    imports.count_by_status(home.registry)
    wide = type(home)(settings.model_copy(update={"launch_folders": (settings.home_path.parent,)}))

    with pytest.raises(MisuseError, match="files are read only below"):
        find_file(str(settings.home_path / "registry.sqlite"), wide)


def test_a_name_that_fits_an_object_and_a_file_is_refused_with_both_readings(shared_runner, files, monkeypatch):
    contact_file(files, "twice.csv", people("ann"))
    stored = shared_runner.home.bucket.upload(files / "twice.csv", "twice.csv")
    monkeypatch.chdir(files)

    with pytest.raises(MisuseError, match="an object of the bucket and a local file"):
        find_file("twice.csv", shared_runner.home)
    assert find_file("./twice.csv", shared_runner.home) == files / "twice.csv"
    monkeypatch.chdir(files.parent)
    assert find_file("twice.csv", shared_runner.home) == stored


def test_a_known_key_takes_an_empty_config_or_its_own_and_no_other(shared_runner, files):
    home = shared_runner.home
    contact_file(files, "mine.csv", people("ann"))
    mine = ImportConfig(file=str(files / "mine.csv"), record_type="contact", organization="known")
    ensure_registered(home, mine, "known-key")

    assert ensure_registered(home, ImportConfig(), "known-key").id == "known-key"
    assert ensure_registered(home, mine, "known-key").id == "known-key"
    other_file = ImportConfig(file=str(files / "other.csv"), record_type="contact", organization="known")
    other_wish = ImportConfig(file=mine.file, record_type="contact", organization="known", tags=["x"])
    for other in (other_file, other_wish, ImportConfig(dry_run=True)):
        with pytest.raises(MisuseError, match="registered already"):
            ensure_registered(home, other, "known-key")


def test_the_job_register_import_queues_an_import(shared_runner, files):
    path = contact_file(files, "queued.csv", people("ann"))
    config = {"file": str(path), "record_type": "contact", "organization": "by-job", "action": "overwrite"}
    job = definitions_of(shared_runner).resolve_job_def(REGISTER_IMPORT)

    result = job.execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), run_config=QUIET | {"ops": {REGISTER_OP: {"config": config}}}
    )

    assert result.success
    [record] = imports.list_imports(shared_runner.home.registry, "by-job").items
    assert (record.status, record.spec["action"], record.created_by) == (Status.QUEUED, "overwrite", "launchpad")


def test_register_import_refuses_with_the_remedy_alone(shared_runner):
    job = definitions_of(shared_runner).resolve_job_def(REGISTER_IMPORT)
    run_config = QUIET | {"ops": {REGISTER_OP: {"config": {"file": "nowhere.csv", "record_type": "contact"}}}}

    result = job.execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), run_config=run_config, raise_on_error=False
    )

    [failure] = [event for event in result.all_events if event.event_type is dg.DagsterEventType.STEP_FAILURE]
    data = failure.step_failure_data
    assert data.user_failure_data is not None
    assert data.error is not None
    told = data.user_failure_data.description or ""
    assert "Put the file there, or name its folder in IMPORT_PIPELINE_LAUNCH_FOLDERS" in told
    assert data.error.cause is None


@pytest.mark.parametrize("job", [IMPORT_FILE, REGISTER_IMPORT])
def test_the_launchpad_shows_what_is_to_be_filled_in_and_that_alone_changes_nothing(shared_runner, job):
    definition = definitions_of(shared_runner).resolve_job_def(job)

    of_a_partition: Any = definition.partitioned_config
    said = definition.run_config or of_a_partition.get_run_config_for_partition_key("some-import")
    [config] = [op["config"] for op in said["ops"].values()]

    assert {"file", "record_type", "organization"} <= set(config)
    assert ImportConfig(**config) == ImportConfig()


def test_a_waiting_import_is_answered_in_the_launchpad_and_goes_on(shared_runner, files):
    home = shared_runner.home
    path = contact_file(files, "asking.csv", "Who,Point of contact\nann,ann@example.com\n")
    record = registered(shared_runner, path, "answered")
    shared_runner.execute(record.id)

    empty = launch(shared_runner, record.id)
    assert not empty.success
    assert "asking.csv (contact of answered" in failure_message(empty)
    assert "Launch import_file for the partition" in failure_message(empty)
    wrong = launch(shared_runner, record.id, {"column_mapping": {"Who": "first_nam"}})
    assert "first_nam" in failure_message(wrong)
    assert imports.get(home.registry, record.id).status is Status.NEEDS_REVIEW

    mapping = {"Who": "first_name", "Point of contact": "email"}
    result = launch(shared_runner, record.id, {"column_mapping": mapping})

    assert result.success
    assert imports.get(home.registry, record.id).status is Status.COMPLETED
    assert [row["email"] for row in queries.records(home, "contact", "answered")] == ["ann@example.com"]


@pytest.mark.parametrize("answer", [{"confirm": True}, {"confirm_deletions": True}])
def test_deletions_are_confirmed_in_the_launchpad(shared_runner, files, answer):
    home, organization = shared_runner.home, f"confirmed-{next(iter(answer))}"
    many = contact_file(files, f"{organization}.csv", people(*(f"n{number}" for number in range(30))))
    shared_runner.execute(registered(shared_runner, many, organization).id)
    few = contact_file(files, f"{organization}-few.csv", people("n1"))
    record = registered(shared_runner, few, organization, action="overwrite")
    assert shared_runner.execute(record.id).record.status is Status.NEEDS_REVIEW

    assert launch(shared_runner, record.id, answer).success

    assert len(queries.records(home, "contact", organization)) == 1


def test_how_dates_are_written_is_answered_in_the_launchpad(shared_runner, files):
    text = "external_id,email,date_of_birth\n1,ann@example.com,03/04/1980\n2,bob@example.com,05/06/1981\n"
    record = registered(shared_runner, contact_file(files, "dates.csv", text), "dated")
    assert shared_runner.execute(record.id).record.status is Status.NEEDS_REVIEW

    assert launch(shared_runner, record.id, {"reading": {"date_format": "%d/%m/%Y"}}).success

    found = queries.records(shared_runner.home, "contact", "dated")
    assert sorted(str(row["date_of_birth"]) for row in found) == ["1980-04-03", "1981-06-05"]
