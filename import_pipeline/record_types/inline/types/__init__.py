"""The types that a field of page 004 can have, one file each, found by file name: a new file is a new type.

A file has OPTIONS, the model of what may be said about the type, and `build`, which gives the field type that reads and
stores its values and the rules that they keep. `built` is the one door.
"""

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError
from import_pipeline.nearest import did_you_mean
from import_pipeline.record_types.inline.types._built import Choice, ResolvedType, refuse_empty_range

__all__ = ["Choice", "ResolvedType", "built", "names", "refuse_empty_range", "takes_choices"]

_WITH_CHOICES = ("select", "multi-select")


@cache
def names() -> tuple[str, ...]:
    """The names of all types, as page 004 writes them."""
    files = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in files))


def takes_choices(name: str) -> bool:
    """Whether a type has select options."""
    return name in _WITH_CHOICES


def built(name: Any, options: Mapping[str, Any], choices: Sequence[Choice], where: str) -> ResolvedType:
    """The field type and the rules of one type with its options.

    Args:
        name: The type as page 004 writes it.
        options: What is said about it.
        choices: The select options of the field.
        where: What the field is called in a refusal.

    Raises:
        SpecError: No such type, an option that it does not have, or choices that do not go with it.
    """
    if name not in names():
        raise SpecError(f"{where}: Unknown type {name!r}. {did_you_mean(str(name), names())}", known=list(names()))
    if choices and not takes_choices(name):
        raise SpecError(f"{where}: A {name} has no selectOptions. Leave them out, or make it a select.", type=name)
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    made = module.build(checked(module.OPTIONS, options, f"{where}, type {name}"), tuple(choices))
    return replace(made, name=name)
