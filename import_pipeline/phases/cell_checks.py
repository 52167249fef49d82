"""What is wrong inside cells: texts that are no value of their field's type, and values that break the Pandera schema.

SQL finds the suspect rows in one pass; Pandera judges those and names the failures. A check that does not compile to SQL is
judged by Pandera over all rows, in chunks.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from import_pipeline.phases.cells import Cells, text_name
from import_pipeline.phases.work import Work
from import_pipeline.record_types.judge import judge, suspect_flags, uncompiled
from import_pipeline.sql import Parameters, quote, quoted_list
from import_pipeline.words import DefectLevel, InvalidData, Phase

if TYPE_CHECKING:
    import pandas

_CHUNK_VECTORS = 50  # of 2,048 rows each


def find_cell_defects(work: Work, cells: Cells) -> None:
    """Write a defect for every cell that is wrong."""
    fields = _make_suspects(work, cells)
    _report_cast_failures(work, cells)
    for frame in _chunks(work, f"SELECT row_number, {quoted_list(fields)} FROM suspects"):
        _report_judged(work, frame)
    rest = [field for field in uncompiled(work.record_type, fields) if field in fields]
    if rest:
        _judge_all_rows(work, cells, rest)
    work.execute("DROP TABLE suspects")


def _make_suspects(work: Work, cells: Cells) -> list[str]:
    """Make `suspects`: the rows in which any cell may be wrong, with texts, typed values and the casts that failed."""
    bind = Parameters()
    typed = cells.typed(bind)
    fields = [field.name for field in work.record_type.fields if field.name in typed]
    failures = list(cells.failures().values())
    flags = list(suspect_flags(work.record_type, fields, bind).values())
    texts = ", ".join(text_name(field) for field in cells.columns)
    values = "".join(f", {sql} AS {quote(field)}" for field, sql in typed.items())
    work.create(
        "suspects",
        f"""
        WITH cells AS ({cells.text(bind)}),
        typed AS (SELECT row_number, {texts}{values} FROM cells)
        SELECT * FROM typed WHERE {" OR ".join(failures + flags) or "false"}
        """,
        bind,
    )
    return fields


def _report_cast_failures(work: Work, cells: Cells) -> None:
    for field, failed in cells.failures().items():
        declared, column = work.record_type.field(field), cells.columns[field]
        work.execute(
            f"""
            INSERT INTO defects BY NAME
            SELECT row_number, $column AS "column", $field AS field, $phase AS phase, $code AS code,
                $message AS message, {text_name(field)} AS value, $level AS level
            FROM suspects
            WHERE {failed}
            """,
            {
                "column": column.column,
                "field": field,
                "phase": str(Phase.PREVALIDATION),
                "code": declared.type.code,
                "message": declared.type.message,
                "level": _level(work),
            },
        )


def _report_judged(work: Work, frame: "pandas.DataFrame") -> None:
    failures = judge(work.record_type, frame)
    if failures.empty:
        return
    work.connection.register("judged", failures)
    work.execute(
        """
        INSERT INTO defects BY NAME
        SELECT judged.row_number, source_columns.name AS "column", judged.field, $phase AS phase, judged.code,
            judged.message, CAST(judged.value AS VARCHAR) AS value, $level AS level
        FROM judged
        LEFT JOIN source_columns ON source_columns.field = judged.field
        """,
        {"phase": str(Phase.PREVALIDATION), "level": _level(work)},
    )
    work.connection.unregister("judged")


def _judge_all_rows(work: Work, cells: Cells, fields: Sequence[str]) -> None:
    bind = Parameters()
    typed = cells.typed(bind)
    values = ", ".join(f"{typed[field]} AS {quote(field)}" for field in fields)
    work.create("unjudged", f"SELECT row_number, {values} FROM ({cells.text(bind)})", bind)
    for frame in _chunks(work, "SELECT * FROM unjudged"):
        _report_judged(work, frame)
    work.execute("DROP TABLE unjudged")


def _chunks(work: Work, select: str) -> Iterator["pandas.DataFrame"]:
    """Give the rows of a table to Pandera in frames of bounded size."""
    cursor = work.connection.cursor()
    cursor.execute(select)
    while len(frame := cursor.fetch_df_chunk(_CHUNK_VECTORS)):
        yield frame
    cursor.close()


def _level(work: Work) -> str:
    return str(DefectLevel.WARNING if work.spec.invalid_data is InvalidData.NULL_CELLS else DefectLevel.ERROR)
