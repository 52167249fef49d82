"""What a stored record becomes when a row meets it: one SQL expression for each field, by duplicate strategy.

Phase 4 compares by these expressions and phase 6 writes by them, so that the plan is what happens.
"""

from import_pipeline.phases.work import Work
from import_pipeline.sql import quote
from import_pipeline.words import DuplicateStrategy

EXTRA = "extra"
LIST_TYPE = "VARCHAR[]"


def each_once(list_sql: str) -> str:
    """SQL of a list with each entry once, in the order in which it first stands."""
    return f"list_transform([{list_sql}], lambda l: list_filter(l, lambda x, i: list_position(l, x) = i))[1]"


def changed_fields(work: Work) -> dict[str, str]:
    """Field → SQL of its value after, from `incoming` (the row) and `stored` (the record), where a row can change it.

    merge takes the row's value where it has one, fill only where the record has none; both put lists together,
    since a tag is added, not exchanged. overwrite takes every field from the row, mapped or not, and leaves empty
    what the row leaves empty; only an external_id that the file does not map stays: others know the record by it.
    """
    present = set(work.columns_of("transformed"))
    strategy = work.spec.duplicate_strategy
    after: dict[str, str] = {}
    for field in work.record_type.fields:
        mapped = field.name in present
        if strategy is DuplicateStrategy.OVERWRITE:
            if mapped or field.name != "external_id":
                after[field.name] = f"incoming.{quote(field.name)}" if mapped else f"NULL::{field.type.sql_type}"
        elif mapped:
            after[field.name] = _combined(field.name, field.type.sql_type, strategy)
    if EXTRA in present:
        after[EXTRA] = {
            DuplicateStrategy.OVERWRITE: "incoming.extra",
            DuplicateStrategy.FILL: _patched("incoming.extra", "stored.extra"),
        }.get(strategy, _patched("stored.extra", "incoming.extra"))
    elif strategy is DuplicateStrategy.OVERWRITE:
        after[EXTRA] = "NULL::JSON"
    return after


def _combined(field: str, sql_type: str, strategy: DuplicateStrategy) -> str:
    incoming, stored = f"incoming.{quote(field)}", f"stored.{quote(field)}"
    if sql_type == LIST_TYPE:
        together = each_once(f"list_concat(coalesce({stored}, []), coalesce({incoming}, []))")
        return f"CASE WHEN len({incoming}) > 0 THEN {together} ELSE {stored} END"
    if strategy is DuplicateStrategy.FILL:
        return f"coalesce({stored}, {incoming})"
    return f"coalesce({incoming}, {stored})"


def _patched(below: str, above: str) -> str:
    """SQL of two JSON objects put together; where both have a key, the one above wins."""
    together = f"json_merge_patch({below}, {above})"
    return f"CASE WHEN {above} IS NULL THEN {below} WHEN {below} IS NULL THEN {above} ELSE {together} END"
