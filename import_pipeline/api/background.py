"""Imports that this server runs by its own workers though no caller waits: those that a person brings on by hand.

So a preview is made, and written, where nothing but a server runs. What a call has queued is begun at once; what was
left queued, by a server that ended or for want of a free worker, is found in the registry. A run of Dagster that is
faster is as good: an import is begun once.
"""

import logging
import threading
from typing import Annotated

from fastapi import Depends, Request

from import_pipeline.api.workers import Workers
from import_pipeline.errors import ImportPipelineError
from import_pipeline.home import Home
from import_pipeline.logs import about
from import_pipeline.service import drafting, transitions
from import_pipeline.stores.import_record import ImportRecord

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 2.0
_AT_ONCE = 4
"""So many of those that were left are taken at a time: other servers have time for some, too."""


class Background:
    """Threads, one for each worker, that hand imports to workers. Safe for threads.

    Args:
        home: The home.
        workers: Who runs them.
    """

    def __init__(self, home: Home, workers: Workers) -> None:
        self._home = home
        self._workers = workers
        self._waiting: list[ImportRecord] = []
        self._in_hand: set[str] = set()
        self._changed = threading.Condition()
        self._is_ending = False
        self._threads = [
            threading.Thread(target=self._work, name=f"background-{number}", daemon=True)
            for number in range(home.settings.sync_workers)
        ]

    @property
    def keep_seconds(self) -> float:
        """How long an import is kept for `run` by whoever queues it."""
        return transitions.KEEP_SECONDS

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, when those who wait for a worker do so no longer."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(15)

    def run(self, record: ImportRecord) -> None:
        """Run an import that was queued and kept for it, without waiting for that."""
        with self._changed:
            self._waiting.append(record)
            self._changed.notify()

    def _work(self) -> None:
        while (record := self._next()) is not None:
            with about(imports=[record.id], organization=record.organization):
                self._run_or_release(record)

    def _run_or_release(self, record: ImportRecord) -> None:
        try:
            if not self._workers.run_import(record.id, record.organization):
                transitions.release(self._home, [record.id])
        except ImportPipelineError as error:  # it stays queued, and is found again
            log.warning("Import %s is run later: %s", record.id, error.message)
        except Exception:  # whatever it is, the thread must live: it is in the log, and tried again
            log.exception("Import %s is run later", record.id)
        finally:
            with self._changed:
                self._in_hand.discard(record.id)
                self._changed.notify()

    def _next(self) -> ImportRecord | None:
        """The next import, as soon as there is one; None when the server ends."""
        while True:
            with self._changed:
                if not self._is_ending and self._first() is None:
                    self._changed.wait(_PAUSE_SECONDS)
                if self._is_ending:
                    return None
                record = self._first()
                if record is not None:
                    self._waiting.remove(record)
                    self._in_hand.add(record.id)
                    return record
            left = self._left()
            with self._changed:
                known = {record.id for record in self._waiting} | self._in_hand
                self._waiting += [record for record in left if record.id not in known]

    def _first(self) -> ImportRecord | None:
        """The first that waits, but for those of which an earlier run has not quite ended."""
        return next((record for record in self._waiting if record.id not in self._in_hand), None)

    def _left(self) -> list[ImportRecord]:
        try:
            return drafting.take_queued(self._home, limit=_AT_ONCE)
        except ImportPipelineError as error:
            log.warning("Imports that wait are looked for later: %s", error.message)
        except Exception:  # whatever it is, the thread must live: it is in the log, and tried again
            log.exception("Imports that wait are looked for later")
        return []


async def _background(request: Request) -> Background:
    return request.app.state.background


InBackground = Annotated[Background, Depends(_background)]
"""Runs imports of this application without their callers."""
