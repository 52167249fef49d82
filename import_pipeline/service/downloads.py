"""The files of an import that a caller can download: its payload, its errors, the outcome of every row; CSV and JSON.

A payload that is stored as it is asked for is passed on (`stored_key`); all else is made when it is asked for, errors
and results of what was published of the import (`make_download`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import NotFoundError
from import_pipeline.phases.formulas import ERROR_COLUMNS, GUARDED_COLUMN, harmless, harmless_text, is_formula
from import_pipeline.phases.results import ROWS_ORDER
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import published
from import_pipeline.service.errors_workbook import write_errors_workbook
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.previewing import scratch_reading
from import_pipeline.service.published import Results
from import_pipeline.service.result_files import again_where_replaced, unless_replaced
from import_pipeline.service.showing import opened_store
from import_pipeline.sql import literal, parquet, quote, quoted_list
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.records import store_table
from import_pipeline.stores.references import shown
from import_pipeline.words import DefectLevel, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from import_pipeline.home import Home

UPLOAD_CSV = "upload.csv"
UPLOAD_JSON = "upload.json"
ERRORS_CSV = "errors.csv"
ERRORS_JSON = "errors.json"
ERRORS_XLSX = "errors.xlsx"
RESULTS_CSV = "results.csv"
RECORDS_JSON = "records.json"
"""The records that the rows became, as they are stored now; the other files are as the import left them."""
FILES = (UPLOAD_CSV, UPLOAD_JSON, ERRORS_CSV, ERRORS_JSON, ERRORS_XLSX, RESULTS_CSV, RECORDS_JSON)
_JSON = "FORMAT json, ARRAY true"
_CSV = "FORMAT csv, HEADER true"


def has_file(record: ImportRecord, file: str) -> bool:
    """Whether an import has one of `FILES`."""
    if file in (UPLOAD_CSV, UPLOAD_JSON):
        return record.has_upload_file
    if file in (ERRORS_CSV, ERRORS_JSON, ERRORS_XLSX):
        return record.has_errors_file
    is_of_records = file in (RESULTS_CSV, RECORDS_JSON)
    return is_of_records and record.status is Status.COMPLETED and not record.spec.get("dry_run")


def stored_key(record: ImportRecord, file: str) -> str | None:
    """The object that is the file, letter by letter; None where the file has to be made."""
    reading = record.details.get("reading", {})
    if (file, reading.get("format")) in ((UPLOAD_CSV, "csv"), (UPLOAD_JSON, "json")):
        return record.object_key
    return None


@again_where_replaced
def make_download(home: "Home", import_id: str, file: str, to: Path) -> None:
    """Make a file of an import.

    Args:
        home: The home.
        import_id: The import.
        file: One of `FILES`.
        to: Where it is written.

    Raises:
        NotFoundError: The import has no such file.
        ResultsMissingError: What was published of it is no longer there.
        PayloadError: The payload cannot be read.
    """
    record = imports.get(home.registry, import_id)
    if not has_file(record, file):
        raise NotFoundError("file", file)
    if file in (UPLOAD_CSV, UPLOAD_JSON):
        _write_upload(home, record, file, to)
        return
    if file == RECORDS_JSON:
        _write_records_json(home, record, to)
        return
    with published.opened(home, record, [to]) as results:
        if results is None:
            raise NotFoundError("file", file)
        if file == ERRORS_CSV:
            # All cells are quoted, so that apostrophes at their beginnings are not taken for quotes on the way back.
            results.write(_errors(results, made_harmless=True), to, f"{_CSV}, FORCE_QUOTE *")
        elif file == ERRORS_JSON:
            results.write(_errors(results, made_harmless=False), to, _JSON)
        elif file == ERRORS_XLSX:
            write_errors_workbook(results, to)
        else:
            results.write(_RESULTS, to, _CSV)


_RESULTS = f"""
    SELECT row_number AS import_row_number, outcome, record_id, reason
    FROM rows
    WHERE row_number IS NOT NULL AND outcome IS NOT NULL
    ORDER BY {ROWS_ORDER}
"""


def _errors(results: Results, *, made_harmless: bool) -> str:
    """SELECT of the failed rows: the columns of the file as they were, then row number, codes and messages.

    Args:
        results: The results of the import.
        made_harmless: Whether what a spreadsheet would take for a formula is made harmless, see `formulas`.
    """

    def cell(sql: str) -> str:
        return harmless(sql) if made_harmless else sql

    cells = "".join(
        f"{cell(f'cells[{place}]')} AS {quote(harmless_text(name) if made_harmless else name)}, "
        for place, (name, _) in enumerate(results.about.columns, start=1)
        if name not in ERROR_COLUMNS  # a mended errors file that failed again
    )
    row_number, codes, messages = (quote(name) for name in ERROR_COLUMNS)
    number = "rows.row_number" if made_harmless else "rows.row_number::VARCHAR"
    return f"""
        WITH reasons AS (
            SELECT row_number, string_agg(code, '; ' ORDER BY code, field) AS codes,
                string_agg(coalesce("column" || ': ', '') || message, '; ' ORDER BY code, field) AS messages
            FROM defects
            WHERE level = '{DefectLevel.ERROR}'
            GROUP BY row_number
        )
        SELECT {cells}{number} AS {row_number}, reasons.codes AS {codes},
            {cell("reasons.messages")} AS {messages}
        FROM rows
        LEFT JOIN reasons ON reasons.row_number = rows.row_number
        WHERE rows.outcome = '{Outcome.FAILED}'
        ORDER BY rows.row_number
    """


def _write_upload(home: "Home", record: ImportRecord, file: str, to: Path) -> None:
    if record.object_key is None:
        raise NotFoundError("file", file)
    original = incoming_path(home)
    try:
        home.bucket.download(home.bucket.stat(record.object_key), original, home.settings.max_file_bytes)
        options = ImportSpec.model_validate(record.spec).reading
        with scratch_reading(home, original, options, [to]) as (connection, _):
            columns = connection.execute("SELECT column_name, name FROM source_columns ORDER BY position").fetchall()
            if file == UPLOAD_JSON:
                cells = ", ".join(f"{quote(column_name)} AS {quote(name)}" for column_name, name in columns)
                form = _JSON
            else:
                cells, form = _harmless_cells(connection, columns), _CSV
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


def _write_records_json(home: "Home", record: ImportRecord, to: Path) -> None:
    """Write each record that rows became once, at the place of its first row; those deleted since are not there."""
    record_type = record_type_of(ImportSpec.model_validate(record.spec))
    fields = quoted_list(record_type.field_names)
    found = published.find(home, record)
    if found is None:
        to.write_text("[]", encoding="utf-8")
        return
    about, files = found
    rows = files.get("rows")
    with (
        opened_store(home.settings, record_type, record.organization) as connection,
        unless_replaced(home, about),
    ):
        if connection is None or rows is None:
            to.write_text("[]", encoding="utf-8")
            return
        stored = f"""
            SELECT {fields}, place
            FROM {store_table(record_type.table)} AS stored
            JOIN (
                SELECT record_id, min(row_number) AS place
                FROM {parquet(rows)}
                WHERE outcome IN ('created', 'updated', 'unchanged')
                GROUP BY record_id
            ) AS rows ON rows.record_id = stored.id
        """
        select = f"SELECT {fields} FROM ({shown(record_type, stored)}) ORDER BY place"
        connection.execute(f"COPY ({select}) TO {literal(str(to))} ({_JSON})")
