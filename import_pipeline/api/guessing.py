"""Who sends links that open nothing is slowed down: for the link that they try, and by the address that they call from.

A link cannot be guessed, whoever tries: this keeps the trying from costing the registry anything. An address may be
that of many people behind one proxy, and so may fail far more often than a link. Counts are of one process.
"""

import math
import time
from collections import deque
from collections.abc import Callable

from import_pipeline.api.refusals import RefusedError

MOST_OF_LINK = 10
MOST_OF_ADDRESS = 300
_WINDOW_SECONDS = 60.0
_MOST_COUNTED = 10_000


class FailedAttempts:
    """The attempts that failed within the last minute.

    Args:
        clock: Gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[tuple[str, ...], deque[float]] = {}

    def check(self, address: str, link: str) -> None:
        """Refuse an attempt after too many that failed.

        Args:
            address: From where it comes.
            link: The link that is tried; only its id counts.

        Raises:
            RefusedError: There were too many; the answer says when to try again.
        """
        for key, most in _keys(address, link):
            failed = self._of.get(key)
            wait = 0 if failed is None or len(failed) < most else math.ceil(failed[0] + _WINDOW_SECONDS - self._clock())
            if wait > 0:
                raise RefusedError(
                    429,
                    "too_many_requests",
                    f"Too many links that open nothing. Try again in {wait} seconds.",
                    {"Retry-After": str(wait)},
                )

    def note(self, address: str, link: str) -> None:
        """Count one that failed."""
        for key, most in _keys(address, link):
            if key not in self._of and len(self._of) >= _MOST_COUNTED:
                del self._of[next(iter(self._of))]
            self._of.setdefault(key, deque(maxlen=most)).append(self._clock())


def _keys(address: str, link: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """What is counted of an attempt, and how often that may fail."""
    return ((address, link.partition(".")[0][:32]), MOST_OF_LINK), ((address,), MOST_OF_ADDRESS)
