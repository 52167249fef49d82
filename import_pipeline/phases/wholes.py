"""How a whole (a full name) and its parts (first and last name) follow each other when a row meets a stored record.

A row that gives both is taken at its word. Where it gives one of the two, the other must not go on saying what was true
before: new parts are put into the whole, a new whole is split into parts.
"""

from collections.abc import Collection, Mapping

from import_pipeline.phases.explicit import has_column, is_cleared, split_column
from import_pipeline.record_types.record_type import Whole
from import_pipeline.sql import quote


def merged_whole(whole: Whole, after: Mapping[str, str], present: Collection[str]) -> dict[str, str]:
    """Field → SQL of its value after a merge, for a whole and its parts.

    Args:
        whole: The whole.
        after: Field → SQL of its value after, as if each field stood for itself.
        present: The columns of `incoming`.
    """
    parts = {part: after[part] for part in whole.parts if part in after}
    if not parts:
        return {}
    split = has_column(split_column(whole.field), present)
    if split is not None:
        parts = _split_parts(whole, parts, split)
    stored = f"stored.{quote(whole.field)}"
    all_parts = [parts.get(part, f"stored.{quote(part)}") for part in whole.parts]
    changed = " OR ".join(f"{sql} IS DISTINCT FROM stored.{quote(part)}" for part, sql in parts.items())
    followed = f"CASE WHEN {stored} IS NOT NULL AND ({changed}) THEN {_put_in(whole, all_parts)} ELSE {stored} END"
    if whole.field in after:
        given = f"incoming.{quote(whole.field)} IS NOT NULL"
        cleared = is_cleared(whole.field, present)
        given = given if cleared is None else f"{given} OR {cleared}"
        followed = f"CASE WHEN {given} THEN {after[whole.field]} ELSE {followed} END"
    return {whole.field: followed, **parts}


def filled_whole(whole: Whole, after: Mapping[str, str], present: Collection[str]) -> dict[str, str]:
    """The same for fill: what the row says is put in only where it does not contradict what the record says."""
    split = has_column(split_column(whole.field), present)
    stored = f"stored.{quote(whole.field)}"
    fits = " AND ".join(
        f"(incoming.{quote(part)} IS NULL OR stored.{quote(part)} IS NULL"
        f" OR {_words(f'incoming.{quote(part)}')} = {_words(f'stored.{quote(part)}')})"
        for part in whole.parts
    )
    filled = {}
    for part in whole.parts:
        if part not in after:
            continue
        own = f"stored.{quote(part)}"
        agrees = f"({stored} IS NULL OR {_holds(stored, f'incoming.{quote(part)}')})"
        if split is not None:
            agrees += f" AND (NOT {split} OR ({fits}))"
        filled[part] = f"CASE WHEN {own} IS NULL AND {agrees} THEN {after[part]} ELSE {own} END"
    if whole.field in after:
        given = f"incoming.{quote(whole.field)}"
        held = " AND ".join(
            f"(stored.{quote(part)} IS NULL OR {_holds(given, f'stored.{quote(part)}')})" for part in whole.parts
        )
        filled[whole.field] = f"CASE WHEN {stored} IS NULL AND {held} THEN {after[whole.field]} ELSE {stored} END"
    return filled


def _split_parts(whole: Whole, parts: Mapping[str, str], split: str) -> dict[str, str]:
    """The parts where a row gives the whole alone: those of a new whole, all of them if one contradicts the record's.

    A whole that the record has already says nothing new, unless the record has no parts.
    """
    says_the_same = f"incoming.{quote(whole.field)} = stored.{quote(whole.field)}"
    has_parts = " OR ".join(f"stored.{quote(part)} IS NOT NULL" for part in whole.parts)
    contradicts = " OR ".join(
        f"{_words(f'incoming.{quote(part)}')} <> {_words(f'stored.{quote(part)}')}" for part in whole.parts
    )
    return {
        part: f"CASE WHEN NOT {split} THEN {sql}"
        f" WHEN {says_the_same} AND ({has_parts}) THEN stored.{quote(part)}"
        f" WHEN {contradicts} THEN incoming.{quote(part)} ELSE {sql} END"
        for part, sql in parts.items()
    }


def _put_in(whole: Whole, parts: list[str]) -> str:
    """SQL of the stored whole with new parts in it: as it stands if it holds them, else with the new for the old.

    Titles and middle names stay where the old part is found; where it is not, the whole is the parts one after another.
    """
    stored = f"stored.{quote(whole.field)}"
    exchanged = stored
    for part, new in zip(whole.parts, parts, strict=True):
        old = f"stored.{quote(part)}"
        exchanged = (
            f"CASE WHEN {old} IS DISTINCT FROM {new} THEN replace({exchanged}, {old}, {new}) ELSE {exchanged} END"
        )
    gone = " AND ".join(
        f"({new} IS NOT NULL OR stored.{quote(part)} IS NULL OR NOT {_holds(stored, f'stored.{quote(part)}')})"
        for part, new in zip(whole.parts, parts, strict=True)
    )
    held = " AND ".join(f"({new} IS NULL OR {_holds(stored, new)})" for new in parts)
    held_after = " AND ".join(f"({new} IS NULL OR {_holds(exchanged, new)})" for new in parts)
    return (
        f"CASE WHEN ({gone}) AND ({held}) THEN {stored} WHEN {held_after} THEN {exchanged}"
        f" ELSE nullif(concat_ws(' ', {', '.join(parts)}), '') END"
    )


def _holds(whole_sql: str, part_sql: str) -> str:
    """SQL of whether a whole has a part in it, word for word, whatever the case."""
    return f"contains({_words(whole_sql)}, {_words(part_sql)})"


def _words(text_sql: str) -> str:
    """SQL of a text as lower-case words with one space before and behind each."""
    return f"(' ' || trim(lower(nfc_normalize(regexp_replace({text_sql}, '[\\s,]+', ' ', 'g')))) || ' ')"
