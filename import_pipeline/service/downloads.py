"""The files of an import that a caller can download: its payload, its errors, the outcome of every row; CSV and JSON.

What is stored as it is asked for is passed on (`stored_key`); the rest is made from it (`make_download`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import NotFoundError
from import_pipeline.phases.formulas import (
    GUARDED_COLUMN,
    as_it_was,
    harmless,
    harmless_text,
    is_formula,
    text_as_it_was,
)
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.batches import ERRORS_FILE, RESULTS_FILE
from import_pipeline.service.showing import opened_store
from import_pipeline.service.uploading import incoming_path, remove_incoming, scratch_reading
from import_pipeline.sql import literal, quote, quoted_list
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.records import store_table
from import_pipeline.stores.references import shown
from import_pipeline.stores.workspace import lock_down
from import_pipeline.words import RESULTS, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from import_pipeline.home import Home

UPLOAD_CSV = "upload.csv"
UPLOAD_JSON = "upload.json"
ERRORS_CSV = ERRORS_FILE
ERRORS_JSON = "errors.json"
RESULTS_CSV = RESULTS_FILE
RECORDS_JSON = "records.json"
"""The records that the rows became, as they are stored now; the other files are as the import left them."""
FILES = (UPLOAD_CSV, UPLOAD_JSON, ERRORS_CSV, ERRORS_JSON, RESULTS_CSV, RECORDS_JSON)
_MADE_OF = {ERRORS_JSON: ERRORS_CSV, RECORDS_JSON: RESULTS_CSV}
_DIALECT = "delim = ',', quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true"


def has_file(record: ImportRecord, file: str) -> bool:
    """Whether an import has one of `FILES`."""
    if file in (UPLOAD_CSV, UPLOAD_JSON):
        return record.has_upload_file
    if file in (ERRORS_CSV, ERRORS_JSON):
        return record.has_errors_file
    is_of_records = file in (RESULTS_CSV, RECORDS_JSON)
    return is_of_records and record.status is Status.COMPLETED and not record.spec.get("dry_run")


def stored_key(record: ImportRecord, file: str) -> str | None:
    """The object that is the file, letter by letter; None where the file has to be made."""
    if file in (ERRORS_CSV, RESULTS_CSV):
        return f"{RESULTS}/{record.id}/{file}"
    reading = record.details.get("reading", {})
    if (file, reading.get("format")) in ((UPLOAD_CSV, "csv"), (UPLOAD_JSON, "json")):
        return record.object_key
    return None


def make_download(home: "Home", import_id: str, file: str, to: Path) -> None:
    """Make a file of an import.

    Args:
        home: The home.
        import_id: The import.
        file: One of `FILES`.
        to: Where it is written.

    Raises:
        NotFoundError: The import has no such file.
        PayloadError: The payload cannot be read.
    """
    record = imports.get(home.registry, import_id)
    if not has_file(record, file) or record.object_key is None:
        raise NotFoundError("file", file)
    key = f"{RESULTS}/{import_id}/{_MADE_OF[file]}" if file in _MADE_OF else record.object_key
    original = incoming_path(home)
    try:
        home.bucket.download(home.bucket.stat(key), original, home.settings.max_file_bytes)
        if file == ERRORS_JSON:
            _write_errors_json(home, original, to)
            return
        if file == RECORDS_JSON:
            _write_records_json(home, record, original, to)
            return
        options = ImportSpec.model_validate(record.spec).reading
        with scratch_reading(home, original, options, [to]) as (connection, _):
            columns = connection.execute("SELECT column_name, name FROM source_columns ORDER BY position").fetchall()
            if file == UPLOAD_JSON:
                cells = ", ".join(f"{quote(column_name)} AS {quote(name)}" for column_name, name in columns)
                form = "FORMAT json, ARRAY true"
            else:
                cells, form = _harmless_cells(connection, columns), "FORMAT csv, HEADER true"
            connection.execute(f"COPY (SELECT {cells} FROM source_text) TO {literal(str(to))} ({form})")
    finally:
        remove_incoming(original)


def _harmless_cells(connection: "duckdb.DuckDBPyConnection", columns: "Sequence[tuple[str, str]]") -> str:
    """The SELECT list of a payload that becomes CSV; a column more, if cells had to be made harmless, to know it by."""
    cells = [f"{harmless(quote(column_name))} AS {quote(harmless_text(name))}" for column_name, name in columns]
    count = " + ".join(f"coalesce({is_formula(quote(column_name))}, false)::INTEGER" for column_name, _ in columns)
    found = connection.execute(f"SELECT 1 FROM source_text WHERE {count} > 0 LIMIT 1").fetchone()
    if found or any(harmless_text(name) != name for _, name in columns):
        cells.append(f"{count} AS {quote(GUARDED_COLUMN)}")
    return ", ".join(cells)


def _write_errors_json(home: "Home", original: Path, to: Path) -> None:
    import duckdb

    with duckdb.connect(config={"memory_limit": home.settings.memory_limit}) as connection:
        lock_down(connection, [original, to])
        rows = f"read_csv({literal(str(original))}, header = true, all_varchar = true, {_DIALECT})"
        names = [name for (name,) in connection.execute(f"SELECT column_name FROM (DESCRIBE FROM {rows})").fetchall()]
        cells = ", ".join(f"{as_it_was(quote(name))} AS {quote(text_as_it_was(name))}" for name in names)
        connection.execute(f"COPY (SELECT {cells} FROM {rows}) TO {literal(str(to))} (FORMAT json, ARRAY true)")


def _write_records_json(home: "Home", record: ImportRecord, results: Path, to: Path) -> None:
    """Write each record that rows became once, at the place of its first row; those deleted since are not there."""
    record_type = record_type_of(ImportSpec.model_validate(record.spec))
    fields = quoted_list(record_type.field_names)
    with opened_store(home.settings, record_type, record.organization) as connection:
        if connection is None:
            to.write_text("[]", encoding="utf-8")
            return
        stored = f"""
            SELECT {fields}, place
            FROM {store_table(record_type.table)} AS stored
            JOIN (
                SELECT record_id, min(import_row_number::BIGINT) AS place
                FROM read_csv({literal(str(results))}, header = true, all_varchar = true, {_DIALECT})
                WHERE outcome IN ('created', 'updated', 'unchanged')
                GROUP BY record_id
            ) AS rows ON rows.record_id = stored.id
        """
        select = f"SELECT {fields} FROM ({shown(record_type, stored)}) ORDER BY place"
        connection.execute(f"COPY ({select}) TO {literal(str(to))} (FORMAT json, ARRAY true)")
