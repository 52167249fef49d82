"""From a list of fields to the record type: types, rules, identity and what must be mapped, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.record_types.declaring import column, record_type_of_schema
from import_pipeline.record_types.inline.definition import InlineField, read_field
from import_pipeline.record_types.inline.types import ResolvedType, resolve_type
from import_pipeline.record_types.inline.validators import Rules, Validator, rules_of
from import_pipeline.record_types.record_type import RecordType, Uniqueness
from import_pipeline.record_types.rules import worded

MAX_FIELDS = 1_000


def build(name: str, given: Sequence[Mapping[str, Any]], label: str | None) -> RecordType:
    """Build the record type; see `record_type_of_fields`."""
    fields = [read_field(one) for one in given]
    _refuse_number_and_repeats(fields)
    types = {field.key: _type_of(field) for field in fields}
    rules = {field.key: rules_of(field.key, field.validators, types) for field in fields}
    columns = {
        field.key: column(
            field.label or field.key,
            types[field.key].type,
            synonyms=field.alternateMatches,
            choices=types[field.key].choices,
            description=field.description or "",
            checks=[*types[field.key].checks, *rules[field.key].checks],
        )
        for field in fields
    }
    for field in fields:
        rules_of_type = len(columns[field.key].checks) - len(rules[field.key].checks)
        for check in columns[field.key].checks[:rules_of_type]:
            worded(check, None, field.invalidValueMessage)
    unique = [one for found in rules.values() for one in found.unique]
    identifiers = dict.fromkeys(one.fields[0] for one in unique if one.level == "error")
    declared = record_type_of_schema(
        name,
        columns,
        [key for key in identifiers if not types[key].type.sql_type.endswith("[]")],
        label=label,
    )
    declared.schema.checks = [check for found in rules.values() for check in found.between]
    any_case = {one.fields[0] for one in unique if one.level == "error" and one.ignore_case}
    return replace(
        declared,
        fields=tuple(replace(field, ignore_case=field.name in any_case) for field in declared.fields),
        plural=name,
        table=name,
        is_inline=True,
        wanted=tuple(field.key for field in fields if field.requireMapping or rules[field.key].required),
        unique=(*unique, *_together(rules)),
    )


def _type_of(field: InlineField) -> ResolvedType:
    where = f"Field {field.key!r}"
    name, options = field.typed()
    try:
        made = resolve_type(name, options, [option.choice() for option in field.selectOptions], where)
    except SpecError as error:
        message = error.message if error.message.startswith(where) else f"{where}: {error.message}"
        raise SpecError(message, **error.culprits) from error
    if field.invalidValueMessage and made.type.code:
        return replace(made, type=replace(made.type, message=field.invalidValueMessage))
    return made


def _together(rules: Mapping[str, Rules]) -> list[Uniqueness]:
    """The fields that are unique with one another: one uniqueness for each key."""
    groups: dict[str, dict[str, Validator]] = {}
    for field, found in rules.items():
        for key, validator in found.unique_with.items():
            groups.setdefault(key, {})[field] = validator
    together = []
    for fields in groups.values():
        field, first = next(iter(fields.items()))
        message = next((one.errorMessage for one in fields.values() if one.errorMessage), None)
        together.append(Uniqueness(tuple(fields), field, False, first.level, message))
    return together


def _refuse_number_and_repeats(fields: Sequence[InlineField]) -> None:
    if not 1 <= len(fields) <= MAX_FIELDS:
        raise SpecError(f"A schema of {len(fields)} fields cannot be: give it 1 to {MAX_FIELDS}.")
    keys = [field.key.lower() for field in fields]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise SpecError(
            f"The keys {listed(twice)} stand more than once (upper and lower case are one). Give each field its own.",
            keys=twice,
        )
