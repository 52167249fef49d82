"""Small files and ways to run them, shared by the Dagster tests."""

from pathlib import Path
from typing import Any

import dagster as dg

from import_pipeline.definitions import build_definitions
from import_pipeline.orchestration.import_batch import IMPORT_BATCH
from import_pipeline.orchestration.jobs import IMPORT_FILE
from import_pipeline.orchestration.partitions import add_partitions, imports_partitions
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.run_config.feeds import Feeds
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import PARTITIONS, TAG_IMPORT, Source

HEADER = "external_id,first_name,last_name,email\n"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def people(*names: str, email: str = "{}@example.com") -> str:
    """A file of contacts, one for each name."""
    return HEADER + "".join(f"{name},{name.title()},Lee,{email.format(name)}\n" for name in names)


def contact_file(folder: Path, name: str, text: str) -> Path:
    """Write a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def registered(
    runner: ImportRunner, path: Path, organization: str, import_id: str | None = None, **spec: Any
) -> ImportRecord:
    """Register an import of a file."""
    asked = ImportSpec(record_type="contact", organization=organization, **spec)
    return creating.create_from_file(runner.home, path, asked, Source.TERMINAL, import_id=import_id)


def definitions_of(runner: ImportRunner, feeds: Feeds | None = None) -> dg.Definitions:
    """The definitions as Dagster has them for the runner's home."""
    return build_definitions(runner.settings, feeds or Feeds(), open_home=lambda: runner.home)


def launch(runner: ImportRunner, partition: str, config: dict[str, Any] | None = None) -> dg.ExecuteInProcessResult:
    """Run the job as the Launchpad would, here and now."""
    add_partitions(runner.instance, [partition])
    run_config = QUIET | ({"ops": {"prevalidation": {"config": config}}} if config else {})
    job = definitions_of(runner).resolve_job_def(IMPORT_FILE)
    return job.execute_in_process(
        instance=runner.instance, partition_key=partition, run_config=run_config, raise_on_error=False
    )


def launch_batch(runner: ImportRunner, import_ids: list[str]) -> dg.ExecuteInProcessResult:
    """Run the job of many small imports, as the sensor launches it, here and now."""
    add_partitions(runner.instance, import_ids)
    job = definitions_of(runner).resolve_job_def(IMPORT_BATCH)
    tags = {TAG_IMPORT: ",".join(import_ids)}
    return job.execute_in_process(instance=runner.instance, run_config=QUIET, tags=tags, raise_on_error=False)


def materializations(instance: dg.DagsterInstance, run_id: str) -> dict[tuple[str, str | None], dict[str, Any]]:
    """(asset, partition) → metadata of what a run materialized."""
    found = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        materialization = entry.asset_materialization
        assert materialization is not None
        values = {name: value.value for name, value in materialization.metadata.items()}
        found[materialization.asset_key.to_user_string(), materialization.partition] = values
    return found


def evaluations(runner: ImportRunner, run_id: str) -> dict[tuple[str, str | None], dg.AssetCheckEvaluation]:
    """(check, partition) → what it found in a run."""
    entries = runner.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [entry.get_dagster_event().asset_check_evaluation_data for entry in entries]
    return {(one.check_name, one.partition): one for one in found}


def statuses_of(runner: ImportRunner, asset: str, *import_ids: str) -> list[Any]:
    """What the partitions page shows of imports for a phase; None is missing."""
    keys = list(import_ids)
    found = runner.instance.get_status_by_partition(dg.AssetKey(asset), keys, imports_partitions) or {}
    return [found.get(key) for key in keys]


def failure_message(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says to a person."""
    events = [event for event in result.all_events if event.event_type is dg.DagsterEventType.STEP_FAILURE]
    data = events[0].step_failure_data
    causes = [data.user_failure_data.description if data.user_failure_data else "", str(data.error)]
    return "\n".join(cause for cause in causes if cause)


def put(runner: ImportRunner, key: str, text: str) -> None:
    """Put an object into the bucket."""
    path = runner.settings.local_bucket / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tick(runner: ImportRunner, sensor: str, cursor: str | None = None, feeds: Feeds | None = None) -> Any:
    """Let a sensor tick once, as the daemon does."""
    definitions = definitions_of(runner, feeds)
    with dg.build_sensor_context(
        instance=runner.instance, definitions=definitions, cursor=cursor, instance_ref=runner.instance.get_ref()
    ) as context:
        return definitions.resolve_sensor_def(sensor).evaluate_tick(context)


def imports_by_key(runner: ImportRunner) -> dict[str | None, Any]:
    """The imports of the home by the keys of their objects."""
    return {record.object_key: record for record in imports.list_imports(runner.home.registry, limit=100).items}


def waiting_run(
    runner: ImportRunner, import_id: str, status: dg.DagsterRunStatus, tags: dict[str, str] | None = None
) -> dg.DagsterRun:
    """A run of an import that has not ended."""
    runner.instance.add_dynamic_partitions(PARTITIONS, [import_id])
    job = definitions_of(runner).resolve_job_def(IMPORT_FILE)
    return runner.instance.create_run_for_job(
        job,
        status=status,
        tags={"dagster/partition": import_id, TAG_IMPORT: import_id, **(tags or {})},
        run_config=QUIET,
    )
