"""Imports that are processing though their time is over: whoever looks from time to time says that they timed out.

A run that is alive says it itself (`watching`), so these are the imports of processes that are gone. One that may have
written its records never times out: it is brought to its end.
"""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import StateError, WrittenError
from import_pipeline.service.resuming import requeue_if_abandoned
from import_pipeline.service.written import WRITING
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

GRACE_SECONDS = 60
_AT_ONCE = 200
_AT_WORK = (Status.PROCESSING, Status.QUEUED)


def time_out(home: "Home", import_id: str, told: str | None = None) -> bool:
    """Note that an import took too long, unless it may have written; its run, if it has one, notices and ends.

    Args:
        home: The home.
        import_id: The import.
        told: What is known of it, for people.

    Returns:
        Whether it waited for its end until now.
    """
    told = told or f"It took longer than {home.settings.run_seconds} seconds (IMPORT_PIPELINE_RUN_SECONDS)."
    reason = f"{told} Nothing was written; `import-pipeline resume {import_id}` starts it again."

    def has_written(record: ImportRecord) -> WrittenError | None:
        return WrittenError(import_id) if WRITING in record.details else None

    with suppress(StateError):
        imports.move(home.registry, import_id, Status.TIMED_OUT, only_from=_AT_WORK, reason=reason, unless=has_written)
        return True
    return False


def is_overdue(home: "Home", record: ImportRecord) -> bool:
    """Whether an import that is taken up has been at work for longer than a run may take."""
    return record.started_at is not None and time.time() - record.started_at > home.settings.run_seconds


def settle_overdue(home: "Home") -> list[str]:
    """Time out the imports that have been processing for longer than a run may take; what has written goes on.

    Returns:
        Those that timed out or were queued again.
    """
    latest = time.time() - home.settings.run_seconds - GRACE_SECONDS
    page, overdue = 1, list[ImportRecord]()
    while True:
        found = imports.list_imports(home.registry, status=Status.PROCESSING, page=page, limit=_AT_ONCE)
        overdue += [record for record in found.items if record.started_at is not None and record.started_at < latest]
        if not found.has_more:
            return [record.id for record in overdue if _settle(home, record)]
        page += 1


def _settle(home: "Home", record: ImportRecord) -> bool:
    if time_out(home, record.id):
        return True
    return WRITING in record.details and requeue_if_abandoned(home, record)
