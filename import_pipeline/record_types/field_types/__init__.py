"""The types a field can have, one file each, found by file name: a new file is a new type.

`get` gives a type by name; what every type answers is said by `FieldType`.
"""

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module

from import_pipeline.errors import SpecError
from import_pipeline.record_types.field_types._field_type import CastOptions, Convention, FieldType, ValuesFound

__all__ = ["CastOptions", "Convention", "FieldType", "ValuesFound", "get", "names"]


@cache
def names() -> tuple[str, ...]:
    """The names of all field types: the files of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@cache
def get(name: str, choices: tuple[str, ...] = (), words: tuple[tuple[str, str], ...] = ()) -> FieldType:
    """The field type of that name.

    Args:
        name: The name of its file.
        choices: The constants of an enum.
        words: Further words for these, each with the constant that it means.

    Raises:
        SpecError: There is no such type, or choices and type do not go together.
    """
    if name not in names():
        raise SpecError(f"Unknown field type {name!r}. Use one of: {', '.join(names())}.", type=name, known=names())
    field_type: FieldType = import_module(f"{__name__}.{name}").TYPE
    if field_type.takes_choices != bool(choices):
        what = "needs at least one choice" if field_type.takes_choices else "takes no choices; use type 'enum' for them"
        raise SpecError(f"Field type {name!r} {what}.", type=name, choices=choices)
    return replace(field_type, choices=choices, words=words)
