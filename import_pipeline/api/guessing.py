"""Who sends links that open nothing is slowed down, by the address from which they call.

A link cannot be guessed, whoever tries: this keeps the trying from costing the registry anything. Counts are of one
process.
"""

import math
import time
from collections import deque
from collections.abc import Callable

from import_pipeline.api.refusals import RefusedError

MOST_A_MINUTE = 30
_WINDOW_SECONDS = 60.0
_MOST_ADDRESSES = 10_000


class FailedAttempts:
    """The attempts that failed within the last minute.

    Args:
        clock: Gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Refuse an address from which too many attempts failed.

        Raises:
            RefusedError: There were; the answer says when to try again.
        """
        failed = self._of.get(address)
        if failed is None or len(failed) < MOST_A_MINUTE:
            return
        wait = math.ceil(failed[0] + _WINDOW_SECONDS - self._clock())
        if wait > 0:
            raise RefusedError(
                429,
                "too_many_requests",
                f"Too many links that open nothing. Try again in {wait} seconds.",
                {"Retry-After": str(wait)},
            )

    def note(self, address: str) -> None:
        """Count one that failed."""
        if address not in self._of and len(self._of) >= _MOST_ADDRESSES:
            del self._of[next(iter(self._of))]
        self._of.setdefault(address, deque(maxlen=MOST_A_MINUTE)).append(self._clock())
