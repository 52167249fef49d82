"""Places that organizations take in turn: who asks for many waits behind their own requests, not others behind them.

What is done at a place is the affair of who asks: the worker processes of a server, large bodies in its memory.
"""

import threading
from collections import Counter, deque
from concurrent.futures import Future

_REMEMBERED = 10_000

Ticket = Future[None]
"""Is done as soon as its holder has a place."""


class Turns:
    """Gives out places: next is the organization that holds the fewest, then the one that waited longest for its turn.

    Safe for threads.

    Args:
        places: How many there are.
        each: How many of them one organization may hold.
        waiting: How many tickets may wait.
        waiting_each: How many tickets of one organization may wait.
    """

    def __init__(self, places: int, *, each: int, waiting: int, waiting_each: int) -> None:
        self._free, self._each = places, each
        self._most_waiting, self._most_waiting_each = waiting, waiting_each
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Ticket]] = {}
        self._held: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        self._turn = 0

    def join(self, organization: str) -> Ticket | None:
        """Ask for a place.

        Returns:
            The ticket, which `leave` takes back; None where too many wait already.
        """
        with self._lock:
            mine = self._waiting.get(organization, ())
            if len(mine) >= self._most_waiting_each or sum(map(len, self._waiting.values())) >= self._most_waiting:
                return None
            ticket: Ticket = Future()
            self._waiting.setdefault(organization, deque()).append(ticket)
            self._give_places()
        return ticket

    def leave(self, organization: str, ticket: Ticket) -> None:
        """Give back a place, or no longer wait for one."""
        with self._lock:
            waiting = self._waiting.get(organization, deque[Ticket]())
            if ticket in waiting:
                waiting.remove(ticket)
                if not waiting:
                    del self._waiting[organization]
                return
            self._held[organization] -= 1
            if not self._held[organization]:
                del self._held[organization]
            self._free += 1
            self._give_places()

    def _give_places(self) -> None:
        while self._free:
            able = [organization for organization in self._waiting if self._held[organization] < self._each]
            if not able:
                return
            chosen = min(able, key=lambda organization: (self._held[organization], self._served.get(organization, 0)))
            ticket = self._waiting[chosen].popleft()
            if not self._waiting[chosen]:
                del self._waiting[chosen]
            self._free -= 1
            self._held[chosen] += 1
            self._turn += 1
            if len(self._served) >= _REMEMBERED:
                self._served.clear()
            self._served[chosen] = self._turn
            ticket.set_result(None)
