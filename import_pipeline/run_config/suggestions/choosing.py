"""One field for each column, and one column for each field: words first, then what only values or a slip suggest.

What is sure is decided here, too: known words alone, values that fit, and no second column of the same name.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from import_pipeline.run_config.suggestions.by_words import fields_by_words
from import_pipeline.run_config.suggestions.column_values import ColumnValues
from import_pipeline.run_config.suggestions.meaning import PERSONAL
from import_pipeline.run_config.suggestions.read_columns import REFUSALS, Column, read_columns
from import_pipeline.run_config.suggestions.suggestion import (
    EXTERNAL_ID,
    SCORES,
    How,
    Suggestion,
)
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

_MISSPELLED_SCORE = 80.0
_BY_VALUES_SCORE = 85.0


@dataclass(frozen=True)
class _Choice:
    """A column for a field, and why a person has to look; empty if it is sure."""

    column: Column
    why: str = ""
    score: float = SCORES["similar"]


def suggest_by_words(
    headers: Sequence[str],
    record_type: "RecordType",
    values: Mapping[str, ColumnValues],
    *,
    deleting: bool = False,
    translated: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """Suggest a field for each column of a record type of `models/`.

    Args:
        headers: The columns of the file, each once.
        record_type: What the rows are.
        values: What the columns hold, as far as somebody looked.
        deleting: Whether the file lists records to delete: there a column `id` is the records' own.
        translated: Fields whose values a person says how to read, so that none of them need be known.
    """
    columns = read_columns(headers, record_type, values)
    chosen = {field: _Choice(column) for field, column in fields_by_words(columns, record_type).items()}
    _take_ids(columns, record_type, chosen, deleting=deleting)
    _identify(record_type, chosen)
    _take_doubtful(columns, record_type, chosen)
    _doubt(columns, record_type, chosen, translated)
    by_column = {choice.column.name: (field, choice) for field, choice in chosen.items()}
    identifying = {ID_FIELD, *record_type.identifiers}
    suggestions: list[Suggestion] = []
    for column in columns:
        if column.name in by_column:
            field, choice = by_column[column.name]
            suggestions.append(_suggestion(field, choice, is_identifier=field in identifying))
        else:
            suggestions.append(Suggestion(column.name, None, 0.0, "none", why=_matter_of(column)))
    return tuple(suggestions)


def _take_ids(
    columns: Sequence[Column], record_type: "RecordType", chosen: dict[str, _Choice], *, deleting: bool
) -> None:
    """Take a column `id`: the id of the program that wrote the file, unless that stands in another column.

    Files of our own records have both columns.
    """
    bare = sorted(
        (column for column in columns if column.concept == "id" and column.meaning.number == 1),
        key=lambda column: (column.is_empty, column.order),
    )
    if not bare:
        return
    column = bare[0]
    is_own = column.values is None or column.values.is_empty or column.values.are_own_ids
    external = chosen.get(EXTERNAL_ID)
    has_own_external = external is not None and external.column.is_exact
    if deleting or (is_own and has_own_external) or (column.values is not None and column.values.are_own_ids):
        chosen[ID_FIELD] = _Choice(replace(column, own_field=ID_FIELD, is_exact=column.key == ID_FIELD))
    elif EXTERNAL_ID in record_type.field_names and (external is None or external.column.is_empty > column.is_empty):
        known = column.values if column.values is not None and column.values.sample else None
        if known is not None and known.are_row_numbers and _is_identified(record_type, chosen):
            return  # small numbers are in any list, and where they meet those of another one, people are mixed up
        is_sure = known is not None and not known.are_row_numbers and not known.repeat
        why = "it may be the record's own id, the id of another program, or no more than the number of a row"
        chosen[EXTERNAL_ID] = _Choice(column, "" if is_sure else why)
    elif external is not None and external.column.meaning.subject and not _numbers_rows(column):
        chosen[EXTERNAL_ID] = replace(external, why=f"column {column.name!r} may be the id of the record, too")


def _numbers_rows(column: Column) -> bool:
    return column.values is None or column.values.is_empty or column.values.are_row_numbers


def _identify(record_type: "RecordType", chosen: dict[str, _Choice]) -> None:
    """Where nothing says which record a row means, the only number or address of its kind does."""
    if _is_identified(record_type, chosen):
        return
    for first, *others in (("email", "email_2"), ("phone", "phone_2", "phone_3")):
        other = next((field for field in others if field in chosen and not chosen[field].column.is_exact), None)
        if first in record_type.field_names and other is not None:
            chosen[first] = chosen.pop(other)
            return


def _is_identified(record_type: "RecordType", chosen: Mapping[str, _Choice]) -> bool:
    return any(field in chosen for field in (ID_FIELD, *record_type.identifiers))


def _take_doubtful(columns: Sequence[Column], record_type: "RecordType", chosen: dict[str, _Choice]) -> None:
    """Fill fields that are free with columns of which a person has to say whether they are that."""
    taken = {choice.column.name for choice in chosen.values()}
    for column, concept, score, why in sorted(_doubtful(columns), key=lambda one: (-one[2], one[0].order)):
        if column.name in taken:
            continue
        free = [
            field.name
            for field in record_type.fields
            if field.name not in chosen and concept in (field.means or (field.name,))
        ]
        if free and not column.is_empty:
            chosen[free[0]] = _Choice(column, why, score)
            taken.add(column.name)


def _doubtful(columns: Sequence[Column]) -> Iterator[tuple[Column, str, float, str]]:
    for column in columns:
        concept, values = column.supposed, column.values
        if concept is not None and column.is_misspelled:
            yield column, concept, _MISSPELLED_SCORE, "its name is only like the usual one"
        elif concept in PERSONAL and (values is None or values.are("email" if concept == "email" else "phone", 0.5)):
            yield column, concept, _MISSPELLED_SCORE, f"{_listed(column.meaning.unknown)} may make it another one's"
        elif values is not None and _says_nothing(column) and values.are("email"):
            yield column, "email", _BY_VALUES_SCORE, "its values are e-mail addresses, whatever its name says"
        elif values is not None and _says_nothing(column) and values.are_phones:
            yield column, "phone", _BY_VALUES_SCORE, "its values are phone numbers, whatever its name says"


def _says_nothing(column: Column) -> bool:
    return bool(column.against) or (column.meaning.concept is None and not column.meaning.is_strange)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(repr(word) for word in words)


def _doubt(
    columns: Sequence[Column], record_type: "RecordType", chosen: dict[str, _Choice], translated: Collection[str]
) -> None:
    """Say why a person has to look at columns whose header alone is plain."""
    same = Counter((column.key, column.meaning) for column in columns if column.concept is not None)
    for field, choice in chosen.items():
        if choice.why:
            continue
        why = "" if field in translated else _why(field, choice.column, record_type)
        if not why and same[choice.column.key, choice.column.meaning] > 1:
            why = "another column has the same name"
        if why:
            chosen[field] = replace(choice, why=why)


def _why(field: str, column: Column, record_type: "RecordType") -> str:
    values = column.values
    if field == "email" and column.meaning.subject == "company" and record_type.name != "company":
        return "it may be the company's address, not the person's"
    if column.concept == "refusal" and (values is None or not (values.are("yes_no", 1.0) or values.are("date", 1.0))):
        return "" if column.is_empty else "its values must say who refuses"
    if values is None or not values.sample or field == ID_FIELD:
        return ""
    declared = record_type.field(field)
    if declared.choices and column.concept != "refusal" and not values.fit(declared):
        return "none of its values is one of the field"
    if field == EXTERNAL_ID and values.repeat:
        return "its values come again, and an id stands for one record only"
    return ""


def _suggestion(field: str, choice: _Choice, *, is_identifier: bool) -> Suggestion:
    column = choice.column
    if choice.why:
        return Suggestion(column.name, field, choice.score, "similar", is_identifier, choice.why)
    how: How = "exact" if column.is_exact and (column.own_field or field) == field else "synonym"
    return Suggestion(column.name, field, SCORES[how], how, is_identifier)


def _matter_of(column: Column) -> str:
    """Why it matters that a column goes to no field, where a person would want to know; else empty."""
    if column.meaning.concept in REFUSALS.values() and column.values is not None and _somebody_refuses(column.values):
        return "it says who does not want to be written to or called"
    return ""


def _somebody_refuses(values: ColumnValues) -> bool:
    from import_pipeline.record_types.lexicon.yes_no import EMPTY_BOXES, FALSE

    no = {*FALSE, *EMPTY_BOXES}
    return any(value.strip().lower() not in no for value in values.sample)
