"""How the columns of a file are written, before its import starts: over the whole file, nothing stored."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from import_pipeline import record_types
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.stores.workspace import WORKSPACE_TABLES

if TYPE_CHECKING:
    import duckdb


def writings_of_columns(
    connection: "duckdb.DuckDBPyConnection",
    mapping: Mapping[str, str],
    record_type: str,
    options: ReadOptions,
    settings: Settings,
) -> list[dict[str, Any]]:
    """How the columns of a file that was read into a workspace are written, as an import with this mapping has it.

    Args:
        connection: The workspace.
        mapping: Column → field.
        record_type: What the rows are.
        options: What was told by hand.
        settings: The limits.
    """
    from import_pipeline.phases.cells import Cells
    from import_pipeline.phases.column_formats import find_column_formats
    from import_pipeline.phases.work import Work

    spec = ImportSpec(record_type=record_type, reading=options, column_mapping=dict(mapping))
    work = Work(connection, "preview", spec, record_types.get(record_type), settings)
    if not mapping:
        return []
    work.execute(
        "UPDATE source_columns SET field = MAP($columns::VARCHAR[], $fields::VARCHAR[])[name]",
        {"columns": list(mapping), "fields": list(mapping.values())},
    )
    return [writing.as_dict() for writing in find_column_formats(work, Cells.of(work))]


def column_formats_of_file(
    path: Path, mapping: Mapping[str, str], record_type: str, options: ReadOptions, settings: Settings
) -> list[dict[str, Any]]:
    """The same for a file on this machine. It is read whole only if a mapped column can be written in two ways."""
    if not any(_can_be_written_in_two_ways(record_type, field) for field in mapping.values()):
        return []
    import duckdb

    from import_pipeline.intake import read_payload

    with TemporaryDirectory(prefix="inspect-") as folder, duckdb.connect(f"{folder}/whole.duckdb") as connection:
        connection.execute(WORKSPACE_TABLES)
        copy = Path(folder) / "payload"
        copy.symlink_to(path.resolve())
        read_payload(connection, copy, options, settings)
        return writings_of_columns(connection, mapping, record_type, options, settings)


def _can_be_written_in_two_ways(record_type: str, field: str) -> bool:
    known = {one.name: one for one in record_types.get(record_type).fields}
    return field in known and bool(known[field].type.ways() or known[field].type.marks())
