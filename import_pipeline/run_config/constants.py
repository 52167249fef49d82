"""The two shapes of constants on page 003 into value mappings {value in the file: constant}.

[{id: constant, values: [values of the file]}] is today's shape, {constant: value or values} the older one; an empty
constant leaves the field empty.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from import_pipeline.checked import shown
from import_pipeline.errors import SpecError


class _Constant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = Field(description="The constant of the field; empty leaves the field empty.")
    values: list[str | None] = Field(description="The values of the file that mean it; null is the empty cell.")


_CONSTANTS = TypeAdapter(list[_Constant])
_OLDER = TypeAdapter(dict[str, str | list[str | None]])


def value_mappings_of(field: str, given: Any, where: str) -> dict[str, str | None]:
    """Turn the constants of one field into {value in the file: constant or None}.

    Args:
        field: The field as the body names it.
        given: Its constants, in either shape.
        where: What the body is called in a refusal.

    Raises:
        SpecError: Neither shape, or one value with two constants.
    """
    mapping: dict[str, str | None] = {}
    for constant, value in _pairs(field, given, where):
        if value in mapping and mapping[value] != constant:
            raise SpecError(
                f"{where}: file_constants_mappings maps the value {value!r} of {field!r} to {mapping[value]!r} and to "
                f"{constant!r}. Keep one of them.",
                field=field,
                value=value,
                readings=[mapping[value], constant],
            )
        mapping[value] = constant
    return mapping


def _pairs(field: str, given: Any, where: str) -> list[tuple[str | None, str]]:
    try:
        if isinstance(given, Mapping) and not isinstance(given.get("values"), list):
            older = _OLDER.validate_python(given)
            return [
                (constant or None, value or "")
                for constant, values in older.items()
                for value in ([values] if isinstance(values, str) else values)
            ]
        constants = _CONSTANTS.validate_python([given] if isinstance(given, Mapping) else given)
        return [(constant.id or None, value or "") for constant in constants for value in constant.values]
    except ValidationError as error:
        raise SpecError(
            f"{where}: file_constants_mappings of {field!r} is {shown(given)}: it must be a list of "
            '{"id": constant, "values": [values of the file]}.',
            field=field,
            value=shown(given),
        ) from error
