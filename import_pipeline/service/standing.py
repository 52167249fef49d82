"""Where an import stands: which phases it has behind it, where its workspace is, and whether its time is over.

A workspace is scratch of one host: on another one, or where it was lost, the import begins again with its first phase.
The mark of phase 6 keeps it from writing twice.
"""

import socket
from typing import TYPE_CHECKING

from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import has_table, open_workspace, workspace_path
from import_pipeline.words import Phase, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


def this_host() -> str:
    """The name of this host, as imports remember where their workspace is."""
    return socket.gethostname()


def is_done_before(home: "Home", record: ImportRecord, phase: Phase) -> bool:
    """Whether an import that is queued again has this phase behind it, in a workspace of this host."""
    if record.status is not Status.QUEUED or record.resume_phase is None:
        return False
    return phase.position < record.resume_phase.position and _has_workspace(home, record)


def phase_to_resume(home: "Home", record: ImportRecord, broke: Phase | None = None) -> Phase:
    """The phase with which an import goes on: the first that has not ended, or the one that broke.

    Args:
        home: The home.
        record: The import.
        broke: The phase that could not be done.
    """
    open_phases = [phase.name for phase in record.phases if phase.status is not PhaseStatus.COMPLETED]
    first = broke or next(iter(open_phases), Phase.CLEANUP)
    is_here = record.workspace_host == this_host()
    if first is Phase.PREVALIDATION or (is_here and not _has_tables(home, record, first)):
        return Phase.PREVALIDATION
    return first


def is_overdue(home: "Home", record: ImportRecord, now: float | None = None) -> bool:
    """Whether the run that has an import has had it for longer than a run may take."""
    now = home.registry.now() if now is None else now
    return record.run_since is not None and now - record.run_since > home.settings.run_seconds


def _has_workspace(home: "Home", record: ImportRecord) -> bool:
    return record.workspace_host == this_host() and workspace_path(home.settings, record.id).exists()


def _has_tables(home: "Home", record: ImportRecord, phase: Phase) -> bool:
    """Whether the workspace holds what this phase works with."""
    if not workspace_path(home.settings, record.id).exists():
        return False
    if phase.position <= Phase.PARSING.position:
        return True
    try:
        with open_workspace(home.settings, record.id) as connection:
            return has_table(connection, "plan")
    except WorkspaceBusyError:  # somebody looks into it, so it is there
        return True
