"""Reads of this machine's disk that the event loop makes itself, for they take less than a turn among many threads.

A disk that hangs holds up the loop with them: since when it reads is known, so that a thread can speak for it
(`stand_in`).
"""

import time
from collections.abc import Callable
from typing import TypeVar

from import_pipeline.errors import RegistryError
from import_pipeline.home import Home

Answer = TypeVar("Answer")


class PromptReads:
    """Reads of one home, made by the event loop alone.

    Args:
        home: The home.

    Attributes:
        reading_since: When the read began that the loop is at, by a clock that never goes back, or None.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.reading_since: float | None = None

    def read(self, work: Callable[[Home], Answer]) -> Answer | None:
        """What `work` reads of the home; None where that has to be waited for."""
        home = self._home.at_once
        if home is None:
            return None
        self.reading_since = time.monotonic()
        try:
            return work(home)
        except RegistryError:
            return None
        finally:
            self.reading_since = None
