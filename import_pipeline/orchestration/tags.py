"""The tags of runs: which imports a run takes, whose they are and how they stand, to filter the list of runs by.

What only programs read begins with `.dagster/`: the list does not show that.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.stores import imports
from import_pipeline.words import (
    PAYLOADS,
    TAG_FILE,
    TAG_IMPORT,
    TAG_ORGANIZATION,
    TAG_RECORD_TYPE,
    TAG_SOURCE,
    TAG_STATUS,
)

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.orchestration.told import Told
    from import_pipeline.stores.import_record import ImportRecord

MAX_RUNTIME = "dagster/max_runtime"
PRIORITY = "dagster/priority"
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PROCESS = ".dagster/import_pipeline/process"
"""The process of a run that no code server started."""
WORKER = ".dagster/import_pipeline/worker"
"""The process of any other run, from its first step on."""
_LONGEST = 200


def tags_of(record: "ImportRecord") -> dict[str, str]:
    """The tags of a run of one import."""
    found = {
        TAG_IMPORT: record.id,
        TAG_ORGANIZATION: record.organization,
        TAG_RECORD_TYPE: record.record_type,
        TAG_SOURCE: record.source.value,
        TAG_FILE: file_of(record)[-_LONGEST:],
    }
    return {name: value for name, value in found.items() if value}


def file_of(record: "ImportRecord") -> str:
    """The name by which people know the file: the object's key, or what a person's own file was called."""
    if record.object_key and not record.object_key.startswith(f"{PAYLOADS}/"):
        return record.object_key
    return record.file_name or ""


def title_of(record: "ImportRecord") -> str:
    """An import as a person knows it: its file, what is in it, whose it is, and its id."""
    return f"{file_of(record) or record.name or 'rows'} ({record.record_type} of {record.organization}, {record.id})"


def common_tags(records: Sequence["ImportRecord"]) -> dict[str, str]:
    """The tags of a run of several imports: their ids, and what they have in common."""
    all_tags = [tags_of(record) for record in records]
    common = {name: value for name, value in all_tags[0].items() if all(other.get(name) == value for other in all_tags)}
    files = list(dict.fromkeys(file_of(record) for record in records))
    named = ", ".join(files)
    if len(named) > _LONGEST:
        named = f"{len(files)} files, the first is {files[0]}"[:_LONGEST]
    return common | {TAG_IMPORT: ",".join(record.id for record in records), TAG_FILE: named}


def named_imports(run_tags: Mapping[str, str]) -> list[str]:
    """The imports that the tags of a run name, without asking for its partitions."""
    if TAG_IMPORT in run_tags:
        return run_tags[TAG_IMPORT].split(",")
    ends = [run_tags[name] for name in (PARTITION, RANGE_START, RANGE_END) if name in run_tags]
    return list(dict.fromkeys(ends))


def tag_run(context: dg.AssetExecutionContext, record: "ImportRecord") -> None:
    """Tag a run that a person launched by hand like those that a sensor launched."""
    missing = {name: value for name, value in tags_of(record).items() if name not in context.run.tags}
    if missing:
        context.instance.add_run_tags(context.run.run_id, missing)


def note_status(context: "Told", home: "Home", ids: Sequence[str]) -> None:
    """Tag a run with how its imports stand: `completed`, or `completed,needs_review` where there are several."""
    statuses = sorted({record.status.value for record in imports.read(home.registry, ids)})
    if statuses:
        context.instance.add_run_tags(context.run.run_id, {TAG_STATUS: ",".join(statuses)})
