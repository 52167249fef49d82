"""What a run of the seven phases leaves in the registry, in the record store and in Dagster."""

from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus as PartitionStatus

from import_pipeline.errors import NotFoundError
from import_pipeline.orchestration.records import report_undo
from import_pipeline.service import confirming, queries, undoing
from import_pipeline.stores import imports
from import_pipeline.words import (
    TAG_FILE,
    TAG_IMPORT,
    TAG_ORGANIZATION,
    TAG_RECORD_TYPE,
    TAG_SOURCE,
    TAG_STATUS,
    Phase,
    Status,
)
from import_pipeline_tests.orchestration.scenario import (
    HEADER,
    contact_file,
    evaluations,
    failure_message,
    launch,
    launch_batch,
    materializations,
    people,
    registered,
    statuses_of,
)

PHASES = [phase.value for phase in Phase]


def observed(runner, run_id: str) -> dict[str | None, Any]:
    """Import → what the page of its partition tells, where it did not get through."""
    entries = runner.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION)
    return {entry.asset_observation.partition: entry.asset_observation.metadata for entry in entries}


def test_a_file_becomes_records_and_every_phase_tells_what_it_did(shared_runner, files):
    record = registered(shared_runner, contact_file(files, "a.csv", people("ann", "bob")), "whole")

    run = shared_runner.execute(record.id)

    assert run.success
    assert run.record.status is Status.COMPLETED
    stored = queries.records(shared_runner.home, "contact", "whole")
    assert sorted(row["email"] for row in stored) == ["ann@example.com", "bob@example.com"]
    found = materializations(shared_runner.instance, run.run_id)
    assert set(found) == {(phase, record.id) for phase in PHASES} | {("contacts", None)}
    assert all(found[phase, record.id]["rows_in"] == 2 for phase in PHASES)
    assert found["cleanup", record.id]["created"] == 2
    assert found["cleanup", record.id]["outcomes"].startswith("![outcomes](data:image/svg+xml;base64,")
    table = found["contacts", None]
    assert (table["organization"], table["import"], table["dagster/row_count"]) == ("whole", record.id, 2)
    assert (table["changed_records"], table["created"], table["deleted"]) == (2, 2, 0)
    assert {"id", "email"} <= {column.name for column in table["dagster/column_schema"].columns}
    tags = shared_runner.instance.get_run_by_id(run.run_id).tags
    assert (tags[TAG_ORGANIZATION], tags[TAG_RECORD_TYPE], tags[TAG_SOURCE]) == ("whole", "contact", "terminal")


def test_columns_that_are_not_imported_are_named_with_their_values_in_the_metadata(shared_runner, files):
    path = contact_file(files, "hats.csv", "Email,Hat\nann@example.com,red\nbob@example.com,\n")
    record = registered(shared_runner, path, "hats")
    run = shared_runner.execute(record.id)
    told = materializations(shared_runner.instance, run.run_id)["cleanup", record.id]["columns_not_imported"]
    assert told.startswith("1 column was not imported: 'Hat' (1 value).")
    assert "keep_unmapped" in told


def test_bad_rows_make_a_check_warn_and_the_run_succeed(shared_runner, files):
    text = people("ann") + "bob,Bob,Lee,no-address\n"
    record = registered(shared_runner, contact_file(files, "b.csv", text), "warned")

    run = shared_runner.execute(record.id)

    assert run.success
    checks = {name: check for (name, _), check in evaluations(shared_runner, run.run_id).items()}
    assert not checks["schema"].passed
    assert checks["schema"].severity is dg.AssetCheckSeverity.WARN
    assert checks["schema"].metadata["found"].value == 1
    samples: Any = checks["schema"].metadata["samples"].value
    assert "row_number" in samples.records[0].data
    assert checks["rows_accounted_for"].passed
    assert run.record.failed_count == 1


def test_an_import_that_waits_for_a_person_skips_the_later_phases_and_goes_on_when_confirmed(shared_runner, files):
    path = contact_file(files, "c.csv", "Who,Point of contact\nann,ann@example.com\n")
    record = registered(shared_runner, path, "waiting")

    run = shared_runner.execute(record.id)

    assert not run.success
    assert run.record.status is Status.NEEDS_REVIEW
    assert materializations(shared_runner.instance, run.run_id) == {}
    assert statuses_of(shared_runner, "prevalidation", record.id) == [PartitionStatus.FAILED]
    check = evaluations(shared_runner, run.run_id)["decided", record.id]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert shared_runner.instance.get_run_by_id(run.run_id).tags[TAG_STATUS] == "needs_review"
    told = observed(shared_runner, run.run_id)[record.id]
    assert (told["file"].value, told["status"].value) == ("c.csv", "needs_review")
    assert "mapped" in told["reason"].value
    assert queries.records(shared_runner.home, "contact", "waiting") == []

    mapping = {"Who": "first_name", "Point of contact": "email"}
    confirming.confirm(shared_runner.home, record.id, column_mapping=mapping)
    again = shared_runner.execute(record.id)

    assert again.record.status is Status.COMPLETED
    assert statuses_of(shared_runner, "prevalidation", record.id) == [PartitionStatus.MATERIALIZED]
    assert shared_runner.instance.get_run_by_id(again.run_id).tags[TAG_STATUS] == "completed"
    assert [row["email"] for row in queries.records(shared_runner.home, "contact", "waiting")] == ["ann@example.com"]


def test_a_broken_file_fails_its_phase_with_the_reason(shared_runner, files):
    record = registered(shared_runner, contact_file(files, "d.csv", HEADER), "broken")

    result = launch(shared_runner, record.id)

    assert not result.success
    after = imports.get(shared_runner.home.registry, record.id)
    assert after.status is Status.FAILED
    assert after.reason
    assert after.reason in failure_message(result)
    told = observed(shared_runner, result.run_id)[record.id]
    assert (told["file"].value, told["status"].value) == ("d.csv", "failed")
    assert after.reason in told["reason"].value


def test_samples_show_the_rows_that_failed_and_the_list_of_runs_no_internal_tag(shared_runner, files):
    text = people("ann") + "bob,Bob,Lee,no-address\n"
    record = registered(shared_runner, contact_file(files, "samples.csv", text), "samples")
    run = shared_runner.execute(record.id)
    found = materializations(shared_runner.instance, run.run_id)
    [sample] = found["prevalidation", record.id]["rows_that_failed"].records
    assert (sample.data["row_number"], sample.data["value"]) == ("2", "aa-aaaaaaa")
    assert [phase for phase, _ in found if "rows_that_failed" in found[phase, _]] == ["prevalidation"]
    tags = shared_runner.instance.get_run_by_id(run.run_id).tags
    assert (tags[TAG_FILE], tags[TAG_IMPORT]) == ("samples.csv", record.id)
    shown = {name for name in tags if not name.startswith((".dagster/", "dagster/"))}
    assert shown == {TAG_FILE, TAG_IMPORT, TAG_ORGANIZATION, TAG_RECORD_TYPE, TAG_SOURCE, TAG_STATUS}


def test_an_undo_leaves_its_event_at_the_record_table(shared_runner, files):
    record = registered(shared_runner, contact_file(files, "undone.csv", people("ann", "bob")), "undone")
    shared_runner.execute(record.id)
    undone = undoing.undo(shared_runner.home, record.id)
    report_undo(shared_runner.instance, shared_runner.home, undone.id)
    event = shared_runner.instance.get_latest_materialization_event(dg.AssetKey("contacts"))
    told = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    assert (told["import"], told["undoes"], told["deleted"]) == (undone.id, record.id, 2)
    assert (told["organization"], told["dagster/row_count"]) == ("undone", 0)


def test_a_dry_run_ends_after_phase_five_with_what_would_happen(shared_runner, files):
    record = registered(shared_runner, contact_file(files, "e.csv", people("ann")), "dry", dry_run=True)

    run = shared_runner.execute(record.id)

    found = materializations(shared_runner.instance, run.run_id)
    assert {asset for asset, _ in found} == set(PHASES[:5])
    assert found["validation", record.id]["created"] == 1
    assert "predicted_outcomes" in found["validation", record.id]
    assert queries.records(shared_runner.home, "contact", "dry") == []


def test_in_a_batch_a_broken_import_does_not_stop_the_others(shared_runner, files):
    texts = {"one": people("ann"), "two": HEADER, "three": people("bob")}
    for import_id, text in texts.items():
        registered(shared_runner, contact_file(files, f"{import_id}.csv", text), "batched", import_id)

    result = launch_batch(shared_runner, list(texts))

    statuses = [imports.get(shared_runner.home.registry, import_id).status for import_id in texts]
    assert statuses == [Status.COMPLETED, Status.FAILED, Status.COMPLETED]
    assert not result.success
    assert "- two.csv (contact of batched, two): " in failure_message(result)
    assert "three" not in failure_message(result)
    found = materializations(shared_runner.instance, result.run_id)
    assert {(phase, key) for phase in PHASES for key in ("one", "three")} | {("contacts", None)} == set(found)
    assert found["contacts", None]["dagster/row_count"] == 2
    checks = evaluations(shared_runner, result.run_id)
    accounted = {key: check.passed for (name, key), check in checks.items() if name == "rows_accounted_for"}
    assert accounted == {"one": True, "three": True}


def test_dagster_shows_a_failed_import_of_a_batch_as_failed_where_it_failed(shared_runner, files):
    for import_id, text in {"good": people("ann"), "empty": HEADER}.items():
        registered(shared_runner, contact_file(files, f"{import_id}.csv", text), "shown", import_id)
    run = launch_batch(shared_runner, ["good", "empty"])
    planned = shared_runner.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    data = [entry.get_dagster_event().asset_materialization_planned_data for entry in planned]
    assert [(one.asset_key.to_user_string(), one.partition) for one in data] == [("prevalidation", "empty")]


def test_who_failed_or_waits_in_a_batch_is_seen_as_such_and_no_later_phase_is_green(shared_runner, files):
    texts = {"fine": people("ann"), "no-rows": HEADER, "asks": "Who,Point of contact\nann,ann@example.com\n"}
    for import_id, text in texts.items():
        registered(shared_runner, contact_file(files, f"{import_id}.csv", text), "seen", import_id)
    result = launch_batch(shared_runner, list(texts))
    done, failed, missing = PartitionStatus.MATERIALIZED, PartitionStatus.FAILED, None
    assert statuses_of(shared_runner, "prevalidation", *texts) == [done, failed, failed]
    assert statuses_of(shared_runner, "cleanup", *texts) == [done, missing, missing]
    message = failure_message(result)
    assert "1 failed and 1 wait for a person" in message
    assert "- asks.csv (contact of seen, asks): The columns have to be mapped" in message
    check = evaluations(shared_runner, result.run_id)["decided", "asks"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    told = observed(shared_runner, result.run_id)
    assert {key: told[key]["file"].value for key in told} == {"no-rows": "no-rows.csv", "asks": "asks.csv"}
    assert "no data rows" in told["no-rows"]["reason"].value
    assert "import-pipeline confirm asks" in told["asks"]["answer"].value
    tags = shared_runner.instance.get_run_by_id(result.run_id).tags
    assert tags[TAG_STATUS] == "completed,failed,needs_review"


def test_a_finished_import_that_is_launched_again_stays_as_it_is_with_its_checks(shared_runner, files):
    text = people("ann") + "bob,Bob,Lee,no-address\n"
    record = registered(shared_runner, contact_file(files, "f.csv", text), "again")
    first = evaluations(shared_runner, shared_runner.execute(record.id).run_id)

    result = launch(shared_runner, record.id)

    assert result.success
    assert materializations(shared_runner.instance, result.run_id) == {}
    done = PartitionStatus.MATERIALIZED
    assert [statuses_of(shared_runner, phase, record.id) for phase in PHASES] == [[done]] * len(PHASES)
    again = evaluations(shared_runner, result.run_id)
    assert {key: (one.passed, one.description) for key, one in again.items()} == {
        key: (one.passed, one.description) for key, one in first.items()
    }
    assert len(queries.records(shared_runner.home, "contact", "again")) == 1


def test_the_launchpad_registers_an_unknown_key_from_the_run_config(shared_runner, files):
    path = contact_file(files, "typed.csv", people("ann"))
    config = {"file": str(path), "record_type": "contact", "organization": "typed", "tags": ["new"]}

    result = launch(shared_runner, "typed-by-hand", config)

    assert result.success
    record = imports.get(shared_runner.home.registry, "typed-by-hand")
    assert (record.status, record.source.value, record.file_name) == (Status.COMPLETED, "launchpad", "typed.csv")
    assert [row["tags"] for row in queries.records(shared_runner.home, "contact", "typed")] == [["new"]]
    assert shared_runner.instance.get_run_by_id(result.run_id).tags[TAG_ORGANIZATION] == "typed"


@pytest.mark.parametrize("config", [None, {"record_type": "contact"}])
def test_an_unknown_key_without_a_file_is_refused_with_the_remedy(shared_runner, config):
    result = launch(shared_runner, "nobody-knows-me", config)

    assert not result.success
    assert "give `file` and `record_type`" in failure_message(result)
    assert imports.find(shared_runner.home.registry, "nobody-knows-me") is None


def test_an_unknown_import_cannot_be_executed_in_process(shared_runner):
    with pytest.raises(NotFoundError, match="no import 'not-there'"):
        shared_runner.execute("not-there")
