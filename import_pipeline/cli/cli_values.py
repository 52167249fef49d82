"""What is given on the command line as JSON, as a file, or as KEY=VALUE, read into plain values.

What the values mean is decided by the spec; here it is only told when they cannot be read.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from import_pipeline.errors import MappingError, SpecError

_EXAMPLE = '{"E-mail": "email"}'


def read_object(given: str, option: str, example: str = _EXAMPLE) -> dict[str, Any]:
    """Read a JSON object from text, or from the file that the text names.

    Args:
        given: JSON text that begins with a brace, or the path of a JSON file.
        option: The option, for messages.
        example: What would be right, for messages.

    Raises:
        MappingError: There is no such file, or it is not a JSON object.
    """
    text, where = given.strip(), option
    if not text.startswith("{"):
        path = Path(given).expanduser()
        if not path.is_file():
            raise MappingError(
                f"{option}: {given!r} is neither a JSON object nor a file. "
                f"Write {option} '{example}', or the path of a file that holds that.",
                given=given,
            )
        where = f"{option} file {given!r}"
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise MappingError(f"The {where} is not UTF-8 text: save it as UTF-8.", given=given) from error
    try:
        found = json.loads(text, object_pairs_hook=_without_repeats)
    except _RepeatedKeyError as error:
        raise MappingError(f"{where} says {error.args[0]!r} twice. Keep one of the two.", given=given) from error
    except (json.JSONDecodeError, RecursionError) as error:
        place = f" (line {error.lineno}, column {error.colno}: {error.msg})" if isinstance(error, ValueError) else ""
        raise MappingError(f"{where} is not JSON{place}. It should look like {example}.", given=given) from error
    if not isinstance(found, dict):
        raise MappingError(f"{where} is not a JSON object. It should look like {example}.", given=given)
    return found


def read_settings_of_spec(assignments: Iterable[str]) -> dict[str, Any]:
    """Read KEY=VALUE pairs; a value that begins with a brace or bracket is JSON, anything else is text.

    Raises:
        SpecError: One has no `=`, stands twice, or its JSON cannot be read.
    """
    found: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        key = key.strip()
        if not equals or not key:
            raise SpecError(f"--set {assignment!r} has no key and value. Write --set KEY=VALUE.", given=assignment)
        if key in found:
            raise SpecError(f"--set gives {key!r} twice. Keep one of the two.", key=key)
        found[key] = _value(key, value)
    return found


def merged(options: Mapping[str, Any], assigned: Mapping[str, Any]) -> dict[str, Any]:
    """Options that were given (not None), with what --set adds.

    Raises:
        SpecError: --set gives what an option gives, too.
    """
    given = {key: value for key, value in options.items() if value is not None}
    twice = sorted(given.keys() & assigned.keys())
    if twice:
        raise SpecError(f"{', '.join(twice)} is given by an option and by --set. Keep one of the two.", keys=twice)
    return given | dict(assigned)


class _RepeatedKeyError(Exception):
    """A key that stands twice in one JSON object."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def _value(key: str, value: str) -> Any:
    if not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise SpecError(
            f"--set {key}: {value!r} is not JSON (column {error.colno}: {error.msg}). "
            "A value that begins with a brace or bracket must be JSON.",
            key=key,
        ) from error
