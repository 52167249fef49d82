"""What an import tells of columns that were taken as they stand, though they may mean something else.

Ids that all end in .0, as programs write whole numbers once a cell of their column is empty; cells that look like
lists, where nothing says what stands between their entries.
"""

from collections import defaultdict

from import_pipeline.phases.report import Notice
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.words import ID_FIELD

IDS_WITH_DECIMALS = "ids_with_decimals"
LISTS_NOT_SPLIT = "lists_not_split"
_DECIMAL = "[0-9]+[.]0"
_SIGNS = (",", ";", "|")
_LIST = r"[^\s;,|]\s*[;,|]\s*[^\s;,|]"
"""Two texts with a sign between them that sets entries apart."""
_SPLIT = r'\s*(?:"[^"]*"(?:\s*[,;|]\s*"[^"]*")*|[\[{].*)\s*'
"""What is split all the same: entries in quotes of their own, and JSON."""


def column_notices(work: Work) -> dict[str, list[Notice]]:
    """The notices about columns, of each import in the workspace; imports without any are left out."""
    if work.set_aside is not None:  # our own records come back as they are
        return {}
    notices: defaultdict[str, list[Notice]] = defaultdict(list)
    for field, column in work.mapped().items():
        if field == ID_FIELD or column.column is None:
            continue
        kind = work.record_type.field(field).type.name
        if kind == "identifier":
            for import_id, count in _with_decimals(work, column.column_name):
                message = _of_decimals(column.column, count)
                notices[import_id].append({"code": IDS_WITH_DECIMALS, "count": count, "message": message})
        elif kind in ("tags", "groups") and work.spec.tag_delimiter is None:
            for import_id, count, row in _not_split(work, column.column_name):
                message = _of_lists(column.column, field, count, row)
                notices[import_id].append({"code": LISTS_NOT_SPLIT, "count": count, "message": message})
    return dict(notices)


def _with_decimals(work: Work, column_name: str) -> list[tuple[str, int]]:
    """Import and number of ids, where all ids of a column end in .0."""
    cell = f"trim({quote(column_name)})"
    given = f"FROM source_text WHERE {cell} <> ''"
    first = work.execute(f"SELECT suffix({cell}, '.0') {given} LIMIT 1").fetchone()
    if work.several is None and first != (True,):  # all of them, or not even the first
        return []
    return work.execute(
        f"""
        SELECT {work.import_of("source.row_number")} AS import_id, count(*)
        FROM (SELECT rowid + 1 AS row_number, {cell} AS cell {given}) AS source
        WHERE {work.is_in_batch("source.row_number")}
        GROUP BY import_id
        HAVING bool_and(regexp_full_match(cell, {literal(_DECIMAL)}))
        """
    ).fetchall()


def _not_split(work: Work, column_name: str) -> list[tuple[str, int, int]]:
    """Import, number of cells that look like lists and were taken as one entry, and the row of the first of them."""
    has_sign = " OR ".join(f"contains(cell, {literal(sign)})" for sign in _SIGNS)  # far cheaper than a pattern
    return work.execute(
        f"""
        SELECT {work.import_of("source.row_number")} AS import_id, count(*),
            min({work.row_in_file("source.row_number")})
        FROM (SELECT rowid + 1 AS row_number, {quote(column_name)} AS cell FROM source_text) AS source
        WHERE {work.is_in_batch("source.row_number")}
            AND ({has_sign})
            AND regexp_matches(cell, {literal(_LIST)})
            AND NOT regexp_full_match(cell, {literal(_SPLIT)})
        GROUP BY import_id
        """
    ).fetchall()


def _of_decimals(column: str, count: int) -> str:
    ids_end = f"All {count:,} ids of column {column!r} end" if count != 1 else f"The one id of column {column!r} ends"
    return (
        f"{ids_end} in .0, as programs write whole numbers once a cell of their column is empty. That was kept: if the "
        "numbers are meant, export the column as text, and undo this import."
    )


def _of_lists(column: str, field: str, count: int, row: int) -> str:
    cells = f"{count:,} cells" if count != 1 else "1 cell"
    of_row = f"the first in row {row:,}" if count != 1 else f"in row {row:,}"
    return (
        f"{cells} of column {column!r} ({of_row}) may hold several {field}, and each cell was taken as one. If they "
        "are several, say what stands between them (tag_delimiter, --tag-delimiter)."
    )
