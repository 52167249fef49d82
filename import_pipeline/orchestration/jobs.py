"""The jobs that a person or a sensor launches: `import_file` runs imports, `register_import` makes one and queues it.

What they do is in the assets and in the service; here is how they are launched: executor, tags, what the UI says.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.errors import ImportPipelineError
from import_pipeline.orchestration import launchpad
from import_pipeline.orchestration.config import ImportConfig
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.tags import MAX_RUNTIME
from import_pipeline.service import transitions
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.settings import Settings

IMPORT_FILE = "import_file"
REGISTER_IMPORT = "register_import"
REGISTER_OP = "register"
FIRST_PHASE = Phase.PREVALIDATION.value


def _scaffold(op: str, **more: Any) -> dict[str, Any]:
    """What the Launchpad shows to be filled in: it changes nothing as long as it is left as it is."""
    defaults = ImportConfig()
    shown = ("file", "record_type", "organization", "auto_map", "dry_run", "confirm_deletions")
    return {"ops": {op: {"config": {name: getattr(defaults, name) for name in shown} | more}}}


def build_import_job(settings: "Settings") -> Any:
    """The job of the seven phases, in one process: an own process for each phase would cost seconds."""
    return dg.define_asset_job(
        IMPORT_FILE,
        selection=dg.AssetSelection.assets(*(phase.value for phase in Phase)),  # text would be parsed, by a slow import
        executor_def=dg.in_process_executor,
        tags={MAX_RUNTIME: str(settings.run_seconds)},
        config=_scaffold(FIRST_PHASE, confirm=False),
        description="Runs the seven phases of one import, or of each of a range of them. The Launchpad has the run "
        "config ready to be filled in.\n\n"
        "**A new file:** type a new partition key (letters, digits, `_` and `-`), and give `file` and `record_type`. "
        "**An import that exists:** choose its key and leave the config as it is. "
        "**An import that waits for a person:** choose its key and give the answer: `column_mapping` or `auto_map`, "
        "`reading: {date_format: …}`, `confirm_deletions: true`, or `confirm: true`, which accepts what it asks.\n\n"
        "Without a key to think of: launch `register_import`.",
    )


def build_register_job(open_home: OpenHome) -> dg.JobDefinition:
    """The job that registers an import from its run config; the sensor `queued_imports` then starts it."""

    @dg.op(name=REGISTER_OP, description="Registers the import that the run config describes, and queues it.")
    def register_op(context: dg.OpExecutionContext, config: ImportConfig) -> None:
        home = open_home()
        try:
            record = launchpad.register(home, config)
        except ImportPipelineError as error:
            raise dg.Failure(error.message, allow_retries=error.transient) from None
        transitions.start(home, [record.id]).one()
        context.add_output_metadata({"import": record.id, "file": config.file, "record_type": record.record_type})
        context.log.info(f"Import {record.id} is queued; the sensor queued_imports starts it.")

    @dg.job(
        name=REGISTER_IMPORT,
        config=_scaffold(REGISTER_OP),
        executor_def=dg.in_process_executor,
        description="Registers an import of the file that the run config names, and queues it: "
        "the sensor `queued_imports` starts it within seconds. Its id becomes a partition of the seven phases.",
    )
    def register_import() -> None:
        register_op()

    return register_import
