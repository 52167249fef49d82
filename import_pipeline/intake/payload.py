"""`read_payload`, `read_rows` and `preview`: from a payload's file to rows of text, in the workspace or in memory.

The order of the work stands here; each step is a module of its own.
"""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import column_statistics, formats, header_names, tables
from import_pipeline.intake.column_types import type_of
from import_pipeline.intake.column_values import values_of_rows
from import_pipeline.intake.limits import cell_too_large, deadline, limited
from import_pipeline.intake.reading import Preview, Reading, RowsRead
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.words import RECORDS_FILE_COLUMNS

_TYPE_SAMPLE = 200
_LOOKED_THROUGH = 5_000_000  # bytes up to which a preview looks for tables below the first rows
MOST_CELLS = 1_000_000
"""So many cells are held in memory at most."""
_WIDE = 1_000  # columns from which on cells are measured before they reach the workspace, where it takes too long


def read_payload(
    connection: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, settings: Settings
) -> Reading:
    """Read a payload into `source_text`, `source_columns` and `defects`.

    Args:
        connection: The workspace; its allowed paths hold `path` and `<path>.utf8`.
        path: A file that the server named.
        options: What was told by hand; the rest is detected.
        settings: The limits.

    Returns:
        How the file was read, and how many rows.

    Raises:
        PayloadError: The file is empty, has a header only, or cannot be read.
        LimitExceededError: A limit was passed; nothing was read.
    """
    return read_table(connection, open_table(payload_at(path), options, settings), options, settings)


def payload_at(path: Path) -> Payload:
    """A file that the server named, with the place beside it for a copy that DuckDB can read."""
    return Payload(path, path.with_name(path.name + ".utf8"))


def read_table(
    connection: duckdb.DuckDBPyConnection, table: Table, options: ReadOptions, settings: Settings
) -> Reading:
    """Read a table that was opened; all else is as for `read_payload`."""
    tables.drop_tables(connection)
    _refuse_empty(table)
    with deadline(connection, settings.parse_seconds):
        loaded = table.load is not None and table.load(connection)
    table = settled(table, settings)
    if not loaded:
        tables.create_from_blocks(connection, table.width, _within(table, settings, cells=table.width > _WIDE))
    statistics = column_statistics.of_columns(connection, table.width)
    most = settings.max_cell_bytes
    largest = tables.longest_cell(connection, statistics, most) if loaded or table.width <= _WIDE else 0
    if largest > most:
        raise cell_too_large(largest, settings)
    rows = tables.count_rows(connection)
    _check_count(rows, options, settings)
    header = _written_names(table)
    repairs = _repairs(options, header)
    beyond_ascii = tables.columns_far_beyond_ascii(connection, statistics) if repairs else []
    if beyond_ascii or (repairs and not all(map(str.isascii, header))):
        from import_pipeline.intake import double_encoding

        header = double_encoding.repair(connection, header, beyond_ascii, table.findings)
    names = header_names.unique_names(header, table.width)
    tables.write_columns(connection, names)
    tables.append_defects(connection, table.findings.defects)
    return _reading_of(table, names, rows)


def read_rows(path: Path, options: ReadOptions, settings: Settings, most_rows: int) -> RowsRead | None:
    """Read a small payload into memory: for a short file, statements over a workspace cost more than its rows.

    Args:
        path: A file that the server named.
        options: What was told by hand; the rest is detected.
        settings: The limits.
        most_rows: How many rows it may have.

    Returns:
        The rows that `read_payload` would put into `source_text`; None where the file is larger, or its text may have
        to be repaired.

    Raises:
        PayloadError: The file is empty, has a header only, or cannot be read.
        LimitExceededError: A limit was passed.
    """
    table = settled(open_table(payload_at(path), options, settings), settings)
    _refuse_empty(table)
    rows: Rows = []
    for block in _within(table, settings, cells=True):
        rows += block
        if len(rows) > most_rows or len(rows) * table.width > MOST_CELLS:
            return None
    _check_count(len(rows), options, settings)
    header = _written_names(table)
    if _repairs(options, header) and _may_be_garbled(header, rows):
        return None
    names = header_names.unique_names(header, table.width)
    return RowsRead(_reading_of(table, names, len(rows)), rows, tuple(table.findings.defects))


def preview(path: Path, options: ReadOptions, settings: Settings, sample: int = 10) -> Preview:
    """Read the first rows of a payload; nothing is written beside it.

    Raises:
        PayloadError: The file is empty or cannot be read.
        LimitExceededError: A limit was passed.
    """
    with TemporaryDirectory(prefix="preview-") as folder:
        table = settled(open_table(Payload(path, Path(folder) / "copy"), options, settings), settings)
        _refuse_empty(table)
        blocks = table.rows()
        rows = list(itertools.islice(itertools.chain.from_iterable(blocks), max(sample, _TYPE_SAMPLE)))
        if path.stat().st_size <= _LOOKED_THROUGH:
            deque(blocks, maxlen=0)  # further tables may stand below the first rows
        blocks.close()
        found_tables = table.tables()
    header, findings = _written_names(table), table.findings
    if options.repair_text:
        from import_pipeline.intake import double_encoding

        header, rows = double_encoding.repaired_names(header), double_encoding.repaired_sample(rows, findings)
    names = header_names.unique_names(header, table.width)
    return Preview(
        replace(
            table.reading,
            columns=names,
            notes=tuple(findings.notes),
            lines_not_rows=findings.count_no_rows(),
            tables=found_tables,
        ),
        [[cell or None for cell in row[: table.width]] for row in rows[:sample]],
        [type_of([row[position] for row in rows]) for position in range(table.width)],
        values_of_rows(names, rows),
    )


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Find the format of a payload and the table in it, which may be empty; `settled` gives it with all columns.

    Raises:
        PayloadError: The payload cannot be read.
        LimitExceededError: A limit was passed.
    """
    path = payload.path
    if not path.is_file():
        raise PayloadError(f"{path.name!r} is not a file.", file=path.name)
    size = path.stat().st_size
    if size > settings.max_file_bytes:
        raise LimitExceededError("bytes", size, settings.max_file_bytes, "IMPORT_PIPELINE_MAX_FILE_BYTES")
    table = formats.open_table(payload, options, settings)
    if options.table is not None and options.table != table.reading.table:
        raise PayloadError(f"The file has one table, so there is no table {options.table}. Leave the choice out.")
    if options.sheet is not None and not table.reading.sheets:
        raise PayloadError(f"The file is no workbook, so it has no sheet {options.sheet!r}. Leave the choice out.")
    if options.member is not None and options.member != table.reading.member:
        raise PayloadError(f"The file is no archive, so it has no file {options.member!r} in it. Leave the choice out.")
    _check_columns(table, settings)
    return table


def settled(table: Table, settings: Settings) -> Table:
    """A table that was opened, with all of its columns.

    Raises:
        PayloadError: The payload cannot be read.
        LimitExceededError: It has too many columns, or too long names.
    """
    table = table.settled()
    _check_columns(table, settings)
    return table


def _check_columns(table: Table, settings: Settings) -> None:
    if table.width > settings.max_columns:
        raise LimitExceededError("columns", table.width, settings.max_columns, "IMPORT_PIPELINE_MAX_COLUMNS")
    longest = max(map(len, table.header or ("",)))
    if longest > settings.max_header_length:
        raise LimitExceededError(
            "a column name of characters", longest, settings.max_header_length, "IMPORT_PIPELINE_MAX_HEADER_LENGTH"
        )


def _reading_of(table: Table, names: tuple[str, ...], rows: int) -> Reading:
    return replace(
        table.reading,
        columns=names,
        total_rows=rows,
        notes=tuple(table.findings.notes),
        lines_not_rows=table.findings.count_no_rows(),
        tables=table.tables(),
    )


def _check_count(rows: int, options: ReadOptions, settings: Settings) -> None:
    if not rows:
        raise PayloadError("The file has a header but no data rows. Export it again with its rows.")
    if options.max_rows is not None and rows > options.max_rows:
        raise LimitExceededError("rows", rows, options.max_rows, "max_rows")
    if rows > settings.max_rows:
        raise LimitExceededError("rows", rows, settings.max_rows, "IMPORT_PIPELINE_MAX_ROWS")


def _repairs(options: ReadOptions, header: list[str]) -> bool:
    """Whether garbled text is to be repaired: what we gave out ourselves stands as it is."""
    return options.repair_text and not RECORDS_FILE_COLUMNS.issubset(header)


def _may_be_garbled(header: list[str], rows: Rows) -> bool:
    """Whether any text beyond ASCII looks as if it had been read in a wrong encoding."""
    texts = ["".join(row) for row in (header, *rows)]
    beyond_ascii = [text for text in texts if not text.isascii()]
    if not beyond_ascii:
        return False
    from import_pipeline.intake import double_encoding

    return any(map(double_encoding.may_be_garbled, beyond_ascii))


def _written_names(table: Table) -> list[str]:
    """The names in the header, one for each column; empty where it has none."""
    header = table.header or ()
    return [header[place] if place < len(header) else "" for place in range(table.width)]


def _refuse_empty(table: Table) -> None:
    if table.width == 0:
        raise PayloadError("The file is empty, or holds nothing but blank lines.")


def _within(table: Table, settings: Settings, *, cells: bool) -> Iterator[Rows]:
    """The table's blocks, each row with exactly its width, as long as the limits hold; `cells` as for `limited`."""
    for rows in limited(table.blocks(), settings, cells=cells):
        yield (
            rows
            if set(map(len, rows)) == {table.width}
            else [row if len(row) == table.width else row[: table.width] for row in rows]
        )
