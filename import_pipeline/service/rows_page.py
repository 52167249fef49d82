"""A page of the rows of an import for people: what becomes, or became, of each, what changes, and whose row it is."""

from typing import TYPE_CHECKING, Any

from import_pipeline.phases.defect_catalogue import text_of
from import_pipeline.phases.differences import rows_with_changes
from import_pipeline.phases.results import ROWS_ORDER
from import_pipeline.service import published
from import_pipeline.service.published import Results, outcome_named
from import_pipeline.service.result_files import again_where_replaced
from import_pipeline.sql import literal, quote

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.stores.import_record import ImportRecord

_KNOWN_BY = (("full_name",), ("first_name", "last_name"), ("name",), ("email",), ("domain",), ("external_id",))
"""The fields by which people know a record, the best first; some only together."""
_MOST_MESSAGES = 20


@again_where_replaced
def rows_page(
    home: "Home",
    record: "ImportRecord",
    limit: int = 100,
    offset: int = 0,
    outcome: str | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    """Some rows of an import.

    Args:
        home: The home.
        record: The import.
        limit: How many at most.
        offset: How many to pass over.
        outcome: Only rows with this outcome.
        code: Only rows with a defect of this code.

    Returns:
        data: dictionaries of row_number (None for a record that an overwrite deletes), record_id, outcome, reason,
        label (what the record is known by, where that is known), messages (what is wrong with the row, or why it is
        left out) and changes; counts: outcome → rows in all; total: how
        many rows meet the conditions; has_more.

    Raises:
        MisuseError: There is no such outcome.
    """
    wanted = outcome_named(outcome)
    conditions = ["outcome IS NOT NULL" if wanted is None else f"outcome = {literal(str(wanted))}"]
    if code is not None:
        conditions.append(f"row_number IN (SELECT row_number FROM defects WHERE code = {literal(code)})")
    with published.opened(home, record) as results:
        if results is None:
            return {"data": [], "counts": {}, "total": 0, "has_more": False}
        condition = " AND ".join(conditions)
        total = results.connection.execute(f"SELECT count(*) FROM rows WHERE {condition}").fetchone()
        count = int(total[0]) if total else 0
        data = _rows(results, published.page_of_rows(results, condition, limit, offset))
        counts = "SELECT outcome, count(*) FROM rows WHERE outcome IS NOT NULL GROUP BY ALL ORDER BY ALL"
        return {
            "data": data,
            "counts": dict(results.connection.execute(counts).fetchall()),
            "total": count,
            "has_more": offset + len(data) < count,
        }


def _rows(results: Results, page: str) -> list[dict[str, Any]]:
    rows = results.dictionaries(f"{rows_with_changes(results.connection, page)} ORDER BY {ROWS_ORDER}")
    labels = results.connection.execute(f"SELECT {_label(results)} FROM ({page}) ORDER BY {ROWS_ORDER}").fetchall()
    messages = _messages(results, [row["row_number"] for row in rows])
    return [
        row | {"label": label, "messages": messages.get(row["row_number"]) or _of_reason(row["reason"])}
        for row, (label,) in zip(rows, labels, strict=True)
    ]


def _messages(results: Results, numbers: list[int | None]) -> dict[int | None, list[str]]:
    """Row number → what is wrong with the row, errors first."""
    wanted = [number for number in numbers if number is not None]
    if not wanted:
        return {}
    found = results.connection.execute(
        """
        SELECT row_number, "column", message FROM defects
        WHERE row_number BETWEEN $first AND $last AND list_contains($numbers::BIGINT[], row_number)
        ORDER BY row_number, level = 'error' DESC, field, code
        """,
        {"first": min(wanted), "last": max(wanted), "numbers": wanted},
    ).fetchall()
    messages: dict[int | None, list[str]] = {}
    for number, column, message in found:
        told = messages.setdefault(number, [])
        if len(told) < _MOST_MESSAGES:
            told.append(f"{column}: {message}" if column else message)
    return messages


def _of_reason(reason: str | None) -> list[str]:
    """What a reason says of which the row has no defect."""
    return [text_of(reason)] if reason is not None else []


def _label(results: Results) -> str:
    """SQL of what a record is known by, as it becomes, else as it was."""
    columns = {name for name, *_ in results.connection.execute("DESCRIBE rows").fetchall()}
    if "after" not in columns:
        return "NULL"
    described = results.connection.execute('DESCRIBE SELECT unnest("after") FROM rows').fetchall()
    fields = {name for name, *_ in described}
    known = []
    for names in _KNOWN_BY:
        if fields.issuperset(names):
            for image in ("after", "before"):
                known.append(" || ' ' || ".join(f'"{image}".{quote(name)}' for name in names))
    return f"coalesce({', '.join(known)})" if known else "NULL"
