"""What can be imported: one Pandera model a file in `models/`, its field types and its rules.

Interfaces ask here which record types there are. Importing this package is cheap: pandera, pandas and duckdb are
loaded only when a record type is asked for by `get`.
"""

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import UnknownRecordTypeError

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

__all__ = ["get", "names", "plural_of", "table_of"]


@cache
def names() -> tuple[str, ...]:
    """The names of all record types, in alphabetical order: the files in `models/`."""
    folder = Path(__file__).parent / "models"
    found = (module.name for module in pkgutil.iter_modules([str(folder)]))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def get(name: str) -> "RecordType":
    """The record type of that name (singular, as the file in `models/` is called).

    Raises:
        UnknownRecordTypeError: No file in `models/` has this name.
    """
    _check(name)
    return _load(name)


def table_of(name: str) -> str:
    """The table that holds the records of a record type, without loading its model.

    Raises:
        UnknownRecordTypeError: No file in `models/` has this name.

    >>> table_of("company")
    'companies'
    """
    _check(name)
    return plural_of(name)


def plural_of(name: str) -> str:
    """The plural of a record type's name, declared or not: what its table is called.

    >>> [plural_of(name) for name in ("contact", "company", "survey", "address")]
    ['contacts', 'companies', 'surveys', 'addresses']
    """
    if name.endswith("y") and name[-2:-1] not in tuple("aeiou"):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def _check(name: str) -> None:
    if name not in names():
        raise UnknownRecordTypeError(name, names())


@cache
def _load(name: str) -> "RecordType":
    declaring = import_module("import_pipeline.record_types.declaring")
    module = import_module(f"import_pipeline.record_types.models.{name}")
    return declaring.record_type_of_module(name, module)
