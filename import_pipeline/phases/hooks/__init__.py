"""Row hooks: code of the caller that every row goes through in phase 1, before its cells are judged.

A hook sees the texts of a row and gives texts back; these are cast and judged like those of the file. Rows leave the
database and come back in bounded batches, as JSON for JavaScript and as pandas frames for Python; only this package
lets rows pass through another language, and only where a spec names hooks.
"""

from import_pipeline.phases.cells import Cells
from import_pipeline.phases.hooks.javascript import check_row_hooks, run_row_hooks
from import_pipeline.phases.hooks.python_functions import run_python_hooks
from import_pipeline.phases.work import ALIVE, MappedColumn, Work
from import_pipeline.sql import Parameters, quote, quoted_list

__all__ = ["check_row_hooks", "has_hooks", "hooked_cells"]

HOOKED = "hooked"
PASSED = "hooked_rows"
"""What the rows that went through a hook became; made by the hooks' modules."""


def has_hooks(work: Work) -> bool:
    """Whether the rows of this import go through hooks."""
    return bool(work.spec.row_hooks or work.spec.python_hooks)


def hooked_cells(work: Work, cells: Cells, extra_sql: str, bind: Parameters) -> Cells:
    """Send the rows that are not blank through the hooks.

    Args:
        work: The import at work.
        cells: The cells as the file has them.
        extra_sql: SQL of the kept unmapped cells, with a comma in front, or nothing.
        bind: The values of `extra_sql`.

    Returns:
        The cells as the hooks left them, with the fields that they filled; messages and failures are defects.

    Raises:
        HookError: A hook ran out of time or memory, or is no hook.
    """
    fields = list(work.record_type.field_names)
    columns = list(dict.fromkeys([*cells.columns, *fields]))
    texts = ", ".join(
        f"{cells.text(name, bind) if name in cells.columns else 'NULL::VARCHAR'} AS {quote(name)}" for name in columns
    )
    select = f"SELECT {cells.row_number} AS row_number, {texts}{extra_sql} FROM {cells.table}"
    work.create(HOOKED, select, bind)
    passes = [run_row_hooks] if work.spec.row_hooks else []
    passes += [run_python_hooks] if work.spec.python_hooks else []
    for run in passes:
        shape = quoted_list(["row_number", *columns])
        work.create(PASSED, f"SELECT {shape} FROM {HOOKED} WHERE false")
        run(work, _mapped(work, cells, columns), HOOKED, PASSED)
        changed = ", ".join(f"passed.{quote(name)} AS {quote(name)}" for name in columns)
        work.create(
            HOOKED,
            f"""
            SELECT given.* EXCLUDE ({quoted_list(columns)}), {changed}
            FROM {HOOKED} AS given JOIN {PASSED} AS passed USING (row_number)
            UNION ALL BY NAME
            SELECT * FROM {HOOKED} WHERE row_number NOT IN (SELECT row_number FROM {PASSED})
            ORDER BY row_number
            """,
        )
    work.execute(f"DROP TABLE {PASSED}")
    filled = [name for name in columns if name in cells.columns or _has_text(work, name)]
    return _mapped(work, cells, filled)


def _mapped(work: Work, cells: Cells, fields: list[str]) -> Cells:
    """The cells of the hooked table, for these fields."""
    columns = {
        name: MappedColumn(name, cells.columns[name].column if name in cells.columns else None, name) for name in fields
    }
    return Cells.of_table(work, columns, HOOKED)


def _has_text(work: Work, field: str) -> bool:
    return bool(work.number(f"SELECT count({quote(field)}) FROM {HOOKED} WHERE {ALIVE}"))
