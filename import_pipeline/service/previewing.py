"""Files that are looked at before their import: in a scratch workspace that is thrown away, nothing is stored.

Here are the reading of a file as phase 1 reads it, and the preview of an upload.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import UploadMissingError
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.phases.formulas import ERROR_COLUMNS, is_errors_file
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.service import showing
from import_pipeline.service.column_formats import column_formats_of
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.stores import imports
from import_pipeline.stores.workspace import WORKSPACE_TABLES, lock_down

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home
    from import_pipeline.intake import Reading


@contextmanager
def scratch_reading(
    home: "Home", path: Path, options: ReadOptions, writable: Sequence[Path] = ()
) -> Iterator[tuple["duckdb.DuckDBPyConnection", "Reading"]]:
    """Read a file as phase 1 does, into a workspace that is thrown away.

    Args:
        home: The home.
        path: A path made by `incoming_path`.
        options: What is known of the file.
        writable: What else the connection may touch.

    Raises:
        PayloadError: The file cannot be read.
    """
    from import_pipeline.intake import read_payload

    with scratch_workspace(home, path, writable) as connection:
        yield connection, read_payload(connection, path, options, home.settings)


@contextmanager
def scratch_workspace(home: "Home", path: Path, writable: Sequence[Path] = ()) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A workspace that is thrown away, for a file on a path made by `incoming_path`."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": home.settings.memory_limit,
        "temp_directory": f"{path}.spill",
    }
    with duckdb.connect(f"{path}.duckdb", config=config) as connection:
        connection.execute(WORKSPACE_TABLES)
        lock_down(connection, [path, path.with_name(path.name + ".utf8"), *writable])
        yield connection


def preview_upload(home: "Home", import_id: str, sample: int = 10) -> dict[str, Any]:
    """What the uploaded file holds and how it would be read, with its number of rows; nothing is written.

    Returns:
        What `showing.preview_file` says.

    Raises:
        PayloadError: The file cannot be read.
    """
    record = imports.get(home.registry, import_id)
    if record.object_key is None or record.object_version is None:
        raise UploadMissingError(import_id)
    obj = StoredObject(record.object_key, record.size_bytes or 0, 0.0, record.object_version)
    path = incoming_path(home)
    try:
        home.bucket.download(obj, path, home.settings.max_file_bytes)
        options = ImportSpec.model_validate(record.spec).reading
        found = _without_added(showing.preview_file(home.settings, path, record.record_type, options, sample))
        with scratch_reading(home, path, options) as (connection, reading):
            mapping, named = found["suggested_mapping"], found["record_type"]
            return found | {
                "file_name": record.file_name,
                "total_rows": reading.total_rows,
                "column_formats": column_formats_of(connection, mapping, named, options, home.settings),
            }
    finally:
        remove_incoming(path)


def _without_added(found: dict[str, Any]) -> dict[str, Any]:
    """A preview without the columns that an errors file has on top of its own."""
    if not is_errors_file(found["columns"]):
        return found
    kept = [place for place, column in enumerate(found["columns"]) if column not in ERROR_COLUMNS]
    return found | {
        "columns": [found["columns"][place] for place in kept],
        "column_types": {name: kind for name, kind in found["column_types"].items() if name not in ERROR_COLUMNS},
        "sample_rows": [[row[place] for place in kept] for row in found["sample_rows"]],
        "suggested_mapping": {
            column: field for column, field in found["suggested_mapping"].items() if column not in ERROR_COLUMNS
        },
        "suggestions": [one for one in found["suggestions"] if one["column"] not in ERROR_COLUMNS],
    }
