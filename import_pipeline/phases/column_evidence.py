"""What the texts of a column say about how it is written, for each import of a batch by the cells of its own file.

What follows from it is decided in `column_formats.py`.
"""

from dataclasses import dataclass, replace

from import_pipeline.phases.cells import Cells
from import_pipeline.phases.work import Work
from import_pipeline.record_types.field_types import Convention, FieldType
from import_pipeline.sql import Parameters, literal


@dataclass(frozen=True)
class Evidence:
    """How the texts of a column can be read: how many different ones, and one of each kind.

    Attributes:
        only_first: Texts that only the first way reads.
        only_second: Texts that only the second way reads.
        second_by_convention: Of these, those of a form that is usual for the first way.
        conventional: Texts that both ways read, differently, in a form that is usual for the first way.
        open: Texts that both ways read, differently, in any other form.
        examples: One of only the first way, of only the second, and of both.
    """

    only_first: int = 0
    only_second: int = 0
    second_by_convention: int = 0
    conventional: int = 0
    open: int = 0
    examples: tuple[str | None, str | None, str | None] = (None, None, None)


def evidence_of_each(
    work: Work, cells: Cells, field: str, kind: FieldType, conventions: tuple[Convention, ...]
) -> dict[str, Evidence]:
    """Import → the evidence in its file."""
    bind = Parameters()
    texts = _Texts(work, cells, cells.text(field, bind))
    unsaid = replace(cells.options, date_format=None, decimal=None)
    casts = [kind.cast("text", bind, unsaid.written(convention)) for convention in conventions]
    found = work.execute(
        f"""
        WITH texts AS (SELECT DISTINCT * FROM {texts.rows} WHERE NOT ({kind.reads_one_way("text")})),
        readings AS (
            SELECT *, {casts[0]} AS first, {casts[1]} AS second, {kind.is_conventional("text")} AS conventional
            FROM texts
        )
        SELECT
            {texts.import_id},
            count(*) FILTER (second IS NULL),
            count(*) FILTER (first IS NULL),
            count(*) FILTER (first IS NULL AND conventional),
            count(*) FILTER (first <> second AND conventional),
            count(*) FILTER (first <> second AND NOT conventional),
            min(text) FILTER (second IS NULL),
            min(text) FILTER (first IS NULL),
            coalesce(min(text) FILTER (first <> second AND NOT conventional), min(text) FILTER (first <> second))
        FROM readings
        WHERE first IS NOT NULL OR second IS NOT NULL
        {texts.grouped}
        """,
        bind,
    ).fetchall()
    none = dict.fromkeys(work.import_ids(), Evidence())
    return none | {one: Evidence(*counts[:5], examples=tuple(counts[5:])) for one, *counts in found}


def are_read(work: Work, cells: Cells, field: str, kind: FieldType) -> set[str]:
    """The imports in whose file the way that was said reads any cell of a column, or that have none with text.

    A way that would make a defect of every cell was said for other columns.
    """
    bind = Parameters()
    texts = _Texts(work, cells, cells.text(field, bind))
    value = kind.cast("text", bind, cells.options)
    found = work.execute(
        f"SELECT {texts.import_id}, bool_or({value} IS NOT NULL) FROM {texts.rows} {texts.grouped}", bind
    ).fetchall()
    return set(work.import_ids()) - {import_id for import_id, is_read in found if is_read is False}


def only_marks(work: Work, cells: Cells, field: str, kind: FieldType) -> dict[str, str]:
    """Import → a mark for yes, where its column holds nothing else."""
    bind = Parameters()
    texts = _Texts(work, cells, cells.text(field, bind))
    is_mark = f"list_contains({bind.bind(list(kind.marks()))}, lower(text))"
    found = work.execute(
        f"SELECT {texts.import_id}, bool_and({is_mark}), min(text) FROM {texts.rows} {texts.grouped}", bind
    ).fetchall()
    return {import_id: mark for import_id, are_marks, mark in found if are_marks}


class _Texts:
    """The texts of a column as SQL, each with its import where there are several.

    Args:
        work: The batch.
        cells: Its cells.
        text: SQL of the text of a row of these.

    Attributes:
        rows: Subquery of the texts, without NULL: `text`, and `import_id` where there are several imports.
        import_id: What is selected as the import of a group of them.
        grouped: How they are grouped by import; an import without texts has no group where there are several.
    """

    def __init__(self, work: Work, cells: Cells, text: str) -> None:
        several = work.several is not None
        of = f"{work.import_of(cells.row_number)} AS import_id, " if several else ""
        self.rows = f"(SELECT * FROM (SELECT {of}{text} AS text FROM {cells.table}) WHERE text IS NOT NULL)"
        self.import_id, self.grouped = ("import_id", "GROUP BY import_id") if several else (literal(work.import_id), "")
