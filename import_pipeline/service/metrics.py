"""What those who watch an installation are told: the registry's figures, and what this process adds to them."""

from typing import TYPE_CHECKING

from import_pipeline.stores import counters, figures
from import_pipeline.stores.counters import Counter
from import_pipeline.stores.figures import Figures

if TYPE_CHECKING:
    from import_pipeline.home import Home

__all__ = ["Counter", "Figures", "add_lock_waits", "read"]


def read(home: "Home") -> Figures:
    """Read the figures of this moment, of all processes and hosts that share the registry.

    Raises:
        RegistryError: The registry does not answer.
    """
    return figures.read(home.impatient_registry)


def add_lock_waits(home: "Home") -> None:
    """Bring this process's waits for record stores into the registry."""
    counters.add_lock_waits(home.registry)
