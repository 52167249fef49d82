"""The formats that payloads can have: one module each, found by looking into this folder.

A module here is a `Format` (see `intake.table`): it names itself, recognises its content and opens a table.
"""

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from import_pipeline.intake.table import Format


@cache
def all_formats() -> tuple[Format, ...]:
    """Every format, in the order in which they are asked."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(cast("list[Format]", sorted(modules, key=lambda module: module.PRIORITY)))


def format_of(head: bytes, path: Path) -> Format:
    """The format of a payload, by its first bytes."""
    return next(one for one in all_formats() if one.recognises(head, path))
