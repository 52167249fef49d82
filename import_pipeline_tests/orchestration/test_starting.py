"""Which queued imports are started, in which order, and in which runs."""

import dagster as dg

from import_pipeline.orchestration import starting
from import_pipeline.orchestration.import_batch import IMPORT_BATCH
from import_pipeline.orchestration.sensors import BUCKET_SENSOR, QUEUED_IMPORTS
from import_pipeline.orchestration.tags import PRIORITY
from import_pipeline.service import queries
from import_pipeline.stores import imports
from import_pipeline.words import PARTITIONS, TAG_IMPORT, TAG_ORGANIZATION, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.orchestration.scenario import (
    contact_file,
    failure_message,
    imports_by_key,
    launch_batch,
    materializations,
    people,
    put,
    registered,
    tick,
    waiting_run,
)


def test_many_small_files_are_imported_by_one_run(runner, monkeypatch):
    monkeypatch.setattr(starting, "FILES_PER_RUN", 25)
    names = [f"n{number:02}" for number in range(28)]
    for name in names:
        put(runner, f"uploads/acme/contact/{name}.csv", people(name))
    tick(runner, BUCKET_SENSOR)

    started = tick(runner, QUEUED_IMPORTS)

    assert [request.job_name for request in started.run_requests] == [IMPORT_BATCH] * 2
    [added] = started.dynamic_partitions_requests
    assert sorted(added.partition_keys) == sorted(record.id for record in imports_by_key(runner).values())
    runner.instance.add_dynamic_partitions(PARTITIONS, list(added.partition_keys))
    result = launch_batch(runner, started.run_requests[1].tags[TAG_IMPORT].split(","))
    assert result.success
    assert len(queries.records(runner.home, "contact", "acme")) == 3
    assert len({key for asset, key in materializations(runner.instance, result.run_id) if asset == "cleanup"}) == 3


def test_an_import_whose_run_is_about_to_start_is_not_started_twice(runner, tmp_path):
    record = registered(runner, contact_file(tmp_path, "a.csv", people("ann")), "acme")
    move(runner.home.registry, record.id, Status.QUEUED)
    waiting_run(runner, record.id, dg.DagsterRunStatus.NOT_STARTED)

    assert starting.next_runs(runner.home, runner.instance).runs == ()


def test_no_more_is_started_than_the_backlog_limit_allows(runner, tmp_path):
    for name in ("a", "b", "c"):
        record = registered(runner, contact_file(tmp_path, f"{name}.csv", people(name)), "acme")
        move(runner.home.registry, record.id, Status.QUEUED)
    tight = type(runner.home)(runner.settings.model_copy(update={"backlog_limit": 2}))

    assert len(starting.next_runs(tight, runner.instance).runs) == 2
    for number in range(2):
        waiting_run(runner, f"other{number}", dg.DagsterRunStatus.STARTED)
    found = starting.next_runs(tight, runner.instance)
    assert found.runs == ()
    assert "IMPORT_PIPELINE_BACKLOG_LIMIT" in found.reason


def test_organizations_take_turns_among_the_runs_that_wait_in_dagster_and_each_keeps_its_order(runner, tmp_path):
    def queue(organization: str, count: int) -> None:
        for number in range(count):
            path = contact_file(tmp_path, f"{organization}{number}.csv", people(f"{organization}{number}"))
            record = registered(runner, path, organization)
            move(runner.home.registry, record.id, Status.QUEUED)

    def start() -> None:
        for run in starting.next_runs(runner.home, runner.instance).runs:
            assert run.partition is not None
            waiting_run(runner, run.partition, dg.DagsterRunStatus.NOT_STARTED, run.tags)

    def turns() -> list[str]:
        waiting = list(reversed(runner.instance.get_runs()))  # the oldest first, as Dagster's queue has them
        waiting.sort(key=lambda run: -int(run.tags[PRIORITY]))
        return [run.tags[TAG_ORGANIZATION] for run in waiting]

    queue("greedy", 4)
    start()
    assert turns() == ["greedy"] * 4
    queue("modest", 2)
    queue("greedy", 1)
    start()
    assert turns() == ["greedy", "modest", "greedy", "modest", "greedy", "greedy", "greedy"]


def test_who_has_few_small_files_comes_with_the_first_run(runner, tmp_path, monkeypatch):
    monkeypatch.setattr(starting, "FILES_PER_RUN", 6)
    for organization, count in (("acme", 9), ("zeta", 2)):
        for number in range(count):
            path = contact_file(tmp_path, f"{organization}{number}.csv", people(f"{organization}{number}"))
            record = registered(runner, path, organization)
            move(runner.home.registry, record.id, Status.QUEUED)
    first, _ = starting.next_runs(runner.home, runner.instance).runs
    named = first.tags[TAG_IMPORT].split(",")
    assert [imports.get(runner.home.registry, one).organization for one in named] == ["zeta"] * 2 + ["acme"] * 4


def test_a_new_version_of_a_file_waits_until_the_former_one_is_imported(runner):
    key = "uploads/acme/contact/a.csv"
    put(runner, key, people("ann"))
    first = tick(runner, BUCKET_SENSOR)
    former = imports_by_key(runner)[key]
    put(runner, key, people("ann", "bob"))
    tick(runner, BUCKET_SENSOR, first.cursor)
    newer = imports.latest_of_object(runner.home.registry, key)
    assert newer is not None
    assert newer.supersedes == former.id

    assert [run.partition for run in starting.next_runs(runner.home, runner.instance).runs] == [former.id]
    runner.execute(former.id)
    assert [run.partition for run in starting.next_runs(runner.home, runner.instance).runs] == [newer.id]


def test_a_batch_with_an_id_that_nobody_registered_imports_the_others(runner, tmp_path):
    ids = [registered(runner, contact_file(tmp_path, f"{name}.csv", people(name)), "acme").id for name in ("a", "b")]

    result = launch_batch(runner, [ids[0], "nobodys", ids[1]])

    assert not result.success
    assert "nobodys" in failure_message(result)
    assert len(queries.records(runner.home, "contact", "acme")) == 2
