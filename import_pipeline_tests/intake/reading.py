"""A file that a test reads as phase 1 does: its rows, what was found out about it, and what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from import_pipeline.intake import Reading, preview, read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

ReadWorkbook = Callable[..., tuple[list[tuple], Reading, dict[str, str]]]


def read_file(path: Path, content: bytes, **options: object) -> tuple[list[tuple], Reading, list[tuple]]:
    """Rows, reading and defects (row_number, column, code, message); a preview of the file shows the same rows."""
    path.write_bytes(content)
    asked = ReadOptions.model_validate(options)
    with duckdb.connect() as connection:
        connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
        connection.execute("SET enable_external_access = false")
        found = read_payload(connection, path, asked, Settings())
        rows = connection.execute("SELECT * EXCLUDE row_number FROM source_rows ORDER BY row_number").fetchall()
        defects = connection.execute('SELECT row_number, "column", code, message FROM defects ORDER BY ALL').fetchall()
    assert preview(path, asked, Settings()).sample_rows == list(map(list, rows[:10]))
    return rows, found, defects
