"""What else a column could be: the fields that come near it, for a person who does not take the suggestion.

Nothing is applied by this. A field comes near by what the header says, by the letters of its names, or by values of its
type; how near says only in which order they are offered.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from import_pipeline.record_types.headers import normal_header
from import_pipeline.run_config.suggestions.column_values import ColumnValues
from import_pipeline.run_config.suggestions.read_columns import Column, read_columns

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

MOST = 5
_LEAST = 0.4
_SAME_CONCEPT = 0.8
_BY_LETTERS = 0.9
_LETTERS_FROM = 0.55
_BY_VALUES = 0.6
_MOST_COLUMNS = 500
"""In wider files nobody looks through them all."""
_KINDS = {
    "email": "email",
    "phone": "phone",
    "date": "date",
    "url": "url",
    "domain": "url",
    "integer": "number",
    "number": "number",
    "country": "country",
    "boolean": "yes_no",
}
"""Type of a field → the kind that its values are of."""


def alternatives(
    headers: Sequence[str],
    record_type: "RecordType",
    values: Mapping[str, ColumnValues],
    suggested: Mapping[str, str],
) -> dict[str, list[tuple[str, float]]]:
    """Find the fields that come near each column.

    Args:
        headers: The columns of the file, each once.
        record_type: What the rows are.
        values: What the columns hold, as far as somebody looked.
        suggested: Column → the field that is suggested, which is no alternative.

    Returns:
        Column → some fields with how near they come, from 0 to 1, the nearest first.
    """
    found: dict[str, list[tuple[str, float]]] = {}
    for column in read_columns(headers, record_type, values)[:_MOST_COLUMNS]:
        near = [
            (field.name, round(_nearness(column, field), 2))
            for field in record_type.fields
            if field.name != suggested.get(column.name)
        ]
        ranked = sorted((one for one in near if one[1] >= _LEAST), key=lambda one: -one[1])
        found[column.name] = ranked[:MOST]
    return found


def _nearness(column: Column, field: "Field") -> float:
    by_meaning = _SAME_CONCEPT if column.meaning.concept in (field.means or (field.name,)) else 0.0
    return max(by_meaning, _by_letters(column.name, field), _by_values(column.values, field))


def _by_letters(header: str, field: "Field") -> float:
    from rapidfuzz import fuzz

    written = normal_header(header)
    words = {normal_header(word) for word in (field.name, field.label, *field.synonyms)}
    likeness = max((fuzz.token_sort_ratio(written, word) for word in words if word), default=0.0) / 100
    return _BY_LETTERS * likeness if likeness >= _LETTERS_FROM else 0.0


def _by_values(values: ColumnValues | None, field: "Field") -> float:
    if values is None or not values.is_enough:
        return 0.0
    if field.choices:
        return _BY_VALUES if values.fit(field) else 0.0
    kind = _KINDS.get(field.type.name)
    return _BY_VALUES * values.shares.get(kind, 0.0) if kind is not None else 0.0
