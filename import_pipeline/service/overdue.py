"""Imports that are processing though their time is over: whoever looks from time to time says that they timed out.

A run that is alive says it itself (`watching`), so these are the imports of processes that are gone.
"""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import StateError
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.imports import ImportService

GRACE_SECONDS = 60
_AT_ONCE = 200


def time_out(service: "ImportService", import_id: str) -> bool:
    """Note that an import took too long; its run, if it has one, notices and ends.

    Returns:
        Whether it was processing until now.
    """
    seconds = service.settings.run_seconds
    reason = f"It took longer than {seconds} seconds (IMPORT_PIPELINE_RUN_SECONDS)."
    with suppress(StateError):
        service.registry.move(import_id, Status.TIMED_OUT, only_from=(Status.PROCESSING,), reason=reason)
        return True
    return False


def settle_overdue(service: "ImportService") -> list[str]:
    """Time out the imports that have been processing for longer than a run may take.

    Returns:
        Those that timed out.
    """
    latest = time.time() - service.settings.run_seconds - GRACE_SECONDS
    page, overdue = 1, list[str]()
    while True:
        found = service.registry.list(status=Status.PROCESSING, page=page, limit=_AT_ONCE)
        overdue += [record.id for record in found.items if record.started_at is not None and record.started_at < latest]
        if not found.has_more:
            return [import_id for import_id in overdue if time_out(service, import_id)]
        page += 1
