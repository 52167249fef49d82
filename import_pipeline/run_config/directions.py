"""Which way round a mapping is written: turning {field: column} into {column: field}, and telling one from the other.

Whether the columns and fields of a mapping exist is not decided here but in `mapping`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.words import ID_FIELD, MappingDirection

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType


def turned_round(mapping: Mapping[str, str]) -> dict[str, str]:
    """Exchange the two sides of a mapping. Turned twice it is the mapping again.

    Raises:
        SpecError: A value stands twice, so that turned round it would have two meanings.

    >>> turned_round({"email": "E-mail"})
    {'E-mail': 'email'}
    """
    turned: dict[str, str] = {}
    for left, right in mapping.items():
        if right in turned:
            raise SpecError(
                f"The mapping gives {right!r} to both {turned[right]!r} and {left!r}: "
                f"say it for one of them and leave the other out.",
                value=right,
                keys=[turned[right], left],
            )
        turned[right] = left
    return turned


def orient(mapping: Mapping[str, str], headers: Sequence[str], record_type: "RecordType") -> dict[str, str]:
    """Give a mapping of unsaid direction the direction {column: field}.

    Args:
        mapping: {column: field} or {field: column}.
        headers: The columns of the file.
        record_type: What the rows are; its fields and `id` are the fields.

    Returns:
        {column: field}. A mapping that fits neither way is returned in the direction that fits more of it
        (as {column: field} where both fit alike): the check that follows names what is wrong in it.

    Raises:
        SpecError: Both readings are possible and differ.
    """
    columns, fields = set(headers), set(known_fields(record_type))
    given = dict(mapping)
    forwards = _fit(given.items(), columns, fields)
    backwards = _fit(((column, field) for field, column in given.items()), columns, fields)
    one_to_one = len(set(given.values())) == len(given)
    both_fit = forwards == backwards == 2 * len(given)
    if both_fit and one_to_one and turned_round(given) != given:
        raise _two_readings(given)
    return turned_round(given) if backwards > forwards and one_to_one else given


def fits_turned_round(mapping: Mapping[str, str], headers: Sequence[str], record_type: "RecordType") -> bool:
    """Whether a mapping that is said to be {column: field} is wholly right as {field: column}."""
    swapped = [(column, field) for field, column in mapping.items()]
    return _fit(swapped, set(headers), set(known_fields(record_type))) == 2 * len(swapped)


def known_fields(record_type: "RecordType") -> tuple[str, ...]:
    """Everything a column can be mapped to: the fields of the record type and the record's own id."""
    return (ID_FIELD, *record_type.field_names)


def _fit(pairs, columns: set[str], fields: set[str]) -> int:
    return sum((column in columns) + (field in fields) for column, field in pairs)


def _two_readings(mapping: dict[str, str]) -> SpecError:
    column, field = next((left, right) for left, right in mapping.items() if mapping.get(right) != left)
    return SpecError(
        f"The mapping {listed(f'{left} → {right}' for left, right in mapping.items())} can be read in two ways: "
        f"column {column!r} to field {field!r} (column_to_field), "
        f"or column {field!r} to field {column!r} (field_to_column). "
        f"Set mapping_direction to the one that is meant.",
        mapping=mapping,
        readings=[MappingDirection.COLUMN_TO_FIELD.value, MappingDirection.FIELD_TO_COLUMN.value],
    )
