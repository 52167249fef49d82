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

    from import_pipeline.phases.work import Work


def column_formats_of(
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
    from import_pipeline.phases.work import Work

    spec = ImportSpec(record_type=record_type, reading=options, column_mapping=dict(mapping))
    return writings_of(Work(connection, "preview", spec, record_types.get(record_type), settings), mapping)


def writings_of(work: "Work", mapping: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same of a file that is at work."""
    from import_pipeline.phases.cells import Cells
    from import_pipeline.phases.column_formats import find_column_formats

    if not mapping:
        return []
    note_mapping(work, mapping)
    return [one.as_dict() for one in find_column_formats(work, Cells.of(work))]


def note_mapping(work: "Work", mapping: Mapping[str, str]) -> None:
    """Note in the workspace which column is which field."""
    work.execute(
        "UPDATE source_columns SET field = MAP($columns::VARCHAR[], $fields::VARCHAR[])[name]",
        {"columns": list(mapping), "fields": list(mapping.values())},
    )


def whole_file(
    path: Path, mapping: Mapping[str, str], record_type: str, options: ReadOptions, settings: Settings
) -> dict[str, Any]:
    """What only the whole of a file on this machine tells: its total_rows, and the formats of its columns."""
    import duckdb

    from import_pipeline.intake import read_payload

    with TemporaryDirectory(prefix="inspect-") as folder, duckdb.connect(f"{folder}/whole.duckdb") as connection:
        connection.execute(WORKSPACE_TABLES)
        copy = Path(folder) / "payload"
        copy.symlink_to(path.resolve())
        reading = read_payload(connection, copy, options, settings)
        column_formats = column_formats_of(connection, mapping, record_type, options, settings)
        return {"total_rows": reading.total_rows, "column_formats": column_formats}
