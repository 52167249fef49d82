"""Transitions of an import that are asked for from outside its run: it is cancelled, or noted as failed."""

from contextlib import suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import StateError, WrittenError
from import_pipeline.service import resuming
from import_pipeline.service.written import WRITING, may_be_written
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


def fail(home: "Home", import_id: str, reason: str) -> None:
    """Note that an import failed, unless it has ended already; one that has written is finished instead."""
    with suppress(StateError):
        if may_be_written(home.settings, imports.get(home.registry, import_id)):
            resuming.requeue(home, import_id, reason)
        else:
            imports.move(home.registry, import_id, Status.FAILED, reason=reason)


def cancel(home: "Home", import_id: str, reason: str = "Cancelled on request.") -> ImportRecord:
    """Stop an import that has not ended, wherever it runs: the run notices, and drops what it did.

    Raises:
        StateError: It has ended.
        WrittenError: Its records are being written: they stay, and can be undone.
    """

    def too_late(record: ImportRecord) -> WrittenError | None:
        return WrittenError(import_id) if WRITING in record.details else None

    return imports.move(home.registry, import_id, Status.CANCELLED, reason=reason, unless=too_late)
