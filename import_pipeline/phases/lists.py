"""Lists of short texts (tags, groups) as SQL: entries that differ only in case and white space are one.

The spelling that stands first is kept: that of the record before that of the row, that of the row before the tags
that every row gets.
"""

from import_pipeline.record_types import field_types
from import_pipeline.sql import literal

LIST_TYPE = "VARCHAR[]"


def same_entry(text_sql: str) -> str:
    """SQL of the form in which two entries are compared: lower case, composed characters, single spaces."""
    # Few entries hold other characters than those of plain words, and folding them costs three times what a look does.
    folded = f"trim({field_types.get('name').identity(text_sql)})"
    spaces = " OR ".join(f"contains({text_sql}, {literal(space)})" for space in ("  ", "\t", "\n", "\r"))
    return f"CASE WHEN strlen({text_sql}) <> length({text_sql}) OR {spaces} THEN {folded} ELSE lower({text_sql}) END"


def each_once(list_sql: str) -> str:
    """SQL of a list with each entry once, in the order and spelling in which it first stands."""
    return (
        f"CASE WHEN len({list_sql}) < 2 THEN {list_sql} ELSE list_transform("
        f"[{{'own': {list_sql}, 'same': {_compared(list_sql)}}}], "
        "lambda pair: list_filter(pair.own, lambda entry, place: list_position(pair.same, pair.same[place]) = place)"
        ")[1] END"
    )


def in_standing_spelling(list_sql: str, standing_sql: str) -> str:
    """SQL of a list whose entries are written as in another list, where that one has them."""
    return (
        f"list_transform([{{'own': {list_sql}, 'standing': {standing_sql}, 'same': {_compared(standing_sql)}}}], "
        "lambda pair: list_transform(pair.own, lambda entry: "
        f"coalesce(pair.standing[list_position(pair.same, {same_entry('entry')})], entry)))[1]"
    )


def has_entry(list_sql: str, entry_sql: str) -> str:
    """SQL of whether a list has an entry, however it is written."""
    return f"list_contains({_compared(list_sql)}, {same_entry(entry_sql)})"


def has_any(list_sql: str, wanted_sql: str) -> str:
    """SQL of whether a list has one entry at least of another list, however they are written."""
    return f"list_has_any({_compared(list_sql)}, {_compared(wanted_sql)})"


def _compared(list_sql: str) -> str:
    return f"list_transform({list_sql}, lambda entry: {same_entry('entry')})"
