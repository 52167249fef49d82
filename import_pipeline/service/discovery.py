"""From objects in the bucket to queued imports: what the bucket sensor and the feeds' schedules do in a tick.

Registering comes first and claiming second: a tick that is cut short
is made good by the next one, which mints the same ids.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError, NotFoundError
from import_pipeline.intake.arrival_reports import Report
from import_pipeline.intake.arrivals import Arrival, find_arrivals
from import_pipeline.intake.object_claims import claim_key, mint_import_id
from import_pipeline.intake.object_names import printable
from import_pipeline.run_config.feeds import Feed, Feeds
from import_pipeline.run_config.sidecar import MAX_SIDECAR_BYTES, spec_for_object
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.creating import new_import
from import_pipeline.service.resuming import STARTABLE_AGAIN
from import_pipeline.stores import claims, imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.words import UPLOADS, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake.bucket import StoredObject
    from import_pipeline.stores.import_record import ImportRecord

NO_FEEDS = Feeds()
REGISTERED_PER_TICK = 2_000
"""Registering is quick; starting runs is not, and is limited elsewhere."""
TICK_SECONDS = 30.0
"""No further sidecar is read in a tick after this; Dagster ends a tick after 60 seconds."""


@dataclass(frozen=True)
class Refused:
    """An object whose import failed at once."""

    key: str
    import_id: str
    reason: str

    @property
    def message(self) -> str:
        """What is wrong with which object."""
        return f"{self.key} (import {self.import_id}): {self.reason}"


@dataclass(frozen=True)
class Collected:
    """What one tick came to.

    Attributes:
        queued: Imports that now wait for a run.
        refused: Imports that failed at once, because the sidecars of their objects cannot be used.
        reported: Objects that are not imported, with the reason.
        waiting: Objects that are still arriving.
        postponed: Objects that had no room in this tick.
        cursor: For the next tick.
        unattended: What is to be told of feeds that are off or cannot be used.
        unsettled: The keys of a feed's objects that are still arriving: they are not left to its next time.
    """

    queued: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    reported: tuple[Report, ...] = ()
    waiting: int = 0
    postponed: int = 0
    cursor: str | None = None
    unsettled: tuple[str, ...] = ()
    unattended: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What happened, in one line for the list of ticks."""
        parts = [
            _number(len(self.queued), "import") + " queued" if self.queued else "",
            _number(len(self.refused), "import") + " failed: " + " ".join(r.message for r in self.refused[:5])
            if self.refused
            else "",
            _number(self.waiting, "object") + " still arriving" if self.waiting else "",
            _number(self.postponed, "object") + " left for the next tick" if self.postponed else "",
            _number(len(self.reported), "object") + " not imported: " + " ".join(r.message for r in self.reported[:5])
            if self.reported
            else "",
            *self.unattended,
        ]
        return ". ".join(part for part in parts if part) or "Nothing new."


def collect_uploads(
    home: "Home", cursor: str | None, feeds: Feeds = NO_FEEDS, is_on: Callable[[Feed], bool] = lambda feed: True
) -> Collected:
    """Queue an import for each new object below `uploads`; what a feed takes is left to the feed.

    Args:
        home: The home of this process.
        cursor: What the tick before gave.
        feeds: The feeds of the feeds file; what one of them means that cannot be used is left alone, too.
        is_on: Whether the schedule of a feed is on. Files that wait for a feed that is off are told of.

    Raises:
        BucketError: The bucket does not answer.
        RegistryError: The registry does not answer.
    """
    until = time.monotonic() + TICK_SECONDS
    listing, of_feeds = _apart(home, feeds)
    found = find_arrivals(
        listing,
        cursor,
        time.time(),
        bucket_name=home.bucket.name,
        claimed=lambda keys: claims.holders(home.registry, "object", keys),
        lapsed=lambda keys: _without_records(home, keys),
        settings=home.settings.model_copy(update={"objects_per_tick": REGISTERED_PER_TICK}),
    )
    wanted: list[NewImport] = []
    refused: dict[str, str] = {}
    taken: list[Arrival] = []
    for arrival in found.new:
        if time.monotonic() > until:
            break
        try:
            spec = _spec_of(home, arrival, refused)
        except NotFoundError:  # its sidecar has just gone, or is being replaced: the next tick sees what is there then
            continue
        # One that is refused is never queued, not even for the moment until it is failed: it would start by defaults.
        status = Status.UPLOADED if arrival.import_id in refused else Status.QUEUED
        new = _new_import(home, arrival.obj, arrival.import_id, spec, Source.BUCKET, status)
        wanted.append(replace(new, sidecar_refused=arrival.import_id in refused))
        taken.append(arrival)
    imports.create_many(home.registry, wanted)
    again = "Once the sidecar is corrected, the object is taken up again."
    transitions.fail(home, {import_id: f"{reason} {again}" for import_id, reason in refused.items()})
    wanted_claims = [arrival.claims for arrival in taken] + [report.claims for report in found.reported]
    claims.claim_many(home.registry, "object", {key: holder for each in wanted_claims for key, holder in each.items()})
    return Collected(
        queued=tuple(arrival.import_id for arrival in taken if arrival.import_id not in refused),
        refused=tuple(
            Refused(printable(arrival.obj.key), arrival.import_id, refused[arrival.import_id])
            for arrival in taken
            if arrival.import_id in refused
        ),
        reported=found.reported,
        waiting=len(found.waiting),
        postponed=found.postponed + len(found.new) - len(taken),
        # The look's cursor never passes over what it gave as new, so what was not taken is seen again.
        cursor=found.cursor,
        unattended=_unattended(home, feeds, of_feeds, is_on),
    )


def _apart(home: "Home", feeds: Feeds) -> "tuple[list[StoredObject], dict[str, list[StoredObject]]]":
    """The objects that no feed means, and those that one means, by its name."""
    free: list[StoredObject] = []
    of_feeds: dict[str, list[StoredObject]] = {}
    for obj in home.bucket.find(f"{UPLOADS}/"):
        feed = next((one for one in (*feeds.usable, *feeds.wrong) if one.takes(obj.key)), None)
        (free if feed is None else of_feeds.setdefault(feed.name, [])).append(obj)
    return free, of_feeds


def _unattended(
    home: "Home", feeds: Feeds, of_feeds: "Mapping[str, Sequence[StoredObject]]", is_on: Callable[[Feed], bool]
) -> tuple[str, ...]:
    """What is to be told of feeds that import nothing at the moment."""
    told = [f"Feed {feed.name!r} cannot be used: {feed.reason}" for feed in feeds.wrong]
    for feed in feeds.usable:
        waiting = of_feeds.get(feed.name, ())
        if waiting and not is_on(feed):
            keys = [claim_key(home.bucket.name, obj) for obj in waiting]
            count = len(keys) - len(claims.holders(home.registry, "object", keys))
            if count:
                told.append(
                    f"{_number(count, 'object')} left to feed {feed.name!r}, whose schedule is off: turn it on, or "
                    "take the feed out of the feeds file"
                )
    return tuple(told)


def collect_feed(home: "Home", feed: Feed, only: Collection[str] | None = None) -> Collected:
    """Queue an import for each object of a feed that nobody imported yet.

    The feed's pattern is matched here, against the names that the bucket lists: nothing but a folder's name reaches it.

    Args:
        home: The home of this process.
        feed: The feed.
        only: Only objects with these keys: those that were still arriving at the feed's time.

    Raises:
        BucketError: The bucket does not answer.
        RegistryError: The registry does not answer.
    """
    now = time.time()
    listing = [obj for obj in home.bucket.find(feed.prefix) if obj.size and feed.takes(obj.key)]
    listing = [obj for obj in listing if only is None or obj.key in only]
    settled = [obj for obj in listing if now - obj.modified >= home.settings.settle_seconds]
    unsettled = tuple(obj.key for obj in listing if now - obj.modified < home.settings.settle_seconds)
    keys = {claim_key(home.bucket.name, obj): obj for obj in settled}
    held = claims.holders(home.registry, "object", list(keys))
    new = sorted((obj for key, obj in keys.items() if key not in held), key=lambda obj: (obj.modified, obj.key))
    taken = new[:REGISTERED_PER_TICK]
    ids = {obj.key: mint_import_id(home.bucket.name, obj) for obj in taken}
    imports.create_many(home.registry, (_new_import(home, obj, ids[obj.key], feed.spec, Source.FEED) for obj in taken))
    claims.claim_many(home.registry, "object", {claim_key(home.bucket.name, obj): ids[obj.key] for obj in taken})
    left = tuple(obj.key for obj in new[REGISTERED_PER_TICK:])
    return Collected(
        queued=tuple(ids.values()), waiting=len(unsettled), postponed=len(left), unsettled=(*unsettled, *left)
    )


def _without_records(home: "Home", keys: Sequence[str]) -> list[str]:
    """Those of the objects whose latest import ended without records, or was refused by a tick that was cut short."""
    latest = {key: imports.latest_of_object(home.registry, key) for key in keys}
    return [
        key
        for key, record in latest.items()
        if record is not None and (record.status in STARTABLE_AGAIN or _is_being_refused(record))
    ]


def _is_being_refused(record: "ImportRecord") -> bool:
    return record.status is Status.UPLOADED and record.sidecar_refused


def _spec_of(home: "Home", arrival: Arrival, refused: dict[str, str]) -> ImportSpec:
    try:
        sidecar = arrival.sidecar and home.bucket.read_bytes(arrival.sidecar.key, MAX_SIDECAR_BYTES + 1)
        return spec_for_object(arrival.obj.key, sidecar or None, created_by=Source.BUCKET.value)
    except ImportPipelineError as error:
        if error.transient or isinstance(error, NotFoundError):
            raise
        refused[arrival.import_id] = error.message
        return ImportSpec(record_type=arrival.record_type, organization=arrival.organization)


def _new_import(
    home: "Home",
    obj: "StoredObject",
    import_id: str,
    spec: ImportSpec,
    source: Source,
    status: Status = Status.QUEUED,
) -> NewImport:
    earlier = imports.latest_of_object(home.registry, obj.key)
    return new_import(
        spec,
        source,
        import_id,
        spec.created_by or source.value,
        status=status,
        file_name=obj.key.rsplit("/", 1)[-1],
        object_key=obj.key,
        object_version=obj.version,
        size_bytes=obj.size,
        has_upload_file=True,
        supersedes=earlier.id if earlier is not None and earlier.id != import_id else None,
    )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
