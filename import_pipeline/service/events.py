"""Events: what may happen to imports, from which status to which; the one table of it, and the one way to it.

CONTRIBUTING shows this table, `words.TRANSITIONS` is what follows from it; tests hold the three equal. What an event
changes besides the status is decided in `transitions/`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError, StateError
from import_pipeline.stores import import_changes
from import_pipeline.stores.import_changes import Change
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


@dataclass(frozen=True)
class Event:
    """Something that happens to imports.

    Attributes:
        only_from: Where an import may be for it.
        to: Where it may be then; empty where it stays in its status.
        when: What has happened.
    """

    only_from: tuple[Status, ...]
    to: tuple[Status, ...]
    when: str


_OPEN = (Status.REQUESTED, Status.UPLOADED, Status.QUEUED, Status.PROCESSING, Status.NEEDS_REVIEW)
_ENDED_WITHOUT = (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, Status.EXPIRED)
_AT_WORK = (Status.PROCESSING,)
EVENTS: dict[str, Event] = {
    "note_upload": Event((Status.REQUESTED,), (), "its file begins to come, or that came to nothing"),
    "receive": Event((Status.REQUESTED,), (Status.UPLOADED,), "its file is in the bucket"),
    "reopen": Event((Status.UPLOADED,), (Status.REQUESTED,), "its file cannot be read: another one may be uploaded"),
    "revise": Event(
        (Status.REQUESTED, Status.UPLOADED, Status.NEEDS_REVIEW), (), "what is asked of it changes before it is done"
    ),
    "start": Event((Status.UPLOADED, Status.NEEDS_REVIEW), (Status.QUEUED,), "whoever gave it says that it may start"),
    "confirm": Event((Status.NEEDS_REVIEW,), (Status.QUEUED,), "a person has decided what it waits for"),
    "wake": Event((Status.UPLOADED,), (Status.QUEUED,), "the import with the same bytes has ended"),
    "keep": Event((Status.QUEUED,), (), "a process takes it for itself, to run it"),
    "begin": Event(
        (Status.UPLOADED, Status.QUEUED, Status.PROCESSING, Status.FAILED, Status.TIMED_OUT),
        (Status.PROCESSING,),
        "a run takes it up, or goes on with its next phase",
    ),
    "note_writing": Event(_AT_WORK, (Status.PROCESSING,), "its records are written next: not cancelled any more"),
    "end_phase": Event(_AT_WORK, (Status.PROCESSING,), "a phase has ended"),
    "release": Event(
        (Status.QUEUED, *_AT_WORK), (), "its process lets it go: a run starts it, or it rests between two phases"
    ),
    "hand_over": Event(_AT_WORK, (Status.QUEUED,), "its caller waited for the first phases; a run does the others"),
    "leave_batch": Event(_AT_WORK, (Status.QUEUED,), "it goes on in a later batch of its run"),
    "wait_for_review": Event(_AT_WORK, (Status.NEEDS_REVIEW,), "a person has to decide"),
    "wait_for": Event(_AT_WORK, (Status.UPLOADED,), "an import with the same bytes has not ended yet"),
    "leave_out": Event(_AT_WORK, (Status.CANCELLED,), "the same bytes were imported before"),
    "complete": Event(_AT_WORK, (Status.COMPLETED,), "its last phase has ended"),
    "requeue": Event(
        (Status.QUEUED, *_AT_WORK),
        (Status.QUEUED, Status.FAILED),
        "its run died, or it has to wait; failed after five",
    ),
    "finish": Event(_ENDED_WITHOUT[:3], (Status.QUEUED,), "it ended, though its records are written"),
    "resume": Event((Status.QUEUED, *_ENDED_WITHOUT), (Status.QUEUED,), "a person asks for it again"),
    "fail": Event(_OPEN, (Status.FAILED,), "it cannot go on; nothing was written"),
    "time_out": Event((Status.QUEUED, *_AT_WORK), (Status.TIMED_OUT,), "its time is over; nothing was written"),
    "cancel": Event(_OPEN, (Status.CANCELLED,), "a person does not want it; nothing was written"),
    "expire": Event(
        (Status.REQUESTED, Status.UPLOADED), (Status.EXPIRED,), "its file did not come, or was not started"
    ),
    "end_by_undo": Event(
        (Status.QUEUED, *_ENDED_WITHOUT[:3]), (Status.COMPLETED,), "it is undone before its last phase was done"
    ),
    "revert": Event((Status.COMPLETED,), (Status.REVERTED,), "it is undone"),
    "restore": Event((Status.REVERTED,), (Status.COMPLETED,), "its undo is undone"),
}
"""Every event there is."""


@dataclass(frozen=True)
class Moved:
    """What a transition came to.

    Attributes:
        records: The imports to which it happened, as they are now, in the order in which they were given.
        refused: Why it did not happen to the others, by id.
    """

    records: list[ImportRecord]
    refused: dict[str, ImportPipelineError]

    def one(self) -> ImportRecord:
        """The only import that was given.

        Raises:
            ImportPipelineError: It did not happen to it.
        """
        for error in self.refused.values():
            raise error
        return self.records[0]


Decide = Callable[[ImportRecord, int], "Change | ImportPipelineError | None"]
"""Given an import as it is now, and the present moment: what changes, why it is passed over, or None to leave it."""


def happen(home: "Home", event: str, ids: Sequence[str], decide: Decide, *, all_or_none: bool = False) -> Moved:
    """Let an event happen to imports, in one transaction.

    Args:
        home: The home.
        event: A key of EVENTS.
        ids: The imports.
        decide: What becomes of each.
        all_or_none: Whether it happens to none where it cannot happen to one.
    """
    what = EVENTS[event]

    def to_one(record: ImportRecord, now: int) -> Change | ImportPipelineError | None:
        if record.status not in what.only_from:
            return StateError(record.id, record.status, what.to[0] if what.to else event, [])
        decided = decide(record, now)
        if isinstance(decided, Change) and decided.to not in (what.to or (record.status,)):
            raise AssertionError(f"{event} does not lead to {decided.to}: EVENTS says where it does.")
        return decided

    return Moved(*import_changes.change(home.registry, list(ids), to_one, all_or_none=all_or_none))
