"""What Dagster's storage imports for work that a home which is there already never has: loaded when it is used.

Its SQL storage imports Alembic, to make or migrate tables; its run storage imports the whole daemon, for one class of
values. Nothing in Dagster turns that off, and both are imports of names, which Python's own lazy loader loads at once.
So these modules are stood in for while the storage is imported: that saves an eighth of a second of each command that
runs an import, a tenth of what Dagster, DuckDB and pandas take to load (`import_pipeline_tests.benchmarks.start_up`).
Where Dagster imports other names, the import fails and says which; without this module all works, and is slower.
"""

import sys
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
        with _standing_in([_package(_DAEMON)]):
            import_module("dagster._core.storage.runs")


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
