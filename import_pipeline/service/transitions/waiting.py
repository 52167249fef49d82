"""What happens to imports that no run has: their file comes, they are started, answered, or asked for again."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ImportPipelineError, StartedError, StateError
from import_pipeline.service.events import Moved, happen
from import_pipeline.service.transitions.holders import KEEP_SECONDS, kept
from import_pipeline.stores import imports, leases
from import_pipeline.stores.import_changes import Change
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

_LASTING = ("remembered_mapping",)


def note_upload(home: "Home", ids: Sequence[str], begun_at: int | None) -> Moved:
    """Note when the file of imports began to come, or that it came to nothing."""
    return happen(home, "note_upload", ids, lambda _, now: Change(Status.REQUESTED, {"upload_begun_at": begun_at}))


def receive(home: "Home", ids: Sequence[str], **file: Any) -> Moved:
    """Note that the file of imports is in the bucket.

    Args:
        home: The home.
        ids: The imports.
        file: What is known of it: its key, version and size.
    """
    return happen(home, "receive", ids, lambda _, now: Change(Status.UPLOADED, file | {"has_upload_file": True}))


def reopen(home: "Home", ids: Sequence[str]) -> Moved:
    """Wait for another file in the place of one that cannot be read."""
    unknown = {"object_key": None, "object_version": None, "size_bytes": None, "has_upload_file": False}
    return happen(home, "reopen", ids, lambda _, now: Change(Status.REQUESTED, unknown))


def revise(home: "Home", import_id: str, respecify: Callable[[ImportRecord], dict[str, Any]]) -> Moved:
    """Change what is asked of a draft, or of an import that waits for a person; nothing starts by it.

    A preview of what was asked before counts no more: the import is previewed anew when it goes on.

    Args:
        home: The home.
        import_id: The import.
        respecify: Given the import as it is now, gives the fields to set; what it raises leaves it as it is.
    """

    def change(record: ImportRecord, _: int) -> Change | ImportPipelineError:
        if not record.is_draft and record.status is not Status.NEEDS_REVIEW:
            return StateError(record.id, record.status, "changed", [])
        return Change(record.status, respecify(record) | record.without_preview)

    moved = happen(home, "revise", [import_id], change)
    started = {
        one: StartedError(one, error.culprits["status"])
        for one, error in moved.refused.items()
        if isinstance(error, StateError)
    }
    return Moved(moved.records, moved.refused | started)


def preview(home: "Home", ids: Sequence[str], *, keep_seconds: float | None = None, updated_by: str | None) -> Moved:
    """Queue imports for a preview, whatever they wait for: they stop again before anything is written.

    From then on a person brings them on by hand, as they do with a draft.

    Args:
        home: The home.
        ids: The imports.
        keep_seconds: How long they are left to this process, which means to run them itself.
        updated_by: Who asks for it.
    """

    def queue(record: ImportRecord, now: int) -> Change:
        values: dict[str, Any] = {"spec": record.spec | {"preview": True}, "details": lasting(record)}
        values |= {"accepting": None, "upload_kind": "draft", "updated_by": updated_by}
        return Change(Status.QUEUED, values | kept(now, keep_seconds))

    return happen(home, "start", ids, queue)


def keep(home: "Home", ids: Sequence[str], seconds: float = KEEP_SECONDS) -> Moved:
    """Keep queued imports for this process, which means to run them; those that another one keeps stay with it."""

    def take(record: ImportRecord, now: int) -> Change | None:
        is_free = record.lease_owner is None or leases.is_over(record, now)
        return Change(Status.QUEUED, kept(now, seconds)) if is_free else None

    return happen(home, "keep", ids, take)


def start(home: "Home", ids: Sequence[str], *, keep_seconds: float | None = None, **changes: Any) -> Moved:
    """Queue imports whose file is there.

    Args:
        home: The home.
        ids: The imports.
        keep_seconds: How long they are left to this process, which means to run them itself.
        changes: Fields to set, for example the spec. Where it says what to do, it is done even with the same bytes.
    """

    def queue(record: ImportRecord, now: int) -> Change:
        spec = changes.get("spec")
        again = {"spec": spec | {"import_again": True}} if spec is not None and record.asked_repeat_of else {}
        values = changes | again | {"accepting": None, "asked_repeat_of": None}
        return Change(Status.QUEUED, values | kept(now, keep_seconds))

    return happen(home, "start", ids, queue)


def confirm(home: "Home", record: ImportRecord, spec: Mapping[str, Any], *, keep_seconds: float | None = None) -> Moved:
    """Let an import go on with what a person decided, unless another decision came first.

    Args:
        home: The home.
        record: The import, as it was when the decision was made.
        spec: What it is to do.
        keep_seconds: How long it is left to this process, which means to run it itself.
    """

    def decide(now_is: ImportRecord, now: int) -> Change | StateError:
        if (now_is.spec, now_is.accepting) != (record.spec, record.accepting):
            return StateError(record.id, now_is.status, "confirmed", [])
        values = {"spec": dict(spec), "details": lasting(now_is), "accepting": None, "asked_repeat_of": None}
        return Change(Status.QUEUED, values | kept(now, keep_seconds))

    return happen(home, "confirm", [record.id], decide)


def wake(home: "Home", ids: Sequence[str]) -> Moved:
    """Queue imports that waited for one with the same bytes, if that has ended.

    Those that wait for each other, as may come of ones that are judged in the same moment or once more, would all wait
    for ever: of these the one that came first is queued.
    """
    seen: dict[str, str | None] = {}
    for record in imports.read(home.registry, ids):
        free = _whose_turn_it_is(home, record) if record.waits_for else None
        if free is not None:
            seen[free.id] = free.waits_for

    def queue(record: ImportRecord, _: int) -> Change | None:
        return Change(Status.QUEUED, {"waits_for": None}) if record.waits_for == seen[record.id] else None

    return happen(home, "wake", list(seen), queue)


def _whose_turn_it_is(home: "Home", record: ImportRecord) -> ImportRecord | None:
    """The import where what it waits for has ended, the first to come of those that wait in a circle, or None."""
    chain = [record]
    while True:
        holder = imports.find(home.registry, chain[-1].waits_for or "")
        if holder is None or holder.status.is_final:
            return record if len(chain) == 1 else None
        if holder.status is not Status.UPLOADED or holder.waits_for is None:
            return None
        circle = [one.id for one in chain]
        if holder.id in circle:
            first = imports.first_to_come(home.registry, circle[circle.index(holder.id) :])
            return next(one for one in chain if one.id == first)
        chain.append(holder)


def resume(home: "Home", record: ImportRecord, changes: Mapping[str, Any], keep_seconds: float | None = None) -> Moved:
    """Start an import again that ended without its last phase, or at once one that is to be tried again later.

    Args:
        home: The home.
        record: The import, as it was when that was decided.
        changes: Fields to set.
        keep_seconds: How long it is left to this process, which means to run it itself.
    """

    def queue(now_is: ImportRecord, now: int) -> Change | StateError:
        if now_is.status is not record.status:
            return StateError(record.id, now_is.status, "resumed", [])
        return Change(Status.QUEUED, {"attempts": 0, "retry_at": None, **changes} | kept(now, keep_seconds))

    return happen(home, "resume", [record.id], queue)


def lasting(record: ImportRecord) -> dict[str, Any]:
    """What people are still shown of an import that was asked about and goes on."""
    return {name: value for name, value in record.details.items() if name in _LASTING}
