"""Counts and first lines of a table for each import of a batch: of one import by the plainest statement there is."""

from collections import defaultdict
from typing import Any

from import_pipeline.phases.work import Work


def count_each(
    work: Work, table: str, *keys: str, where: str = "true", count: str = "count(*)"
) -> dict[str, list[tuple[Any, ...]]]:
    """Count the lines of a table for each import of the batch.

    Args:
        work: The batch.
        table: A table of the workspace with row numbers.
        keys: SQL of what the lines are grouped by.
        where: SQL condition on the lines.
        count: SQL of what is counted.

    Returns:
        Import id → its groups, each the keys and the number of lines.
    """
    named = ", ".join([*keys, count])
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    if work.several is None:
        groups = "GROUP BY ALL" if keys else ""
        found[work.import_id] = work.execute(f"SELECT {named} FROM {table} WHERE {where} {groups}").fetchall()
        return found
    select = f"SELECT {work.import_of('row_number')} AS of_import, {named} FROM {table} WHERE {where} GROUP BY ALL"
    for import_id, *values in work.execute(select).fetchall():
        found[import_id].append(tuple(values))
    return found


def count_rows(work: Work, table: str, where: str = "true", count: str = "count(*)") -> dict[str, int]:
    """How many lines a table has of each import of the batch."""
    found = count_each(work, table, where=where, count=count)
    return {import_id: sum(number for (number,) in found[import_id]) for import_id in work.import_ids()}


def first_lines(
    work: Work, table: str, columns: str, limit: int, *, order: str = "row_number", where: str = "true"
) -> dict[str, list[dict[str, Any]]]:
    """The first lines that a table has of each import of the batch, with row numbers as in its file.

    Args:
        work: The batch.
        table: A table of the workspace with row numbers.
        columns: SQL of the columns.
        limit: How many lines.
        order: By what they are ordered; for one import it may be empty.
        where: SQL condition on the lines.
    """
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    if work.several is None:
        ordered = f"ORDER BY {order}" if order else ""
        select = f"SELECT {columns} FROM {table} WHERE {where} {ordered} LIMIT {limit}"
        found[work.import_id] = work.dictionaries(select)
        return found
    ordered = order or "row_number"
    for line in work.dictionaries(
        f"""
        SELECT
            {work.import_of("row_number")} AS of_import,
            * REPLACE ({work.row_in_file("row_number")} AS row_number)
        FROM (SELECT {columns} FROM {table} WHERE {where})
        QUALIFY row_number() OVER (PARTITION BY of_import ORDER BY {ordered}) <= {limit}
        ORDER BY {ordered}
        """
    ):
        found[line.pop("of_import")].append(line)
    return found
