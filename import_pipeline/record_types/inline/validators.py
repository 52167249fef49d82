"""The sixteen validators of page 004: which rule, or which uniqueness, each of them is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError
from import_pipeline.nearest import did_you_mean, listed
from import_pipeline.record_types.inline.types import ResolvedType, refuse_empty_range
from import_pipeline.record_types.record_type import Uniqueness
from import_pipeline.record_types.rules import alphabetical, finds, length, present, required_when, worded

if TYPE_CHECKING:
    from pandera.pandas import Check

_TEXT = ("str",)
_MOST_CHARACTERS = 1_000_000_000
Scalar = str | int | float | bool


class Validator(BaseModel):
    """What every validator may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    validate_: str = Field(alias="validate", description="The name of the validator.")
    errorMessage: str | None = Field(default=None, description="What people are told.")  # noqa: N815
    level: Literal["info", "warning", "error"] = Field(default="error", description="Only an error keeps a row out.")


class _Regex(Validator):
    regex: str = Field(description="A regular expression that RE2 takes.")
    regexOptions: dict[str, bool] = Field(default_factory=dict, description="ignoreCase, dotAll, …")  # noqa: N815


class _Fields(Validator):
    fields: list[str] = Field(min_length=1, description="Keys of other fields.")


class _Values(Validator):
    fieldValues: dict[str, Scalar | list[Scalar]] = Field(min_length=1, description="Key → value.")  # noqa: N815


class _Length(Validator):
    min: int | None = Field(default=None, ge=0, le=_MOST_CHARACTERS, description="The fewest characters.")
    max: int | None = Field(default=None, ge=0, le=_MOST_CHARACTERS, description="The most characters.")


class _UniqueWith(Validator):
    uniqueKey: str = Field(min_length=1, description="Fields with the same key are compared together.")  # noqa: N815


_MODELS: dict[str, type[Validator]] = {
    "required": Validator,
    "unique": Validator,
    "unique_case_insensitive": Validator,
    "unique_with": _UniqueWith,
    "regex_match": _Regex,
    "regex_exclude": _Regex,
    "require_with": _Fields,
    "require_without": _Fields,
    "require_with_all": _Fields,
    "require_without_all": _Fields,
    "require_with_values": _Values,
    "require_without_values": _Values,
    "require_with_all_values": _Values,
    "require_without_all_values": _Values,
    "length": _Length,
    "alphabetical": Validator,
}
NAMES = tuple(_MODELS)


@dataclass
class Rules:
    """What the validators of one field come to."""

    checks: "list[Check]" = field(default_factory=list)
    between: "list[Check]" = field(default_factory=list)
    unique: list[Uniqueness] = field(default_factory=list)
    unique_with: dict[str, Validator] = field(default_factory=dict)
    required: bool = False


def rules_of(key: str, given: list[dict[str, Any]], types: Mapping[str, ResolvedType]) -> Rules:
    """The rules of one field.

    Args:
        key: The field.
        given: Its validators as page 004 writes them.
        types: The types of all fields, by key.

    Raises:
        SpecError: An unknown validator, one that does not go with the type, or one that names no field.
    """
    found = Rules()
    for one in given:
        name = one.get("validate")
        where = f"Field {key!r}, validator {name!r}"
        if not isinstance(name, str) or name not in _MODELS:
            raise SpecError(f"{where}: there is no such validator. {did_you_mean(str(name), NAMES)}", known=list(NAMES))
        validator = checked(_MODELS[name], one, where)
        try:
            _add(found, key, name, validator, types)
        except SpecError as error:
            raise SpecError(f"{where}: {error.message}", **error.culprits) from error
    return found


def _add(found: Rules, key: str, name: str, validator: Validator, types: Mapping[str, ResolvedType]) -> None:
    words = (validator.level, validator.errorMessage)
    if name in ("unique", "unique_case_insensitive"):
        found.unique.append(Uniqueness((key,), key, name != "unique", *words))
    elif isinstance(validator, _UniqueWith):
        found.unique_with[validator.uniqueKey] = validator
    elif isinstance(validator, (_Fields, _Values)):
        found.between.append(worded(_required_when(key, name, validator, types), *words))
    else:
        if name == "required":
            found.required |= validator.level == "error"
        elif types[key].type.pandas_type not in _TEXT:
            raise SpecError(f"It is for text, and the field is a {types[key].name}. Leave it out.", field=key)
        found.checks.append(worded(_CHECKS[name](validator), *words))


def _required_when(key: str, name: str, validator: Validator, types: Mapping[str, ResolvedType]) -> "Check":
    others = validator.fields if isinstance(validator, _Fields) else list(getattr(validator, "fieldValues", ()))
    unknown = [other for other in others if other not in types]
    if unknown:
        raise SpecError(f"There is no field {listed(unknown)}. {did_you_mean(unknown[0], types)}", fields=unknown)
    if isinstance(validator, _Values):
        values = validator.fieldValues
        return required_when.check(name, key, {other: _typed(other, types[other], values[other]) for other in others})
    return required_when.check(name, key, others)


def _typed(key: str, built: ResolvedType, given: Any) -> list[Any]:
    """The values that count, of the type of their field."""
    values = given if isinstance(given, list) else [given]
    if not values:
        raise SpecError(
            f"The values of {key!r} are an empty list. Give at least one value, or drop {key!r}.", field=key
        )
    kind = built.type.pandas_type
    if kind == "str":
        return [str(value) for value in values]
    if kind == "boolean" and all(isinstance(value, bool) for value in values):
        return values
    if kind in ("float64", "Int64") and all(type(value) in (int, float) for value in values):
        return values
    raise SpecError(
        f"The values of {key!r} are {values!r}, and the field is a {built.name}: values can be asked for in texts, "
        "numbers and checkboxes, written as such.",
        field=key,
    )


def _length(validator: Any) -> "Check":
    if validator.min is None and validator.max is None:
        raise SpecError("It has neither min nor max. Give one of them.")
    refuse_empty_range(validator.min, validator.max)
    return length.check(min_value=validator.min, max_value=validator.max)


def _regex(validator: Any) -> "Check":
    known = {*finds.FLAGS, "unicode"}
    unknown = sorted(set(validator.regexOptions) - known)
    if unknown:
        raise SpecError(f"Unknown regexOptions {listed(unknown)}. {did_you_mean(unknown[0], sorted(known))}")
    options = [name for name, is_set in validator.regexOptions.items() if is_set and name in finds.FLAGS]
    return finds.check(validator.regex, wanted=validator.validate_ == "regex_match", options=options)


_CHECKS: dict[str, Callable[[Any], "Check"]] = {
    "required": lambda validator: present.check(),
    "regex_match": _regex,
    "regex_exclude": _regex,
    "length": _length,
    "alphabetical": lambda validator: alphabetical.check(),
}
