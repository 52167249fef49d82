"""What a run of Dagster's is to those who tell something of it: a step's context, or a run that has no step at work."""

from typing import Any, Protocol

import dagster as dg


class Told(Protocol):
    """A run, as who tells something of it is given it."""

    @property
    def instance(self) -> dg.DagsterInstance:
        """Where it is recorded."""
        ...

    @property
    def run(self) -> dg.DagsterRun:
        """The run."""
        ...

    @property
    def log(self) -> Any:
        """Its log, for people."""
        ...

    def log_event(self, event: Any, /) -> None:
        """Record an event of an asset."""
        ...
