"""How Dagster's functions reach the service: opened at the first use, once for each process and settings.

Loading the code location opens nothing; the slow imports behind the service happen in the run.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from import_pipeline.imports import ImportService
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.settings import Settings
    from import_pipeline.words import Phase

OpenService = Callable[[], "ImportService"]
OnPhase = Callable[["Phase", "PhaseReport | None"], None]
"""Told of each phase: without a report when it begins, with its report when it ends."""


def service_of(settings: "Settings") -> OpenService:
    """A function that opens the service at its first call and gives the same one ever after."""

    @cache
    def open_service() -> "ImportService":
        from import_pipeline.imports import ImportService

        return ImportService(settings)

    return open_service
