"""How often one token may do something within a minute; kept in the memory of the process that serves."""

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from import_pipeline.api.refusals import RefusedError

_WINDOW = 60.0


class RateLimits:
    """A sliding minute for each caller.

    Args:
        per_minute: How often one caller may.
        clock: Gives seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Count one more.

        Raises:
            RefusedError: It would be one too many; the answer says when to try again.
        """
        now = self._clock()
        with self._lock:
            self._forget(now)
            taken = self._taken[caller]
            if len(taken) >= self._per_minute:
                wait = math.ceil(taken[0] + _WINDOW - now)
                raise RefusedError(
                    429,
                    "too_many_requests",
                    f"More than {self._per_minute} imports within a minute. Try again in {wait} seconds.",
                    {"Retry-After": str(wait)},
                    limit=self._per_minute,
                )
            taken.append(now)

    def _forget(self, now: float) -> None:
        for caller in [caller for caller, taken in self._taken.items() if taken[-1] <= now - _WINDOW]:
            del self._taken[caller]
        for taken in self._taken.values():
            while taken[0] <= now - _WINDOW:
                taken.popleft()
