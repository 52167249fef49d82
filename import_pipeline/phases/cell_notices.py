"""What an import tells of its cells: those left empty because they were bad or said so, and columns turned round.

Read from `typed_rows`, the warnings of phase 1, and `cell_changes` (see `cell_cleaning.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from import_pipeline.phases.cell_cleaning import CELL_CHANGES, NO_VALUE, TURNED_ROUND
from import_pipeline.phases.explicit import BAD_FIELDS
from import_pipeline.phases.report import Notice
from import_pipeline.phases.several_values import SEVERAL_VALUES, TEXT_LEFT_OUT
from import_pipeline.phases.work import Work
from import_pipeline.sql import quote
from import_pipeline.stores.workspace import has_table

BAD_CELLS = "bad_cells_left_empty"
_NAMED = 10


def cell_notices(work: Work, codes: Collection[str]) -> dict[str, list[Notice]]:
    """The notices about cells, of each import in the workspace; imports without any are left out.

    Args:
        work: The batch.
        codes: The codes that `defects` holds.
    """
    notices: defaultdict[str, list[Notice]] = defaultdict(list)
    is_changed = has_table(work.connection, CELL_CHANGES)
    for code, counts in (
        (BAD_CELLS, _bad(work)),
        (NO_VALUE, _changes(work, NO_VALUE, "changes.value") if is_changed else {}),
        (TURNED_ROUND, _changes(work, TURNED_ROUND, "changes.field") if is_changed else {}),
        (SEVERAL_VALUES, _warnings(work, SEVERAL_VALUES) if SEVERAL_VALUES in codes else {}),
        (TEXT_LEFT_OUT, _warnings(work, TEXT_LEFT_OUT) if TEXT_LEFT_OUT in codes else {}),
    ):
        for import_id, named in counts.items():
            count = sum(number for _, number in named)
            notices[import_id].append({"code": code, "count": count, "message": _sentence(work, code, count, named)})
    return dict(notices)


_Named = Sequence[tuple[str, int]]


def _bad(work: Work) -> dict[str, _Named]:
    if BAD_FIELDS not in work.columns_of("rows"):
        return {}
    return _by_import(
        work,
        f"""
        SELECT {work.import_of("given.row_number")} AS import_id, field, count(*)
        FROM (SELECT row_number, unnest({quote(BAD_FIELDS)}) AS field FROM typed_rows) AS given GROUP BY ALL
        """,
    )


def _changes(work: Work, code: str, what: str) -> dict[str, _Named]:
    return _by_import(
        work,
        f"""
        SELECT {work.import_of("changes.row_number")} AS import_id, {what}, count(*)
        FROM {CELL_CHANGES} AS changes WHERE code = $code GROUP BY ALL
        """,
        {"code": code},
    )


def _warnings(work: Work, code: str) -> dict[str, _Named]:
    return _by_import(
        work,
        f"""
        SELECT {work.import_of("defects.row_number")} AS import_id, "column", count(*)
        FROM defects WHERE code = $code GROUP BY ALL
        """,
        {"code": code},
    )


def _by_import(work: Work, select: str, parameters: dict[str, str] | None = None) -> dict[str, _Named]:
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for import_id, name, count in work.execute(f"{select} ORDER BY 3 DESC, 2", parameters).fetchall():
        if import_id is not None:
            found[import_id].append((name, count))
    return dict(found)


def _sentence(work: Work, code: str, count: int, named: _Named) -> str:
    several = count != 1
    listed = ", ".join(f"{name!r} ({number:,})" for name, number in named[:_NAMED])
    listed += f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    cells = f"{count:,} {'cells' if several else 'cell'}"
    if code == BAD_CELLS:
        return f"{cells} {'are' if several else 'is'} wrong and taken as empty, by field: {listed}."
    if code == NO_VALUE:
        say, are = ("say", "are") if several else ("says", "is")
        return f"{cells} {say} that there is no value and {are} empty: {listed}."
    if code == TURNED_ROUND:
        return " ".join(_of_turned_round(work, field, number) for field, number in named)
    if code == SEVERAL_VALUES:
        return f"{cells} {'hold' if several else 'holds'} several values, by column: {listed}."
    return (
        f"{cells} {'hold' if several else 'holds'} more than a value, and the rest was left out, by column: {listed}."
    )


def _of_turned_round(work: Work, field: str, count: int) -> str:
    column = work.mapped()[field].column
    values = f"{count:,} {'values' if count != 1 else 'value'}"
    return (
        f"Column {column!r} says the opposite of {field} and was turned round: a yes became "
        f"{work.record_type.field(field).refused!r}, a no is left empty ({values})."
    )
