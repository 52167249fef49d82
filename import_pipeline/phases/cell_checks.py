"""What is wrong inside cells: texts that are no value of their type, values that break the schema, forbidden repeats.

SQL finds the suspect rows set-based; Pandera judges those and names the failures. A check that does not compile to SQL
is judged by Pandera over all rows, in chunks.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from import_pipeline.phases.cells import Cells
from import_pipeline.phases.error_cells import is_error, report_error_cells
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.judge import judge, suspect_flags, suspects, uncompiled
from import_pipeline.record_types.record_type import Uniqueness
from import_pipeline.record_types.rules import control_characters
from import_pipeline.sql import Parameters, quote, quoted_list
from import_pipeline.words import DefectLevel, Phase

if TYPE_CHECKING:
    import pandas

REPEATED = "not_unique"
_CHUNK_VECTORS = 50  # of 2,048 rows each


def find_cell_defects(work: Work, cells: Cells) -> None:
    """Write a defect for every cell of `typed_rows` that is wrong."""
    _report_cast_failures(work, cells, report_error_cells(work, cells))
    present = set(work.columns_of("typed_rows"))
    fields = [field.name for field in work.record_type.fields if field.name in present]
    bind = Parameters()
    # Constants of value mappings may hold what no cell holds.
    kept = () if cells.signs.control or work.spec.value_mappings else control_characters.CHECKS
    flags = suspect_flags(work.record_type, fields, bind, kept)
    if flags:
        if work.create("suspects", suspects(work.record_type, fields, flags), bind):
            _judge(work, f"SELECT * FROM suspects WHERE {ALIVE}")
        work.execute("DROP TABLE suspects")
    rest = uncompiled(work.record_type, fields)
    if rest:
        between = not flags or set(rest) == set(fields)
        _judge(work, f"SELECT row_number, {quoted_list(rest)} FROM typed_rows WHERE {ALIVE}", between=between)
    _show_cells_as_written(work, cells)
    for uniqueness in work.record_type.unique:
        _find_repeats(work, uniqueness)


def _report_cast_failures(work: Work, cells: Cells, with_errors: frozenset[str]) -> None:
    """Look through the columns whose type does not take every text; what is told of an error of a spreadsheet is it."""
    for field in cells.fallible():
        bind = Parameters()
        failed, text = cells.failure(field, bind)
        if field in with_errors:
            failed = f"({failed}) AND NOT {is_error(text)}"
        declared = work.record_type.field(field)
        values = {
            "column": cells.columns[field].column,
            "field": field,
            "phase": str(Phase.PREVALIDATION),
            "code": declared.type.code,
            "level": str(DefectLevel.ERROR),
        }
        told = ", ".join(f"{bind.bind(value)} AS {quoted_list([name])}" for name, value in values.items())
        message = declared.type.message_for(text)
        work.execute(
            f"""
            INSERT INTO defects BY NAME
            SELECT {cells.row_number} AS row_number, {told}, {message} AS message, {text} AS value
            FROM {cells.table} WHERE {failed}
            """,
            bind,
        )


def _show_cells_as_written(work: Work, cells: Cells) -> None:
    """Of a value that is no text, such as a date, show the cell: people look for what stands in their file."""
    wrong = {field for (field,) in work.execute("SELECT DISTINCT field FROM defects").fetchall()}
    for field in wrong.intersection(cells.fallible()):
        bind = Parameters()
        texts = f"SELECT {cells.row_number} AS row_number, {cells.text(field, bind)} AS text FROM {cells.table}"
        work.execute(
            f"""
            UPDATE defects SET value = written.text
            FROM ({texts}) AS written
            WHERE defects.row_number = written.row_number AND defects.field = {bind.bind(field)}
                AND defects.phase = {bind.bind(str(Phase.PREVALIDATION))} AND written.text IS NOT NULL
            """,
            bind,
        )


def _judge(work: Work, select: str, *, between: bool = True) -> None:
    for frame in _chunks(work, select):
        failures = judge(work.record_type, frame, between=between)
        if failures.empty:
            continue
        work.connection.register("judged", failures)
        work.execute(
            """
            INSERT INTO defects BY NAME
            SELECT judged.row_number, source_columns.name AS "column", judged.field, $phase AS phase, judged.code,
                judged.message, CAST(judged.value AS VARCHAR) AS value, judged.level
            FROM judged
            LEFT JOIN source_columns ON source_columns.field = judged.field
            WHERE NOT EXISTS (  -- a text that is no value of its type is not missing as well
                SELECT 1 FROM defects
                WHERE defects.row_number = judged.row_number AND defects.field = judged.field
                    AND defects.level = 'error'
            )
            """,
            {"phase": str(Phase.PREVALIDATION)},
        )
        work.connection.unregister("judged")


def _chunks(work: Work, select: str) -> Iterator["pandas.DataFrame"]:
    """Give rows to Pandera in frames of bounded size."""
    cursor = work.second_connection()
    cursor.execute(select)
    while len(frame := cursor.fetch_df_chunk(_CHUNK_VECTORS)):
        yield frame
    cursor.close()


def _find_repeats(work: Work, uniqueness: Uniqueness) -> None:
    """Every row whose values of these fields another row has too; a row that lacks one repeats nothing."""
    bind = Parameters()
    keys = [_unique_form(work, name, ignore_case=uniqueness.ignore_case) for name in uniqueness.fields]
    names = " and ".join(uniqueness.fields)
    texts = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in uniqueness.fields)
    usual = f"Not the only row with this {names}: write another value, or leave all but one of these rows out."
    work.execute(
        f"""
        INSERT INTO defects BY NAME
        WITH repeats AS (
            SELECT row_number, array_to_string([{texts}], ', ') AS value,
                count(*) OVER (PARTITION BY {", ".join(keys)}) AS times
            FROM typed_rows
            WHERE {" AND ".join(f"{key} IS NOT NULL" for key in keys)} AND {ALIVE}
        )
        SELECT row_number, source_columns.name AS "column", {bind.bind(uniqueness.reported)} AS field,
            {bind.bind(str(Phase.PREVALIDATION))} AS phase, {bind.bind(REPEATED)} AS code,
            {bind.bind(uniqueness.message or usual)} AS message, value, {bind.bind(uniqueness.level)} AS level
        FROM repeats
        LEFT JOIN source_columns ON source_columns.field = {bind.bind(uniqueness.reported)}
        WHERE times > 1
        """,
        bind,
    )


def _unique_form(work: Work, name: str, *, ignore_case: bool) -> str:
    form = identity_sql(work.record_type.field(name), quote(name))
    return f"lower({form})" if ignore_case else form
