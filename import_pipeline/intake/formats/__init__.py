"""The formats that payloads can have: one module each, found by looking into this folder.

A module here is a `Format` (see `intake.table`): it names itself, recognises its content and opens a table.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from import_pipeline.intake.table import Format, Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings


@cache
def all_formats() -> tuple[Format, ...]:
    """Every format, in the order in which they are asked."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(cast("list[Format]", sorted(modules, key=lambda module: module.PRIORITY)))


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Find the table in a payload, whatever its format; what it is decides its content, not its name.

    Raises:
        PayloadError: The payload cannot be read.
        LimitExceededError: A limit was passed.
    """
    head = payload.head()
    found = next(one for one in all_formats() if one.recognises(head, payload))
    return found.open_table(payload, options, settings)
