"""The jobs that a person or a sensor launches: `import_file` runs imports, `register_import` makes one and queues it.

What they do is in the assets and in the service; here is how they are launched: executor, tags, what the UI says.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration import launchpad
from import_pipeline.orchestration.config import ImportConfig
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.tags import MAX_RUNTIME
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.settings import Settings

IMPORT_FILE = "import_file"
REGISTER_IMPORT = "register_import"
REGISTER_OP = "register"


def build_import_job(settings: "Settings") -> Any:
    """The job of the seven phases, in one process: an own process for each phase would cost seconds."""
    return dg.define_asset_job(
        IMPORT_FILE,
        selection=dg.AssetSelection.assets(*(phase.value for phase in Phase)),  # text would be parsed, by a slow import
        executor_def=dg.in_process_executor,
        tags={MAX_RUNTIME: str(settings.run_seconds)},
        description="Runs the seven phases of one import, or of a range of them.\n\n"
        "**A new file:** type a new partition key (letters, digits, `_` and `-`), and in the run config give "
        "`ops: {prevalidation: {config: {file: …, record_type: …}}}`. "
        "**An import that exists:** choose its key and leave the config empty.\n\n"
        "Without a key to think of: launch `register_import`.",
    )


def build_register_job(open_home: OpenHome) -> dg.JobDefinition:
    """The job that registers an import from its run config; the sensor `queued_imports` then starts it."""

    @dg.op(name=REGISTER_OP, description="Registers the import that the run config describes, and queues it.")
    def register_op(context: dg.OpExecutionContext, config: ImportConfig) -> None:
        home = open_home()
        record = launchpad.register(home, config)
        imports.move(home.registry, record.id, Status.QUEUED)
        context.add_output_metadata({"import": record.id, "file": config.file, "record_type": record.record_type})
        context.log.info(f"Import {record.id} is queued; the sensor queued_imports starts it.")

    @dg.job(
        name=REGISTER_IMPORT,
        executor_def=dg.in_process_executor,
        description="Registers an import of the file that the run config names, and queues it: "
        "the sensor `queued_imports` starts it within seconds. Its id becomes a partition of the seven phases.",
    )
    def register_import() -> None:
        register_op()

    return register_import
