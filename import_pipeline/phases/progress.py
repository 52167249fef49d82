"""`Progress`: how far a phase has come, told by the phase while it works and read from another thread.

Who looks at it, and what becomes of it, is the service's affair (`service/watching.py`).
"""

from collections.abc import Collection


class Progress:
    """How far a phase has come, and the moment from which it may not be stopped any more.

    A phase is a few long statements: it says which part of it comes next, and the database says how far that one is.
    """

    def __init__(self) -> None:
        self._part = (0.0, 1.0)
        self._reached = 0.0
        self.total: int | None = None
        """How many rows the phase works on, once that is known."""

    def part(self, begin: float, end: float) -> None:
        """Say which part of the phase comes next, as shares of the whole."""
        self._part = (begin, end)

    def reached(self, share: float) -> float:
        """The share of the whole phase that is done; it never goes back.

        Args:
            share: How much of the present part is done.
        """
        begin, end = self._part
        self._reached = max(self._reached, begin + (end - begin) * min(max(share, 0.0), 1.0))
        return self._reached

    def left(self, import_ids: Collection[str]) -> None:
        """Say that imports left the batch: who watches the phase watches them no more."""

    def before_commit(self) -> None:
        """Say that what was written becomes final next: who watches the phase may still object, and then no more.

        Raises:
            StoppedError: The import was stopped.
        """
