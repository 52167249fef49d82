"""What one look at the upload folder hands to the next: where it may stop looking back, and what is still settling.

It never holds the names of what was taken (claims do that), so it stays small however many objects there are:
    {"bucket": …, "mark": …, "swept": …, "settling": {digest of key, size and version: when it was first seen}}
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from import_pipeline.intake.bucket import StoredObject

OVERLAP_SECONDS = 3600.0
"""How far behind the mark is still looked: objects that become visible later than their time says."""
SWEEP_SECONDS = 600.0
"""How often everything is looked at, whatever its time says: an object may carry the time of its original."""
MOST_SETTLING = 15_000
"""How many first sights are kept (about 40 bytes each); the rest settle by the bucket's clock alone."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """State between two looks.

    Attributes:
        mark: Everything changed before this was taken, reported or seen to be claimed; None: nothing is known.
        swept: When everything was last looked at; None: never.
        settling: Digest of an object version that was too young → when it was first seen.
    """

    mark: float | None = None
    swept: float | None = None
    settling: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None, bucket_name: str) -> Self:
        """Read a cursor; one that is unreadable or of another bucket is as good as none, for claims decide."""
        try:
            held = json.loads(text or "{}")
        except ValueError:
            return cls()
        if not isinstance(held, dict) or held.get("bucket") != bucket_name:
            return cls()
        settling = held.get("settling")
        return cls(
            mark=_number(held.get("mark")),
            swept=_number(held.get("swept")),
            settling={
                digest: seen
                for digest, value in (settling.items() if isinstance(settling, dict) else ())
                if (seen := _number(value)) is not None
            },
        )

    def dump(self, bucket_name: str) -> str:
        """The cursor as text."""
        held = {"bucket": bucket_name, "mark": self.mark, "swept": self.swept, "settling": dict(self.settling)}
        return json.dumps(held, separators=(",", ":"))

    def must_sweep(self, now: float) -> bool:
        """Whether everything is to be looked at: it was not for a while, or the clock was set back."""
        return self.mark is None or self.swept is None or not 0 <= now - self.swept < SWEEP_SECONDS

    def may_be_new(self, obj: StoredObject) -> bool:
        """Whether an object is so young that it may not have been looked at."""
        return self.mark is None or obj.modified > self.mark - OVERLAP_SECONDS

    def advanced(
        self,
        listing: Sequence[StoredObject],
        unresolved: Iterable[StoredObject],
        unsettled: Mapping[str, float],
        now: float,
        *,
        swept: bool,
    ) -> Self:
        """The cursor after a look.

        Args:
            listing: All objects.
            unresolved: Those that the next look must see again.
            unsettled: The digests of those that are too young, with their first sight.
            now: Epoch seconds.
            swept: Whether this look was at everything.
        """
        newest = max((obj.modified for obj in listing), default=now)
        # An object with a time in the future must not hide those that come after it.
        mark = min([newest, now, *(obj.modified for obj in unresolved)])
        longest_seen = sorted(unsettled.items(), key=lambda item: (item[1], item[0]))[:MOST_SETTLING]
        return type(self)(mark, now if swept else self.swept, dict(longest_seen))


def object_digest(obj: StoredObject) -> str:
    """A short name for one version of one object, size included."""
    text = f"{obj.size}|{obj.version}|{obj.key}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None
