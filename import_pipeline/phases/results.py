"""The results of imports as Parquet: their rows with outcome, record and differences, and their defects.

Read from the workspace alone, wherever the import stands. Before there is a plan, the rows are those that have errors,
without an outcome. Where the files go, and how they are read, is the service's affair.
"""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from import_pipeline.intake.structural_defects import LEFT_OUT
from import_pipeline.phases.corrections import UNCORRECTED
from import_pipeline.phases.differences import planned_rows
from import_pipeline.phases.records_file import SET_ASIDE
from import_pipeline.phases.slices import ALL_ROWS, Slice, slices
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, parquet, quote
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import DefectLevel

DEFECTS = 'row_number, "column", field, phase, code, level, message, value'
DEFECTS_ORDER = "row_number NULLS FIRST, field, code"
ROWS_ORDER = "row_number NULLS LAST, record_id"
_FORM = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 30720, DICTIONARY_SIZE_LIMIT 1000"
"""A higher level saves 1 %; larger dictionaries take a third of the time, and save nothing."""
_AT_ONCE = 4
"""So many slices one statement joins one after the other; of more it prepares too much at the same time."""
_FAILING = f"SELECT row_number FROM defects WHERE level = '{DefectLevel.ERROR}' AND row_number IS NOT NULL"


_NO_SOURCE = "FROM range(0) AS source_text (rowid)"
ROWS_FILE, DEFECTS_FILE = "rows", "defects"
_CELLS = "STRUCT(place INTEGER, text VARCHAR)[]"


@dataclass(frozen=True)
class Column:
    """A column of a file, at its place.

    Attributes:
        name: What it is called there.
        cell: What it is called in `source_text`.
        correctable: Whether a person may correct its cells: not where it was set aside.
    """

    name: str
    cell: str
    correctable: bool


@dataclass(frozen=True)
class Written:
    """The files of one import; None where there is nothing to be written."""

    import_id: str
    rows: Path | None
    defects: Path | None
    total_rows: int


def columns_of_file(work: Work) -> list[Column]:
    """The columns of the file in their order, without those that this program added to a file it gave out."""
    if not has_table(work.connection, "source_columns"):
        return []
    read = "SELECT position, name, column_name, true AS correctable FROM source_columns"
    if has_table(work.connection, SET_ASIDE):
        read += f" UNION ALL SELECT position, name, column_name, false FROM {SET_ASIDE}"
    found = work.execute(f"SELECT name, column_name, correctable FROM ({read}) ORDER BY position").fetchall()
    return [Column(*column) for column in found]


def write_results(work: Work, folder: Path, columns: list[Column]) -> list[Written]:
    """Write the results of the imports that are in the workspace.

    Args:
        work: The batch at work.
        folder: A new folder in that of the workspaces.
        columns: Those of the file.

    Returns:
        What was written for each of them.
    """
    rows, defects = folder / ROWS_FILE, folder / DEFECTS_FILE
    of_defects = f"SELECT {DEFECTS} FROM defects ORDER BY {DEFECTS_ORDER}"
    if work.several is None:
        has_rows, has_defects = _copy_slices(work, columns, rows), _copy(work, of_defects, defects)
        total = work.total_rows() if columns else 0
        return [Written(work.import_id, rows if has_rows else None, defects if has_defects else None, total)]
    selects = ((rows, _rows(work, columns, ALL_ROWS)), (defects, of_defects))
    parts = {path: _write_parts(work, _of_imports(work, select), path) for path, select in selects}
    return [
        Written(import_id, parts[rows].get(import_id), parts[defects].get(import_id), total)
        for import_id, total in work.total_rows_each().items()
    ]


def _copy_slices(work: Work, columns: list[Column], path: Path) -> int:
    """Write the lines of all rows, joined slice by slice, into one file; gives how many they are."""
    parts = slices(work) if _is_planned(work) and not has_table(work.connection, "touched") else [ALL_ROWS]
    # Lines come nearly in their order, which is enough to find rows by number; sorting them costs a third more.
    selects = [f"({_rows(work, columns, part)})" for part in parts]
    together = [" UNION ALL ".join(selects[at : at + _AT_ONCE]) for at in range(0, len(selects), _AT_ONCE)]
    if len(together) == 1:
        return _copy(work, together[0], path)
    files = [path.with_suffix(f".{place}") for place in range(len(together))]
    for select, file in zip(together, files, strict=True):
        _copy(work, select, file)
    written = _copy(work, f"FROM {parquet(*files)}", path)
    for file in files:
        file.unlink()
    return written


def _copy(work: Work, select: str, path: Path) -> int:
    return work.number(f"COPY ({select}) TO {literal(str(path))} ({_FORM})")


def _write_parts(work: Work, select: str, folder: Path) -> dict[str, Path]:
    """Write the lines of each import into a file of its own; for a few lines DuckDB takes twice as long."""
    import pyarrow.parquet

    folder.mkdir()
    lines = work.execute(select).to_arrow_table()
    of_imports = groupby(enumerate(lines.column(0).to_pylist()), key=itemgetter(1))
    lines = lines.drop_columns([lines.column_names[0]])
    written: dict[str, Path] = {}
    for import_id, group in of_imports:
        if import_id is None:  # of an import that left the batch
            continue
        places = [place for place, _ in group]
        written[import_id] = folder / str(len(written))
        pyarrow.parquet.write_table(
            lines.slice(places[0], len(places)),
            written[import_id],
            compression="zstd",
            use_dictionary=False,  # which is longer than a few lines
            store_schema=False,
        )
    return written


def _of_imports(work: Work, select: str) -> str:
    """SELECT of the same lines, those of one import together, its id in front and the row numbers as in its file."""
    return f"""
        SELECT
            {work.import_of("given.row_number")} AS import_id,
            given.* REPLACE ({work.row_in_file("given.row_number")} AS row_number)
        FROM ({select}) AS given
        ORDER BY given.row_number"""


def _is_planned(work: Work) -> bool:
    return has_table(work.connection, "plan") and any(
        has_table(work.connection, table) for table in ("overwritten", "touched")
    )


def _rows(work: Work, columns: list[Column], part: Slice) -> str:
    """SELECT of all lines that the import has, with the cells of those that failed or that a person left out.

    Only where it has a plan, there may be a part of its rows.
    """
    left_out = f"SELECT row_number FROM left_out WHERE reason = '{LEFT_OUT}'"
    if _is_planned(work):
        lines, failed = planned_rows(work, part), f"{_FAILING} UNION SELECT row_number FROM plan WHERE action = 'fail'"
    else:
        empty = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("record_id", "outcome"))
        lines = f"""
            SELECT DISTINCT row_number, {empty}, NULL::VARCHAR AS reason FROM ({_FAILING})
            UNION ALL SELECT DISTINCT row_number, {empty}, '{LEFT_OUT}' FROM ({left_out})"""
        failed = _FAILING
    cells = ", ".join(quote(column.cell) for column in columns)
    shown = f"SELECT rowid + 1 AS row_number, [{cells}]::VARCHAR[] AS cells"
    source = f"FROM source_text WHERE rowid + 1 IN ({failed} UNION {left_out}) AND {part.holds('rowid + 1')}"
    return f"""
        SELECT lines.*, source.cells, former.uncorrected
        FROM ({lines}) AS lines
        LEFT JOIN ({shown} {source if columns else _NO_SOURCE}) AS source ON source.row_number = lines.row_number
        LEFT JOIN ({_uncorrected(work, columns)}) AS former ON former.row_number = lines.row_number"""


def _uncorrected(work: Work, columns: list[Column]) -> str:
    """SELECT of what the file says where a person corrected it: of each row the places and texts of its cells."""
    places = ", ".join(literal(column.cell) for column in columns)
    if not columns or not has_table(work.connection, UNCORRECTED):
        return f"SELECT NULL::BIGINT AS row_number, NULL::{_CELLS} AS uncorrected WHERE false"
    return f"""
        SELECT row_number,
            list({{'place': list_position([{places}], column_name), 'text': text}})::{_CELLS} AS uncorrected
        FROM {UNCORRECTED}
        GROUP BY row_number"""
