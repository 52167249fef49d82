"""Which objects of the upload folder are new imports, which are still arriving, and which are told to a person.

One pure decision of a listing, a cursor, the time and what is claimed; no bucket, registry or Dagster is touched.
Claims are the memory of what was taken: the cursor (`arrivals_cursor`) only keeps the work small, and losing it
loses nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from import_pipeline.intake.arrival_reports import Report, report_on
from import_pipeline.intake.arrivals_cursor import Cursor, object_digest
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.object_claims import claim_key, mint_import_id
from import_pipeline.run_config.object_key import SIDECAR_SUFFIX, from_object_key, is_sidecar, sidecar_key
from import_pipeline.settings import Settings

REPORTS_PER_TICK = 200
LapsedReader = Callable[[Sequence[str]], Collection[str]]
"""Gives those of the object keys whose latest import ended without records."""
ClaimReader = Callable[[Sequence[str]], Mapping[str, str]]
"""Gives the holders of those of the claim keys that somebody holds; it claims nothing."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new version of an object, to be imported.

    Attributes:
        obj: The object; its key finds the import of an earlier version, which this one supersedes.
        import_id: Minted from bucket, key and version (and that of a sidecar that came later): the same always.
        organization: Said by the folder.
        record_type: Said by the folder.
        name: The last part of the key.
        sidecar: The object that holds its spec, or None.
        claims: Claim key → import id, of the object and its sidecar: to be claimed once the import is registered.
        noted: The object that is new: itself, or the sidecar for which it is taken up again.
    """

    obj: StoredObject
    import_id: str
    organization: str
    record_type: str
    name: str
    sidecar: StoredObject | None
    claims: Mapping[str, str]
    noted: StoredObject


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What one look at the bucket gave.

    Attributes:
        new: To be imported, at most the limit: each organization's oldest first, in turn between organizations.
        waiting: Still growing, or their sidecar is.
        reported: To be told to a person.
        cursor: To be handed in at the next look.
        postponed: How many more are settled and had no room this time; what is only reported takes no import's room.
    """

    new: tuple[Arrival, ...]
    waiting: tuple[StoredObject, ...]
    reported: tuple[Report, ...]
    cursor: str
    postponed: int


def find_arrivals(
    listing: Sequence[StoredObject],
    cursor: str | None,
    now: float,
    *,
    bucket_name: str,
    claimed: ClaimReader,
    settings: Settings,
    lapsed: LapsedReader = lambda keys: (),
    limit: int | None = None,
) -> Arrivals:
    """Decide what is to be done with each object of the upload folder.

    An object is settled once it has been unchanged for `settle_seconds`: by the bucket's clock, or, where that clock
    runs ahead of ours, since we first saw this version. An unclaimed version that is settled is imported or reported. A
    claimed one is taken up again where its import left no records and a new version of its sidecar came since.

    Args:
        listing: All objects under uploads/, as `Bucket.find` gives them.
        cursor: The cursor of the look before; None or anything unreadable starts afresh.
        now: Epoch seconds.
        bucket_name: `Bucket.name`.
        claimed: Reads claims of kind "object".
        settings: settle_seconds and objects_per_tick are used.
        lapsed: Says which imports of objects left no records.
        limit: The most new imports, where fewer than objects_per_tick are wanted.

    Returns:
        What is new, waiting and reported. Whoever takes it registers the imports, then claims; if that is cut short,
        the next look gives the rest again, with the same ids.
    """
    before = Cursor.parse(cursor, bucket_name)
    sweeps = before.must_sweep(now)
    by_key = {obj.key: obj for obj in listing}
    candidates = [obj for obj in listing if sweeps or before.may_be_new(obj)]
    unclaimed = _without_claimed(candidates, by_key, bucket_name, claimed)
    look = _Look(by_key, before, now, bucket_name, settings.settle_seconds)
    room = settings.objects_per_tick if limit is None else min(limit, settings.objects_per_tick)

    waiting: list[StoredObject] = []
    settled: list[StoredObject] = []
    for obj in sorted(unclaimed.objects, key=lambda found: (found.modified, found.key)):
        (settled if look.is_settled(obj) and not look.sidecar_still_arrives(obj) else waiting).append(obj)
    again = set(lapsed([of for obj in settled if (of := unclaimed.claimed_object_of(obj)) is not None]))
    arrivals: list[Arrival] = []
    reports: list[Report] = []
    not_imported: list[StoredObject] = []
    for obj in settled:
        of = unclaimed.claimed_object_of(obj)
        report = report_on(obj, by_key, bucket_name, of is not None and of not in again)
        if report is not None:
            reports.append(report)
            not_imported.append(obj)
        elif of in again:
            arrivals.append(look.taken_up_again(obj))
        elif not is_sidecar(obj.key):  # a sidecar goes with its object
            arrivals.append(look.arrival(obj))
    arrivals = _in_turn(arrivals)
    new, later = arrivals[:room], arrivals[room:]
    postponed = [arrival.noted for arrival in later] + not_imported[REPORTS_PER_TICK:]

    unresolved = [*waiting, *postponed, *(arrival.noted for arrival in new), *look.arriving_sidecars(waiting)]
    after = before.advanced(listing, unresolved, look.unsettled, now, swept=sweeps)
    reported = tuple(reports[:REPORTS_PER_TICK])
    return Arrivals(tuple(new), tuple(waiting), reported, after.dump(bucket_name), len(postponed))


def _in_turn(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Each organization's in their order, in turn between organizations, so that none waits for what another drops."""
    seen: Counter[str] = Counter()
    turns: list[int] = []
    for arrival in arrivals:
        turns.append(seen[arrival.organization])
        seen[arrival.organization] += 1
    return [arrival for _, arrival in sorted(zip(turns, arrivals, strict=True), key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class _Unclaimed:
    objects: list[StoredObject]
    claimed_keys: Collection[str]

    def claimed_object_of(self, obj: StoredObject) -> str | None:
        """The key of the object whose sidecar this is, where that object was taken before."""
        of = obj.key.removesuffix(SIDECAR_SUFFIX)
        return of if is_sidecar(obj.key) and of in self.claimed_keys else None


def _without_claimed(
    candidates: Iterable[StoredObject], by_key: Mapping[str, StoredObject], bucket_name: str, claimed: ClaimReader
) -> _Unclaimed:
    asked = {obj.key: obj for obj in candidates}
    of_sidecars = {key.removesuffix(SIDECAR_SUFFIX) for key in asked if is_sidecar(key)}
    also = {key: by_key[key] for key in of_sidecars if key in by_key}
    keys = {claim_key(bucket_name, obj): obj.key for obj in (asked | also).values()}
    held = claimed(list(keys)) if keys else {}
    claimed_keys = {keys[key] for key in held if key in keys}
    return _Unclaimed([obj for key, obj in asked.items() if key not in claimed_keys], claimed_keys)


class _Look:
    """The questions that are asked of one object, given the listing and the time."""

    def __init__(
        self, by_key: Mapping[str, StoredObject], before: Cursor, now: float, bucket_name: str, settle_seconds: float
    ) -> None:
        self._by_key = by_key
        self._before = before
        self._now = now
        self._bucket_name = bucket_name
        self._settle_seconds = settle_seconds
        self.unsettled: dict[str, float] = {}

    def is_settled(self, obj: StoredObject) -> bool:
        if self._now - obj.modified >= self._settle_seconds:
            return True
        digest = object_digest(obj)
        # Where our own clock was set back since the first sight, that starts anew.
        first_seen = min(self._before.settling.get(digest, self._now), self._now)
        if self._now - first_seen >= self._settle_seconds:
            return True
        self.unsettled[digest] = first_seen
        return False

    def sidecar_still_arrives(self, obj: StoredObject) -> bool:
        sidecar = self._sidecar(obj)
        return sidecar is not None and not self.is_settled(sidecar)

    def arriving_sidecars(self, waiting: Iterable[StoredObject]) -> list[StoredObject]:
        return [sidecar for obj in waiting if (sidecar := self._sidecar(obj)) is not None]

    def arrival(self, obj: StoredObject) -> Arrival:
        place = from_object_key(obj.key)
        import_id = mint_import_id(self._bucket_name, obj)
        sidecar = self._sidecar(obj)
        objects = [obj] if sidecar is None else [obj, sidecar]
        claims = {claim_key(self._bucket_name, each): import_id for each in objects}
        return Arrival(obj, import_id, place.organization, place.record_type, place.name, sidecar, claims, obj)

    def taken_up_again(self, sidecar: StoredObject) -> Arrival:
        """The import of an object that was taken before, with a sidecar that came since."""
        obj = self._by_key[sidecar.key.removesuffix(SIDECAR_SUFFIX)]
        place = from_object_key(obj.key)
        import_id = mint_import_id(self._bucket_name, obj, sidecar)
        claims = {claim_key(self._bucket_name, sidecar): import_id}
        return Arrival(obj, import_id, place.organization, place.record_type, place.name, sidecar, claims, sidecar)

    def _sidecar(self, obj: StoredObject) -> StoredObject | None:
        return None if is_sidecar(obj.key) else self._by_key.get(sidecar_key(obj.key))
