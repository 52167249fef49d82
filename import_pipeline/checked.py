"""Reading a body by its pydantic model, with refusals that a person can act on.

The one place where pydantic's ValidationError is caught: it becomes a SpecError that names the field, the value and
the remedy. The models of the bodies stand in the module of their vocabulary.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from import_pipeline.errors import SpecError
from import_pipeline.nearest import did_you_mean

_SHOWN_PROBLEMS = 5
_SHOWN_VALUE = 80

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], body: Any, where: str) -> Model:
    """Read a body by its model.

    Args:
        model: What the body must look like; it forbids unknown keys.
        body: What somebody sent.
        where: What the body is called in a refusal, for example `imports-confirm`.

    Raises:
        SpecError: The body does not fit; every problem is named with field, value and remedy.
    """
    if not isinstance(body, Mapping):
        raise SpecError(
            f"{where}: {shown(body)} is not an object. Give names and values, for example {_example(model)}.",
            value=shown(body),
        )
    try:
        return model.model_validate(dict(body))
    except ValidationError as error:
        raise explained(error, model, where) from error


def explained(error: ValidationError, model: type[BaseModel], where: str) -> SpecError:
    """Say a ValidationError in the project's words."""
    details = error.errors(include_url=False, include_context=False)
    problems = [_problem(detail, model) for detail in details[:_SHOWN_PROBLEMS]]
    more = f" {len(details) - _SHOWN_PROBLEMS} more problems follow." if len(details) > _SHOWN_PROBLEMS else ""
    return SpecError(
        f"{where}: {' '.join(problem for _, problem in problems)}{more}",
        fields=[{"field": field, "problem": problem} for field, problem in problems],
    )


def shown(value: Any) -> str:
    """A value as a refusal shows it: as it was given, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + "…"


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    place = detail["loc"]
    field = ".".join(str(part) for part in place if part != "[key]")
    if detail["type"] == "extra_forbidden":
        return field, f"Unknown key {field!r}. {_known_key(model, place)}"
    if detail["type"] == "missing":
        return field, f"{field!r} is missing. Give it: {_description(model, place)}"
    message = reworded(detail["msg"])
    if not place:
        return field, message
    return field, f"{field!r} is {shown(detail['input'])}: {message}"


def reworded(message: str) -> str:
    """A message of pydantic in words that fit a sentence of ours."""
    for pydantic_words, our_words in (
        ("Value error, ", ""),
        ("Assertion failed, ", ""),
        ("Input should", "it must"),
        ("String should", "it must"),
        ("List should", "it must"),
        ("Tuple should", "it must"),
        ("Dictionary should", "it must"),
        ("Keys should", "its keys must"),
        ("valid tuple", "valid list"),
        ("valid frozenset", "valid list"),
        ("valid dictionary", "valid object"),
    ):
        message = message.replace(pydantic_words, our_words)
    return message if message.endswith((".", "!", "?")) else message + "."


def _known_key(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """What a key that is unknown where it stands should be: it may be one of an object there, else all are named."""
    key, keys = str(place[-1]), _keys_at(model, place[:-1])
    inner = next((name for name in keys if key in _keys_at(model, (*place[:-1], name))), None)
    if inner is not None:
        return f'It is a key of {inner!r}: give {inner} as an object, for example {{"{key}": …}}.'
    return did_you_mean(key, keys, shown=len(keys))


def _keys_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    inner = _model_at(model, place)
    return list(inner.model_fields) if inner is not None else []


def _model_at(model: type[BaseModel], place: tuple[int | str, ...]) -> type[BaseModel] | None:
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _models_in(field.annotation) if field is not None else []
        if not inner:
            return None
        model = inner[0]
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]


def _description(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    inner = _model_at(model, place[:-1])
    field = inner.model_fields.get(str(place[-1])) if inner is not None else None
    return (field.description if field is not None else None) or "it is required."


def _example(model: type[BaseModel]) -> str:
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    return "{" + f'"{(required or list(model.model_fields))[0]}": …' + "}"
