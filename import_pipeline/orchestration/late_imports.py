"""What Dagster's storage imports for work that a home which is there already never has: loaded when it is used.

Its SQL storage imports Alembic, to make or migrate tables, and SQLAlchemy's dialects of other databases; its run
storage imports the whole daemon, for one class of values: a fifth of a second of each command that runs an import.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_ALEMBIC = {
    "alembic.command": ("downgrade", "stamp", "upgrade"),
    "alembic.config": ("Config",),
    "alembic.runtime.environment": ("EnvironmentContext",),
    "alembic.runtime.migration": ("MigrationContext",),
    "alembic.script": ("ScriptDirectory",),
}
"""What `dagster._core.storage.sql` imports of it."""
_DAEMON = "dagster._daemon"


def import_sqlite_storage() -> None:
    """Import Dagster's storage for SQLite without what only others use, which stays importable as ever."""
    if "dagster._core.storage.sql" not in sys.modules and "alembic" not in sys.modules:
        with _standing_in(_alembic()):
            import_module("dagster._core.storage.sql")
    if "dagster._core.storage.runs" not in sys.modules and _DAEMON not in sys.modules:
        with _standing_in([_package(_DAEMON)]), _without_dialects("mysql", "postgresql"):
            import_module("dagster._core.storage.runs")
            import_module("dagster._core.storage.event_log")
            import_module("dagster._core.storage.schedules")


class _UncheckedDialect:
    """Stands for a dialect that is not in use: the options that tables have for it are not looked at."""

    construct_arguments = None


@contextmanager
def _without_dialects(*names: str) -> Iterator[None]:
    """Dagster's tables have options for other databases, to check which SQLAlchemy would load their dialects."""
    from sqlalchemy.dialects import registry
    from sqlalchemy.sql.base import DialectKWArgs

    unused = [name for name in names if f"sqlalchemy.dialects.{name}" not in sys.modules]
    for name in unused:
        registry.register(name, __name__, _UncheckedDialect.__name__)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        for name in unused:
            registry.impls.pop(name)
            DialectKWArgs._kw_registry.pop(name, None)


class _Late:
    """A function or class of a module that is imported at the first use."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(import_module(self._module), self._name)(*arguments, **named)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(getattr(import_module(self._module), self._name), attribute)


def _alembic() -> list[ModuleType]:
    modules = {name: ModuleType(name) for name in ("alembic", "alembic.runtime", *_ALEMBIC)}
    for module, names in _ALEMBIC.items():
        for name in names:
            setattr(modules[module], name, _Late(module, name))
    return list(modules.values())


def _package(name: str) -> ModuleType:
    """A package whose modules can be imported without what it imports itself."""
    spec = find_spec(name)
    assert spec is not None
    package = ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations or ())
    return package


@contextmanager
def _standing_in(modules: list[ModuleType]) -> Iterator[None]:
    sys.modules.update({module.__name__: module for module in modules})
    try:
        yield
    finally:
        for module in modules:
            del sys.modules[module.__name__]
