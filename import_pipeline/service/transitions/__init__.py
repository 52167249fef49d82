"""Transitions: what may happen to imports, and the one way in which each of it happens.

Every function takes a list of imports, is one transaction, and passes over those that are not any more where the event
may happen; from where to where each leads is in `service/events.py`. Whether records were written is asked of the
record store before, and an import that has begun to write since is passed over, too.

`waiting.py` has those of imports that no run has, `at_work.py` those of imports in the hands of a run, `stopping.py`
those that end imports or send them back. Callers name them by this package.
"""

from import_pipeline.service.events import Moved
from import_pipeline.service.transitions.at_work import (
    begin,
    complete,
    end_phase,
    hand_over,
    leave_batch,
    leave_out,
    note_writing,
    release,
    wait_for,
    wait_for_review,
)
from import_pipeline.service.transitions.holders import KEEP_SECONDS
from import_pipeline.service.transitions.phases import PhaseEnd
from import_pipeline.service.transitions.stopping import (
    MAX_ATTEMPTS,
    cancel,
    end_by_undo,
    expire,
    fail,
    finish,
    requeue,
    restore,
    revert,
    time_out,
)
from import_pipeline.service.transitions.waiting import (
    confirm,
    keep,
    note_upload,
    preview,
    receive,
    reopen,
    resume,
    revise,
    start,
    wake,
)

__all__ = [
    "KEEP_SECONDS",
    "MAX_ATTEMPTS",
    "Moved",
    "PhaseEnd",
    "begin",
    "cancel",
    "complete",
    "confirm",
    "end_by_undo",
    "end_phase",
    "expire",
    "fail",
    "finish",
    "hand_over",
    "keep",
    "leave_batch",
    "leave_out",
    "note_upload",
    "note_writing",
    "preview",
    "receive",
    "release",
    "reopen",
    "requeue",
    "restore",
    "resume",
    "revert",
    "revise",
    "start",
    "time_out",
    "wait_for",
    "wait_for_review",
    "wake",
]
