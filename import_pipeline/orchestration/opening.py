"""How Dagster's functions reach the service: opened at the first use, once for each process and settings.

Loading the code location opens nothing; the slow imports behind the service happen in the run.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.settings import Settings
    from import_pipeline.words import Phase

OpenHome = Callable[[], "Home"]
OnPhase = Callable[["Phase", "PhaseReport | None"], None]
"""Told of each phase: without a report when it begins, with its report when it ends."""


def opener_of(settings: "Settings") -> OpenHome:
    """A function that opens the service at its first call and gives the same one ever after."""

    @cache
    def open_home() -> "Home":
        from import_pipeline.home import Home

        return Home(settings)

    return open_home
