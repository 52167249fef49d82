"""What a stored record becomes when a row meets it: one SQL expression for each field, by duplicate strategy.

Phase 4 compares by these expressions and phase 6 writes by them, so that the plan is what happens. How lists are put
together belongs to `lists.py`, how a name and its parts follow each other to `wholes.py`.
"""

from collections.abc import Collection

from import_pipeline.phases.explicit import CLEARED_EXTRA, default_column, has_column, is_bad, is_cleared
from import_pipeline.phases.lists import LIST_TYPE, each_once, in_standing_spelling
from import_pipeline.phases.wholes import filled_whole, merged_whole
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Field
from import_pipeline.sql import literal, quote
from import_pipeline.words import DuplicateStrategy

EXTRA = "extra"
_EXTERNAL_ID = "external_id"


def changed_fields(work: Work) -> dict[str, str]:
    """Field → SQL of its value after, from `incoming` (the row) and `stored` (the record), where a row can change it.

    fill takes the row's value only where the record has none, lists included. merge takes it where the row has one,
    and puts lists together. overwrite takes every field from the row, mapped or not, and leaves empty what the row
    leaves empty; only an external_id stays where the row has none: others know the record by it, and so does what a
    cell that is wrong would replace.
    A cell that says the clear_token empties its field; a default is for a record that has nothing there.
    """
    present = set(work.columns_of("transformed"))
    strategy = work.spec.duplicate_strategy
    after: dict[str, str] = {}
    for field in work.record_type.fields:
        if field.name in present:
            after[field.name] = _after(work, field, present)
        elif strategy is DuplicateStrategy.OVERWRITE and field.name != _EXTERNAL_ID:
            after[field.name] = f"NULL::{field.type.sql_type}"
    if strategy is DuplicateStrategy.OVERWRITE:
        for name, value in after.items():
            is_wrong = is_bad(name, present)
            if is_wrong is not None:  # a cell that could not be read says nothing of the value that is stored
                after[name] = f"CASE WHEN {is_wrong} THEN stored.{quote(name)} ELSE {value} END"
    for whole in work.record_type.wholes:
        if strategy is DuplicateStrategy.MERGE:
            after |= merged_whole(whole, after, present)
        elif strategy is DuplicateStrategy.FILL:
            after |= filled_whole(whole, after, present)
    if EXTRA in present:
        merged = _patched("stored.extra", "incoming.extra")
        if CLEARED_EXTRA in present:
            merged = f"json_merge_patch({merged}, incoming.{quote(CLEARED_EXTRA)})"
        after[EXTRA] = {
            DuplicateStrategy.OVERWRITE: "incoming.extra",
            DuplicateStrategy.FILL: _patched("incoming.extra", "stored.extra"),
        }.get(strategy, merged)
    elif strategy is DuplicateStrategy.OVERWRITE:
        after[EXTRA] = "NULL::JSON"
    return after


def kept_values(work: Work) -> dict[str, str]:
    """Field → SQL over `incoming` and `stored` of whether a merge keeps the record's value against that of the row."""
    if work.spec.duplicate_strategy is not DuplicateStrategy.MERGE:
        return {}
    present = work.columns_of("transformed")
    return {
        field.name: _is_kept(work, field) for field in work.record_type.fields if field.kept and field.name in present
    }


def _after(work: Work, field: Field, present: Collection[str]) -> str:
    incoming, stored = f"incoming.{quote(field.name)}", f"stored.{quote(field.name)}"
    cleared = is_cleared(field.name, present)
    if field.type.sql_type == LIST_TYPE:
        after = _list_after(work.spec.duplicate_strategy, incoming, stored)
        # What every row gets from the import is no part of the cell, and stays.
        return after if cleared is None else f"CASE WHEN {cleared} THEN {incoming} ELSE {after} END"
    after = {
        DuplicateStrategy.FILL: f"coalesce({stored}, {incoming})",
        DuplicateStrategy.OVERWRITE: f"coalesce({incoming}, {stored})" if field.name == _EXTERNAL_ID else incoming,
    }.get(work.spec.duplicate_strategy, f"coalesce({incoming}, {stored})")
    second = work.record_type.second.get(field.name)
    if second is not None and work.spec.duplicate_strategy is DuplicateStrategy.MERGE:
        # Who is found by the second address keeps the first one.
        is_second = f"{identity_sql(field, incoming)} = {identity_sql(field, f'stored.{quote(second)}')}"
        after = f"CASE WHEN {is_second} THEN coalesce({stored}, {incoming}) ELSE {after} END"
    if field.name in kept_values(work):
        after = f"CASE WHEN {_is_kept(work, field)} THEN {stored} ELSE {after} END"
    default = has_column(default_column(field.name), present)
    if default is not None:
        after = f"CASE WHEN {default} THEN coalesce({stored}, {incoming}) ELSE {after} END"
    return after if cleared is None else f"CASE WHEN {cleared} THEN NULL ELSE {after} END"


def _list_after(strategy: DuplicateStrategy, incoming: str, stored: str) -> str:
    if strategy is DuplicateStrategy.FILL:
        return f"CASE WHEN len({stored}) > 0 THEN {stored} WHEN len({incoming}) > 0 THEN {incoming} ELSE {stored} END"
    if strategy is DuplicateStrategy.OVERWRITE:
        spelled = in_standing_spelling(incoming, stored)
        return (
            f"CASE WHEN len({incoming}) > 0 THEN CASE WHEN len({stored}) > 0 THEN {spelled} ELSE {incoming} END"
            f" WHEN len({stored}) > 0 THEN NULL ELSE {stored} END"
        )
    together = each_once(f"list_concat(coalesce({stored}, []), {incoming})")
    return (
        f"CASE WHEN coalesce(len({incoming}), 0) = 0 OR list_has_all({stored}, {incoming}) THEN {stored}"
        f" ELSE {together} END"
    )


def _is_kept(work: Work, field: Field) -> str:
    """SQL of whether the record's choice is one that is never lost, against a weaker one that no mapping asks for."""
    incoming, stored = f"incoming.{quote(field.name)}", f"stored.{quote(field.name)}"
    asked_for = [constant for constant in work.spec.value_mappings.get(field.name, {}).values() if constant is not None]
    stronger = [
        f"({stored} = {literal(kept)} AND {incoming} NOT IN ({_listed([*field.kept[: place + 1], *asked_for])}))"
        for place, kept in enumerate(field.kept)
    ]
    return f"({' OR '.join(stronger)})"


def _listed(values: list[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _patched(below: str, above: str) -> str:
    """SQL of two JSON objects put together; where both have a key, the one above wins."""
    together = f"json_merge_patch({below}, {above})"
    return f"CASE WHEN {above} IS NULL THEN {below} WHEN {below} IS NULL THEN {above} ELSE {together} END"
