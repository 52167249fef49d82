"""The asset `record_snapshots` in Dagster."""

import time

import dagster as dg
import duckdb

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.orchestration.snapshots import RECORD_SNAPSHOTS
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating
from import_pipeline.words import Source
from import_pipeline_tests.orchestration.scenario import definitions_of, people


def materialize(runner: ImportRunner) -> dg.ExecuteInProcessResult:
    job = definitions_of(runner).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=runner.instance, asset_selection=[dg.AssetKey(RECORD_SNAPSHOTS)])


def taken(result: dg.ExecuteInProcessResult) -> object:
    """How many snapshots a run took, as its metadata says."""
    [event] = result.asset_materializations_for_node(RECORD_SNAPSHOTS)
    return event.metadata["snapshots"].value


def run(runner: ImportRunner, folder, name: str) -> None:
    path = folder / f"{name}.csv"
    path.write_text(people(name))
    record = creating.create_from_file(
        runner.home, path, ImportSpec(record_type="contact", organization=name), Source.TERMINAL
    )
    runner.execute(record.id)


def test_each_run_writes_the_tables_that_imports_changed_since_the_last_one(runner: ImportRunner, tmp_path) -> None:
    clock = runner.home.registry
    run(runner, tmp_path, "ann")
    clock.clock = lambda: time.time() + 100
    assert taken(materialize(runner)) == 1
    path = runner.settings.local_bucket / "snapshots/ann/contacts.parquet"
    assert duckdb.sql(f"SELECT first_name FROM '{path}'").fetchall() == [("Ann",)]
    assert taken(materialize(runner)) == 0
    clock.clock = lambda: time.time() + 200
    run(runner, tmp_path, "bob")
    assert taken(materialize(runner)) == 1
    path = runner.settings.local_bucket / "snapshots/bob/contacts.parquet"
    assert duckdb.sql(f"SELECT first_name FROM '{path}'").fetchall() == [("Bob",)]


def test_a_table_whose_import_ended_while_the_last_run_looked_is_written_by_the_next(runner: ImportRunner, tmp_path):
    clock, moment = runner.home.registry, int(time.time())
    clock.clock = lambda: moment + 1
    materialize(runner)
    clock.clock = lambda: moment  # noted in the second before, and seen by others after it
    run(runner, tmp_path, "ann")
    assert taken(materialize(runner)) == 1
