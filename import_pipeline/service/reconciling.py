"""The reconciler: what becomes of imports that were left behind, whatever the cause; found here, by one table.

The mark is the line in `applied_imports` of the record store that says that records are written (`phases/ledger.py`).

| found | done |
| --- | --- |
| at work, its process is gone or its lease ran out | queued again: with the mark for ever, without it five times |
| at work for longer than a run may take, or put down for so long, without the mark | timed out |
| put down for so long, with the mark | queued again |
| ended (failed, timed out, cancelled), though the mark says that its records are written | queued, to be finished |
| kept by a process that is gone, or for too long | let go: a run starts it |
| its run was stopped because its time was over, without the mark | timed out; queued again if it had not begun |
| its run of one import was cancelled, without the mark | cancelled: who cancels such a run means its import |
| its run ended in any other way, or was one of many imports that was cancelled | queued again |
| its run ended before a process took it up (no worker, no broker) | queued again, as often as that happens |
| waits for an import with the same bytes, which has ended, or came later and waits for this one | queued |
| its upload is there though nobody said so, and it starts by itself | queued |
| its upload did not come in time, or nobody said that it is complete | expired |
| uploaded, and not started for so long as uploads are kept | expired |
| its file never came, for who was to bring it is gone, for so long as uploads are kept | expired |

The first rule that fits is followed. A sensor calls it every few seconds, and a server that serves alone. What goes
wrong with one import is in the log, and stops it for no other.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from import_pipeline.logs import about
from import_pipeline.service import standing, transitions, uploading
from import_pipeline.service.transitions import Moved
from import_pipeline.stores import imports, leases, left_behind
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

log = logging.getLogger(__name__)

GRACE_SECONDS = 60
"""A run that is alive ends by itself what takes too long; so long it is left to it."""
_DAY = 86_400
_GONE = "The process that worked on it ended, or fell silent."


@dataclass(frozen=True)
class EndedRun:
    """A run that did not end well.

    Attributes:
        run_id: The run.
        import_ids: The imports that it was given.
        created_at: When it was made, in epoch seconds: imports that were queued later are not its own.
        reason: How it ended, for people.
        was_cancelled: Whether a person stopped it.
        was_too_long: Whether it was stopped because its time was over.
        had_begun: Whether a process had taken it up: else nothing is held against its imports.
    """

    run_id: str
    import_ids: tuple[str, ...]
    created_at: float
    reason: str
    was_cancelled: bool = False
    was_too_long: bool = False
    had_begun: bool = True


@dataclass
class Reconciled:
    """What one look came to.

    Attributes:
        done: Import → what became of it.
        errors: Import → why nothing could be done this time.
    """

    done: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Look:
    """What a rule is decided by."""

    home: "Home"
    record: ImportRecord
    now: int
    run: EndedRun | None = None

    @property
    def is_of_run(self) -> bool:
        """Whether the import counts as at work in the run that ended, or as queued since before the run was made."""
        if self.run is None:
            return False
        is_its = self.record.run_id == self.run.run_id
        if self.record.status is Status.PROCESSING:
            return is_its
        return self.record.status is Status.QUEUED and self.record.updated_at <= self.run.created_at and not is_its

    @property
    def is_alone(self) -> bool:
        """Whether the run was given this import only."""
        return self.run is not None and len(self.run.import_ids) == 1

    @property
    def was_too_long(self) -> bool:
        return self.run is not None and self.run.was_too_long

    @property
    def means_import(self) -> bool:
        """Whether who cancelled the run meant its import: in a run of many, nobody has chosen one of them.

        Those go on in another run, unless they were cancelled themselves.
        """
        return self.run is not None and self.run.was_cancelled and self.is_alone

    @property
    def was_interrupted(self) -> bool:
        """Whether the import failed with whatever its last statement said, because its run was cancelled."""
        if self.run is None or not self.run.was_cancelled or self.record.run_id != self.run.run_id:
            return False
        return self.record.reason != _interrupted(self.run)

    @property
    def is_left(self) -> bool:
        """Whether who had it fell silent; not judged as long as nobody could have been heard."""
        could_be_heard = self.home.registry.has_answered_for(leases.LEASE_SECONDS)
        return leases.is_over(self.record, self.now if could_be_heard else 0)

    @property
    def writes(self) -> bool:
        """Whether its records may be written."""
        return self.record.writing_since is not None

    @property
    def is_overdue(self) -> bool:
        return standing.is_overdue(self.home, self.record, self.now - GRACE_SECONDS)

    @property
    def was_left(self) -> bool:
        """Whether nothing has happened for so long as uploads are kept."""
        return self.record.updated_at < self.now - self.home.settings.keep_uploads_days * _DAY


def _requeue(look: _Look) -> Moved:
    reason = _GONE if look.run is None else look.run.reason
    never_begun = look.run is not None and not look.run.had_begun and look.record.status is Status.QUEUED
    died = look.run.run_id if look.run else None
    return transitions.requeue(look.home, {look.record.id: reason}, died=died, counts=not never_begun)


def _cancel(look: _Look) -> Moved:
    assert look.run is not None
    again = f"`import-pipeline resume {look.record.id}` starts it again."
    return transitions.cancel(look.home, [look.record.id], f"{look.run.reason} {again}")


def _time_out(look: _Look) -> Moved:
    return transitions.time_out(look.home, [look.record.id], look.run.reason if look.run is not None else None)


def _finish(look: _Look) -> Moved:
    return transitions.finish(look.home, {look.record.id: look.record.reason or _GONE})


def _release(look: _Look) -> Moved:
    return transitions.release(look.home, [look.record.id], look.record.lease_owner)


def _wake(look: _Look) -> Moved:
    return transitions.wake(look.home, [look.record.id])


def _settle_upload(look: _Look) -> Moved:
    after = uploading.settle(look.home, look.record)
    return Moved([after] if after.status is not look.record.status else [], {})


def _expire(look: _Look) -> Moved:
    days = look.home.settings.keep_uploads_days
    reason = f"Its file came, and it was not started within {days} days. `import-pipeline resume ID` starts it."
    return transitions.expire(look.home, [look.record.id], reason)


def _expire_without_file(look: _Look) -> Moved:
    return transitions.expire(look.home, [look.record.id], "Its file never came. Import the file again.")


def _explain(look: _Look) -> Moved:
    assert look.run is not None
    return Moved([imports.update(look.home.registry, look.record.id, reason=_interrupted(look.run))], {})


def _interrupted(run: EndedRun) -> str:
    return f"Run {run.run_id} was cancelled while it was at work. `import-pipeline resume ID` starts the import again."


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    Attributes:
        found: Whether it fits an import.
        done: The event that follows.
        do: Lets it happen.
    """

    found: Callable[[_Look], bool]
    done: str
    do: Callable[[_Look], Moved]


_RUN_TIMED_OUT = Rule(lambda look: look.is_of_run and look.was_too_long and not look.writes, "time_out", _time_out)
_RUN_CANCELLED = Rule(lambda look: look.is_of_run and look.means_import and not look.writes, "cancel", _cancel)
_RUN_ENDED = Rule(lambda look: look.is_of_run, "requeue", _requeue)
_FINISH = Rule(lambda look: look.writes, "finish", _finish)
RULES: dict[Status, tuple[Rule, ...]] = {
    Status.PROCESSING: (
        _RUN_TIMED_OUT,
        _RUN_CANCELLED,
        _RUN_ENDED,
        Rule(lambda look: look.is_left, "requeue", _requeue),
        Rule(lambda look: look.is_overdue and not look.writes, "time_out", _time_out),
        Rule(lambda look: look.is_overdue and look.record.lease_owner is None, "requeue", _requeue),
    ),
    Status.QUEUED: (
        Rule(lambda look: _RUN_TIMED_OUT.found(look) and look.is_alone, "time_out", _time_out),
        _RUN_CANCELLED,
        _RUN_ENDED,
        Rule(lambda look: look.is_left, "release", _release),
    ),
    Status.UPLOADED: (
        Rule(lambda look: look.record.waits_for is not None, "wake", _wake),
        Rule(lambda look: look.record.upload_kind == "starts", "start", _settle_upload),
        Rule(lambda look: look.was_left, "expire", _expire),
    ),
    Status.REQUESTED: (
        Rule(lambda look: look.record.upload_kind is not None, "receive or expire", _settle_upload),
        Rule(lambda look: look.was_left, "expire", _expire_without_file),
    ),
    Status.FAILED: (_FINISH, Rule(lambda look: look.was_interrupted, "explain", _explain)),
    Status.TIMED_OUT: (_FINISH,),
    Status.CANCELLED: (_FINISH,),
}
"""The table as data: by the status of an import, the rules in their order."""


def reconcile(home: "Home", runs: Sequence[EndedRun] = ()) -> Reconciled:
    """Look after all imports that may have been left behind.

    Args:
        home: The home.
        runs: Runs that did not end well since the last look.

    Raises:
        RegistryError: The registry does not answer.
    """
    now = home.registry.now()
    done = Reconciled()
    for run in runs:
        _follow(home, imports.read(home.registry, list(run.import_ids)), now, done, run)
    found = left_behind.read(
        home.registry,
        begun_before=now - home.settings.run_seconds - GRACE_SECONDS,
        uploaded_before=now - home.settings.keep_uploads_days * _DAY,
    )
    _follow(home, found, now, done)
    return done


def look_after(home: "Home", record: ImportRecord) -> ImportRecord:
    """Look after one import, for a person who asks for it; gives it as it is then."""
    done = Reconciled()
    _follow(home, [record], home.registry.now(), done)
    return imports.get(home.registry, record.id) if done.done else record


def _follow(
    home: "Home", records: Iterable[ImportRecord], now: int, done: Reconciled, run: EndedRun | None = None
) -> None:
    for record in records:
        with about(imports=[record.id], run=record.run_id, organization=record.organization):
            try:
                _follow_rule(_Look(home, record, now, run), done)
            except Exception as error:  # whatever it is, the others are looked after; it is looked at again
                log.warning("Import %s is looked after later: %s: %s", record.id, type(error).__name__, error)
                done.errors[record.id] = str(error)


def _follow_rule(look: _Look, done: Reconciled) -> None:
    rule = next((rule for rule in RULES.get(look.record.status, ()) if rule.found(look)), None)
    if rule is not None and rule.do(look).records:
        done.done[look.record.id] = rule.done
        log.info("The import was left behind: %s", rule.done)
