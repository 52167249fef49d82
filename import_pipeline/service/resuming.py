"""Going on, on request, with an import that ended without its last phase.

One that ended without records starts again (`restarting.py`); one whose records are written is finished. What goes on
by itself is the reconciler's affair.
"""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError
from import_pipeline.service import reconciling, transitions
from import_pipeline.service.standing import phase_to_resume
from import_pipeline.service.written import is_written
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

STARTABLE_AGAIN = (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, Status.EXPIRED)


def resume(
    home: "Home", import_id: str, organization: str | None = None, *, keep_seconds: float | None = None
) -> ImportRecord:
    """Start again an import that ended without records, or finish one whose records are written.

    Args:
        home: The home.
        import_id: The import.
        organization: Only if it belongs to it.
        keep_seconds: How long it is left to this process, which means to run it itself.

    Returns:
        The import, which is queued.

    Raises:
        NotFoundError: There is no such import, or it belongs to another organization.
        StateError: It is at work, waits for something, or has ended with its records.
        MisuseError: Its file is no longer there, or no longer the same.
    """
    record = reconciling.look_after(home, imports.get(home.registry, import_id, organization))
    changes: dict[str, Any] = {}
    if record.status is not Status.QUEUED:
        if record.status not in STARTABLE_AGAIN:
            raise StateError(import_id, record.status, "resumed", [])
        if is_written(home.settings, record):
            changes = {"resume_phase": phase_to_resume(home, record)}
        else:
            from import_pipeline.service.restarting import from_the_beginning

            changes = from_the_beginning(home, record)
    return transitions.resume(home, record, changes, keep_seconds).one()
