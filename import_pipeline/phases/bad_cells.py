"""Bad cells that are left empty so that their rows can go on: which they are, and what is remembered of them.

Where the spec says so (`invalid_data` null_cells) these are all bad cells; else those that a row can do without
(`on_bad_optional`). Never one of which the row's identity hangs: it must not become the row of whoever shares a weaker
identifier.
"""

from collections.abc import Iterable

from import_pipeline.phases.explicit import BAD_FIELDS
from import_pipeline.phases.work import Work
from import_pipeline.record_types.rules import choices, control_characters, length, scientific_notation
from import_pipeline.sql import literal, quote
from import_pipeline.words import ID_FIELD, DuplicateStrategy, InvalidData, OnBadOptional, Phase

DAMAGED = (scientific_notation.CODE, control_characters.CODE, length.CODE)
"""What says that a value is there that would be lost, or was: the row is refused, so that somebody notices."""
_WORD = f"(code = {literal(choices.CODE)} AND regexp_matches(value, '\\p{{L}}'))"
"""A word in a choice field that is none of its choices: a person can say by `value_mappings` what it means."""
_OF_CELLS = "field IS NOT NULL AND row_number IS NOT NULL AND level = 'error'"


def leave_bad_cells_empty(work: Work) -> None:
    """Empty the bad cells that may be empty; their defects stay as warnings, and the rows say which fields they are."""
    if not work.has_lines("defects", _OF_CELLS):
        return
    if work.spec.invalid_data is InvalidData.NULL_CELLS:
        which = _OF_CELLS + _but_identities(work, work.record_type.identifiers)
    elif empties_optional(work):
        which = _OF_CELLS + _only_optional(work)
    else:
        return
    found = work.execute(
        f"SELECT field, count(DISTINCT row_number) FROM defects WHERE {which} GROUP BY field"
    ).fetchall()
    if not found:
        return
    work.execute("DROP VIEW IF EXISTS rows")
    work.execute(f"ALTER TABLE typed_rows ADD COLUMN {quote(BAD_FIELDS)} VARCHAR[]")
    present = set(work.columns_of("typed_rows"))
    emptied = ", ".join(
        f"{quote(field)} = CASE WHEN list_contains(bad.fields, {literal(field)}) THEN NULL ELSE {quote(field)} END"
        for field, _ in found
        if field in present
    )
    work.execute(
        f"""
        UPDATE typed_rows SET {quote(BAD_FIELDS)} = bad.fields{", " + emptied if emptied else ""}
        FROM (SELECT row_number, list(DISTINCT field) AS fields FROM defects WHERE {which} GROUP BY row_number) AS bad
        WHERE bad.row_number = typed_rows.row_number
        """
    )
    work.execute(
        f"UPDATE defects SET level = 'warning', message = message || $told WHERE {which}", {"told": _told(work)}
    )


def empties_optional(work: Work) -> bool:
    """Whether a bad cell that the row can do without is left empty.

    Who blocks an import on bad data, or declares the fields and their rules, wants to hear of every bad cell.
    """
    if work.spec.on_bad_optional is not None:
        return work.spec.on_bad_optional is OnBadOptional.EMPTY
    return work.spec.invalid_data is not InvalidData.BLOCK and not work.record_type.is_inline


def _told(work: Work) -> str:
    if work.spec.duplicate_strategy is DuplicateStrategy.OVERWRITE:
        return " The cell is taken as empty, and a stored value stays."
    return " The cell is taken as empty."


def _only_optional(work: Work) -> str:
    """SQL, added to a condition on defects, that leaves in what a row can do without."""
    record_type = work.record_type
    needed = (*record_type.strong, *record_type.wanted)
    optional = [field.name for field in record_type.fields if not field.required and field.name not in needed]
    weak = [name for name in record_type.identifiers if name not in record_type.strong]
    return (
        f" AND phase = {literal(str(Phase.PREVALIDATION))}"
        f" AND code NOT IN ({', '.join(map(literal, DAMAGED))}) AND NOT {_WORD}"
        f" AND field IN ({', '.join(map(literal, optional)) or 'NULL'})"
        f"{_but_identities(work, (*weak, *record_type.second.values()))}"
    )


def _but_identities(work: Work, identifying: Iterable[str]) -> str:
    """SQL, added to a condition on defects, that leaves out bad identifiers of rows without a better one that is good.

    Args:
        work: The import at work.
        identifying: The fields that identify, among those that may be emptied.
    """
    present = set(work.columns_of("typed_rows"))
    asked = [name for name in identifying if name in present]
    if not asked:
        return ""
    conditions = [f"field NOT IN ({', '.join(map(literal, asked))})"]
    for name in asked:
        allowed = [
            f"({quote(better)} IS NOT NULL AND row_number NOT IN "
            f"(SELECT row_number FROM defects WHERE level = 'error' AND field = {literal(better)}))"
            for better in _better(work, name)
            if better in present
        ]
        if work.record_type.is_inline:  # a row of a declared type that identifies nothing is a new record
            others = [one for one in work.record_type.identifiers if one in present and one != name]
            allowed.append(f"({' AND '.join(f'{quote(one)} IS NULL' for one in others) or 'true'})")
        if allowed:
            rows = f"SELECT row_number FROM typed_rows WHERE {' OR '.join(allowed)}"
            conditions.append(f"(field = {literal(name)} AND row_number IN ({rows}))")
    return f" AND ({' OR '.join(conditions)})"


def _better(work: Work, field: str) -> list[str]:
    """The identifiers that count more than a field and say for sure which record a row means."""
    names = work.record_type.identifiers
    before = names[: names.index(field)] if field in names else names
    return [ID_FIELD, *(name for name in before if name in work.record_type.strong)]
