"""How long this process has waited for locks of record stores, until it is added to the registry's counters.

Counted where a lock is waited for, which knows no registry. Safe for threads.
"""

import threading
from dataclasses import dataclass

_lock = threading.Lock()


@dataclass(frozen=True)
class Waits:
    """Waits of this process that no registry has yet.

    Attributes:
        count: How many locks were waited for, however shortly.
        seconds: How long in all.
        timeouts: How many of them were given up.
    """

    count: int = 0
    seconds: float = 0.0
    timeouts: int = 0

    def __bool__(self) -> bool:
        return self.count > 0


_waits = Waits()


def note(seconds: float, *, timed_out: bool = False) -> None:
    """Count one wait that has ended."""
    _change(1, seconds, int(timed_out))


def noted() -> Waits:
    """The waits since the last `forget`."""
    return _waits


def forget(waits: Waits) -> None:
    """Take off what is in the registry now."""
    _change(-waits.count, -waits.seconds, -waits.timeouts)


def _change(count: int, seconds: float, timeouts: int) -> None:
    global _waits
    with _lock:
        _waits = Waits(_waits.count + count, _waits.seconds + seconds, _waits.timeouts + timeouts)
