"""Who has an import: a run of this process, a process that keeps it for itself, or nobody.

What transitions ask before they change an import, and the columns of its lease as they are set.
"""

from enum import Enum
from typing import Any

from import_pipeline.errors import StateError
from import_pipeline.stores import leases
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, PhaseStatus, Status

KEEP_SECONDS = 120
"""So long a queued import is left to the process that keeps it for itself."""


class AnyRun(Enum):
    """Stands for whatever run has an import."""

    ANY_RUN = "any run"


ANY_RUN = AnyRun.ANY_RUN
OfRun = str | None | AnyRun


def if_ours(record: ImportRecord, run_id: OfRun) -> StateError | None:
    """Why an import is not in the hands of this run of this process any more, if it is not."""
    is_ours = record.status is Status.PROCESSING and record.lease_owner == leases.this_process()
    if is_ours and run_id in (ANY_RUN, record.run_id):
        return None
    return StateError(record.id, record.status, "changed by this run", [])


def is_free(record: ImportRecord, phase: Phase, run_id: str | None, now: int) -> bool:
    """Whether a run of this process may have the import: nobody else has it, or it was left by who had it."""
    if record.lease_owner is None or leases.is_over(record, now):
        return record.status is not Status.PROCESSING or record.run_id == run_id or _is_left(record, phase)
    if record.status is Status.QUEUED:
        return leases.is_of_family(record.lease_owner)
    return record.lease_owner == leases.this_process() and record.run_id == run_id


def _is_left(record: ImportRecord, phase: Phase) -> bool:
    """Whether another run may go on: after one that died with the first phase, after one that ended with the next."""
    return phase is Phase.PREVALIDATION or record.lease_owner is None


def is_at(record: ImportRecord, phase: Phase, run_id: str | None) -> bool:
    """Whether this phase is the next of an import."""
    if record.status is Status.PROCESSING:
        return True
    if record.status in (Status.FAILED, Status.TIMED_OUT):
        before = record.phases[: phase.position - 1]
        is_new = run_id is None or record.run_id != run_id
        return is_new and all(earlier.status is PhaseStatus.COMPLETED for earlier in before)
    return phase in (record.resume_phase, Phase.PREVALIDATION)


def lease(now: int) -> dict[str, Any]:
    """The lease of a run of this process, as it is set."""
    return {"lease_owner": leases.this_process(), "lease_until": now + leases.LEASE_SECONDS}


def kept(now: int, seconds: float | None) -> dict[str, Any]:
    """The lease of this process that means to run an import itself; nothing where it does not."""
    return {} if seconds is None else {"lease_owner": leases.this_process(), "lease_until": now + int(seconds)}
