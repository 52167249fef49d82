"""Whether value mappings (value in the file → constant of a field) fit the record type and the mapping of columns.

Only the mappings themselves are checked here; whether every value of the file is covered is a question to the rows,
asked in phase 1.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from import_pipeline.errors import MappingError
from import_pipeline.nearest import did_you_mean, listed
from import_pipeline.run_config.directions import known_fields

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

ValueMappings = Mapping[str, Mapping[str, str | None]]


def check_value_mappings(
    value_mappings: ValueMappings, column_mapping: Mapping[str, str], record_type: "RecordType"
) -> None:
    """Refuse value mappings that cannot mean anything.

    Args:
        value_mappings: Field → {value in the file: constant, or None to leave the field empty}.
        column_mapping: The resolved mapping {column: field}.
        record_type: What the rows are.

    Raises:
        MappingError: Names every field that is unknown, is not mapped or has no constants, every constant that the
            field doesn't have, and every value that has two constants once white space around it is dropped.
    """
    mapped = tuple(column_mapping.values())
    problems = [
        problem
        for field, constants in value_mappings.items()
        for problem in _problems(field, constants, mapped, record_type)
    ]
    if problems:
        raise MappingError(
            f"The value mappings cannot be used. {' '.join(problems)}",
            fields=sorted(value_mappings),
            mapped=list(mapped),
        )


def constant_pairs(value_mappings: ValueMappings, field: str) -> tuple[tuple[str, str | None], ...]:
    """The value mapping of one field as (trimmed value in the file, constant or None), ready to be bound.

    >>> constant_pairs({"status": {" yes ": "active", "": None}}, "status")
    (('yes', 'active'), ('', None))
    """
    return tuple({value.strip(): constant for value, constant in value_mappings.get(field, {}).items()}.items())


def _problems(
    name: str, constants: Mapping[str, str | None], mapped: tuple[str, ...], record_type: "RecordType"
) -> list[str]:
    if name not in record_type.field_names:
        known = known_fields(record_type)
        return [f"A {record_type.name} has no field {name!r}. {did_you_mean(name, known)}"]
    if name not in mapped:
        return [
            f"Field {name!r} has a value mapping and no column. Map a column to it, or drop the value mapping. "
            f"Mapped are {listed(mapped)}."
        ]
    field = record_type.field(name)
    if not field.choices:
        with_choices = [other.name for other in record_type.fields if other.choices]
        return [
            f"Field {name!r} has no fixed constants to map to; fields that have: {listed(with_choices)}. "
            "Drop its value mapping."
        ]
    return [*_unknown_constants(field, constants), *_values_with_two_constants(field, constants)]


def _unknown_constants(field: "Field", constants: Mapping[str, str | None]) -> list[str]:
    return [
        f"Field {field.name!r} has no constant {constant!r} (for value {value!r}). "
        + did_you_mean(constant, field.choices)
        for value, constant in constants.items()
        if constant is not None and constant not in field.choices
    ]


def _values_with_two_constants(field: "Field", constants: Mapping[str, str | None]) -> list[str]:
    trimmed: dict[str, str | None] = {}
    problems = []
    for value, constant in constants.items():
        first = trimmed.setdefault(value.strip(), constant)
        if first != constant:
            problems.append(
                f"Field {field.name!r} maps the value {value.strip()!r} to {first!r} and to {constant!r}. Keep one."
            )
    return problems
