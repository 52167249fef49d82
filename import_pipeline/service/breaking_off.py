"""What becomes of imports whose phase broke off, whatever the cause: they fail, are cancelled, or go on later.

Whether records may be written already decides: then an import never fails, it is finished later.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError, StoppedError, WorkspaceBusyError
from import_pipeline.service import publishing, transitions
from import_pipeline.service.reasons import reason_of, told_after_writing
from import_pipeline.service.written import may_be_written
from import_pipeline.stores import imports, phase_log
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.service.batches import Batch

log = logging.getLogger(__name__)

INTERRUPTED = "It was interrupted. Nothing is half-written; run the file again, or `import-pipeline resume ID`."


def break_off(
    batch: "Batch", records: Sequence[ImportRecord], phase: Phase, error: BaseException
) -> dict[str, Exception]:
    """Note that a phase broke.

    The imports fail, or, where their records are written, are finished later. Of several, each goes on by itself where
    it is not known whose fault it was.

    Args:
        batch: The batch; who goes on by itself leaves it.
        records: The imports of it that were at work.
        phase: The phase.
        error: What broke it.

    Returns:
        Import id → why it did not end well.

    Raises:
        BaseException: The error itself, where it wants the process to end and not only the imports.
    """
    home = batch.home
    if isinstance(error, WorkspaceBusyError):  # whoever looks into it, or still has it open, is gone later
        transitions.requeue(home, {record.id: error.message for record in records}, batch.run_id, broke=phase)
        return {record.id: error for record in records}
    if batch.is_several and _is_of_one(error):
        ours = still_ours(batch, records)
        transitions.leave_batch(home, ours, batch.run_id)
        batch.alone |= set(ours)
        batch.left |= set(ours)
        records = [record for record in records if record.id not in ours]
    wanted = batch.cancels(error)
    errors: dict[str, Exception] = {}
    for begun in records:
        stopped = _note_broken(batch, begun, phase, error, wanted)
        if stopped is not None:
            stopped.__cause__ = error
            errors[begun.id] = stopped
        elif isinstance(error, Exception):
            errors[begun.id] = error
    if not isinstance(error, Exception) and any(record.id not in errors for record in records):
        raise error
    return errors


def _is_of_one(error: BaseException) -> bool:
    """Whether what broke a batch may be the fault of one of its imports, and not of what all of them need."""
    import duckdb

    if isinstance(error, ImportPipelineError):
        return not error.transient
    return isinstance(error, duckdb.Error)


def _note_broken(
    batch: "Batch", begun: ImportRecord, phase: Phase, error: BaseException, is_wanted: bool
) -> StoppedError | None:
    """Note what becomes of an import whose phase broke; gives why, where it was taken out of the hands of this run."""
    home = batch.home
    record = imports.get(home.registry, begun.id)
    if record.status is not Status.COMPLETED:  # else it was somebody else who had it in the end
        _publish_what_is_known(home, begun)
    if record.status is Status.PROCESSING and record.run_id == begun.run_id:
        if record.writing_since is None and is_wanted:
            transitions.cancel(home, [begun.id], INTERRUPTED, phase=phase)
            record = imports.get(home.registry, begun.id)
        elif may_be_written(home.settings, record):
            told = told_after_writing(error, record.id, home.settings)
            transitions.requeue(home, {record.id: told}, record.run_id, broke=phase)
            return None
        else:
            transitions.fail(home, {record.id: reason_of(error, home.settings)}, record.run_id, phase=phase)
            return None
    elif record.status.is_final and record.run_id == begun.run_id:
        phase_log.end(home.registry, begun.id, phase, PhaseStatus.FAILED)
    return StoppedError(begun.id, record.status, record.reason)


def _publish_what_is_known(home: "Home", record: ImportRecord) -> None:
    """Publish how far an import came that broke off."""
    try:
        publishing.publish_stopped(home, record)
    except Exception:  # told in the log
        # Whatever is in the way is no reason to tell another cause than the phase's, or to leave the import at work:
        # what is missing is published when somebody asks for it.
        log.exception("What is known of the rows of import %s was not published.", record.id)


def still_ours(batch: "Batch", records: Sequence[ImportRecord]) -> list[str]:
    """Those of the imports that are still in the hands of this run."""
    states = imports.states(batch.home.registry, [record.id for record in records])
    return [record.id for record in records if states.get(record.id) == (Status.PROCESSING, batch.run_id)]
