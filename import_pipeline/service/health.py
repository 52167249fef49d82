"""Whether this process could do its work now: its registry, bucket and record stores answer, and quickly.

Each is asked by a thread of its own that is left behind where it gets no answer in time; until it ends, what it asks
counts as not ready, so that a server that hangs is never asked twice at once.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Literal

from import_pipeline.errors import SettingsError
from import_pipeline.stores.record_stores.choosing import check_stores

if TYPE_CHECKING:
    from import_pipeline.home import Home

log = logging.getLogger(__name__)

Part = Literal["registry", "migrations", "bucket", "store"]
Parts = list[Part]

ANSWER_SECONDS = 2.0
"""So long all parts together may take to answer."""


class Readiness:
    """Asks the parts of a home whether they answer; asked by one thread at a time.

    Args:
        home: The home.
        answer_seconds: How long they may take.
    """

    def __init__(self, home: "Home", answer_seconds: float = ANSWER_SECONDS) -> None:
        self._home = home
        self._answer_seconds = answer_seconds
        self._asked: dict[str, Future[Parts]] = {}

    def unready(self) -> Parts:
        """What is not ready, by name; empty where all is."""
        asked: dict[Part, Callable[[], Parts]] = {
            "registry": self._ask_registry,
            "bucket": self._ask_bucket,
            "store": self._ask_store,
        }
        for name, ask in asked.items():
            if name not in self._asked or self._asked[name].done():
                self._asked[name] = _in_thread(name, ask)
        wait(self._asked.values(), self._answer_seconds)
        found: Parts = []
        for name in asked:
            answer = self._asked[name]
            late: Parts = [name]
            found += answer.result() if answer.done() else late
        return found

    def _ask_registry(self) -> Parts:
        try:
            return [] if self._home.impatient_registry.is_up_to_date() else ["migrations"]
        except SettingsError:  # a newer program has made its tables
            return ["migrations"]

    def _ask_bucket(self) -> Parts:
        self._home.bucket.check()
        return []

    def _ask_store(self) -> Parts:
        check_stores(self._home.settings)
        return []


def _in_thread(name: Part, ask: Callable[[], Parts]) -> "Future[Parts]":
    """Ask in a thread; what breaks there is not ready, and the log says why."""
    answer: Future[Parts] = Future()

    def work() -> None:
        began = time.monotonic()
        found: Parts = [name]
        try:
            found = ask()
        except Exception as error:  # whatever it is: a part that cannot be asked is not ready
            log.warning("The %s is not ready (%.1f s): %s", name, time.monotonic() - began, error)
        answer.set_result(found)

    threading.Thread(target=work, name=f"asking-{name}", daemon=True).start()
    return answer
