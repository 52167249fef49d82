"""The warm worker processes of a server: imports that callers wait for, previews, and files that have to be made.

A server answers while its workers work; a file that brings a worker down does not bring the server down, nor what other
callers wait for: each worker is a pool of its own, since the death of one process breaks all that a pool was given.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from import_pipeline.api.refusals import RETRY_AFTER_SECONDS, RefusedError
from import_pipeline.api.turns import Turns
from import_pipeline.orchestration import worker
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.stores.import_record import ImportRecord

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_CLOSE_SECONDS = 10.0
_LOOK_SECONDS = 0.5
MOST_WAITING = 32
"""So many callers may wait at once; the others are told to come again, or their imports are queued."""
MOST_WAITING_EACH = 8
"""So many of them may be of one organization."""


class Workers:
    """Processes, started when the first tasks come or `start` is called. Safe for threads.

    A task is given to a worker that is free for it; until then it waits for the turn of its organization.

    Args:
        settings: The settings of the home.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[ProcessPoolExecutor] = []
        self._at_work: list[ProcessPoolExecutor] = []
        self._lock = threading.Lock()
        places = settings.sync_workers
        self._turns = Turns(places, each=places, waiting=MOST_WAITING, waiting_each=MOST_WAITING_EACH)
        self._ending = threading.Event()

    def start(self) -> None:
        """Start the workers, without waiting for them: a task that comes before one is open waits for that one."""
        for _ in range(self._settings.sync_workers):
            pool = self._new_worker()
            pool.submit(worker.is_open)
            with self._lock:
                self._free.append(pool)

    def end_waiting(self) -> None:
        """Let nobody wait any longer: the server ends. What was begun goes on until `close`. For signal handlers."""
        self._ending.set()

    def close(self) -> None:
        """End the workers after what they are doing, or after a while: an import that is cut off goes on in a run."""
        with self._lock:
            pools, self._free, self._at_work = self._free + self._at_work, [], []
        processes = [process for pool in pools for process in (pool._processes or {}).values()]
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + _CLOSE_SECONDS
        for process in processes:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                log.warning("A worker is still at work, and is ended.")
                process.kill()

    def run_import(self, import_id: str, organization: str) -> bool:
        """Run an uploaded import and wait for it, as long as the settings say.

        Returns:
            Whether a worker has it; False where none got free for it, too many callers wait already, or its worker
            ended by itself: then it is left to a run.
        """
        until = time.monotonic() + self._settings.sync_wait_seconds
        try:
            task = self._in_turn(organization, until, worker.run_import, import_id, afterwards=worker.tell_runs)
            with contextlib.suppress(FutureTimeoutError):  # it goes on, its caller does not wait any longer
                self._result(task, until)
        except RefusedError:
            return False
        return True

    def preview_upload(self, import_id: str, organization: str) -> dict[str, Any]:
        """What an uploaded file holds; see `previewing.preview_upload`."""
        return self._answer(organization, worker.preview_upload, import_id)

    def look_at(self, import_id: str, spec: ImportSpec, *, strict: bool) -> dict[str, Any]:
        """What an uploaded file holds, with constants and sample records; see `first_look.look_at`."""
        return self._answer(spec.organization, worker.look_at, import_id, spec, strict)

    def inspect(self, record: ImportRecord, options: ReadOptions | None, record_type: str | None) -> dict[str, Any]:
        """What an uploaded file holds and how it is read; see `inspecting.inspect`."""
        return self._answer(record.organization, worker.inspect, record.id, options, record_type)

    def choice_values(self, record: ImportRecord, mapping: dict[str, str] | None) -> list[dict[str, Any]]:
        """Which values the columns of choice fields hold; see `choice_values.choice_values`."""
        return self._answer(record.organization, worker.choice_values, record.id, mapping)

    def replay(self, record: ImportRecord, *, created_by: str) -> str:
        """Make a draft of the failed rows of an import, see `replaying.replay`; gives its id."""
        return self._answer(record.organization, worker.replay, record.id, created_by)

    def undo(self, import_id: str, organization: str, *, dry_run: bool, created_by: str) -> str | None:
        """Undo an import; see `service.undoing`.

        Returns:
            The id of the undo; None where it goes on for longer than callers wait.
        """
        until = time.monotonic() + self._settings.sync_wait_seconds
        task = self._in_turn(organization, until, worker.undo, import_id, dry_run, created_by)
        try:
            return self._result(task, until)
        except FutureTimeoutError:
            return None

    def make_download(self, import_id: str, organization: str, file: str, to: Path) -> None:
        """Make a file of an import; see `downloads.make_download`."""
        self._answer(organization, worker.make_download, import_id, file, to)

    def _answer(self, organization: str, work: Callable[..., Result], *arguments: Any) -> Result:
        until = time.monotonic() + self._settings.sync_wait_seconds
        try:
            return self._result(self._in_turn(organization, until, work, *arguments), until)
        except FutureTimeoutError:
            raise busy() from None

    def _in_turn(
        self,
        organization: str,
        until: float,
        work: Callable[..., Result],
        *arguments: Any,
        afterwards: Callable[[], None] | None = None,
    ) -> "Future[Result]":
        """Give a task to a worker as soon as it is the turn of its organization.

        Args:
            organization: Whose turn it has to be.
            until: How long is waited for that.
            work: The task.
            *arguments: Of it.
            afterwards: What the worker does then, before it is free for another task, though nobody waits for it.

        Raises:
            RefusedError: It is not before the time is over, or too many wait already.
        """
        ticket = self._turns.join(organization)
        if ticket is None:
            raise busy()
        try:
            self._wait(ticket, until)
            # The place is the worker's: it is free again when that is, also if the caller left before.
            return self._submit(
                work, *arguments, afterwards=afterwards, when_free=lambda: self._turns.leave(organization, ticket)
            )
        except BaseException as error:  # an interruption, too, gives the place back
            self._turns.leave(organization, ticket)
            raise (busy() if isinstance(error, FutureTimeoutError) else error) from None

    def _submit(
        self,
        work: Callable[..., Result],
        *arguments: Any,
        afterwards: Callable[[], None] | None = None,
        when_free: Callable[[], None] = lambda: None,
    ) -> "Future[Result]":
        with self._lock:
            pool = self._free.pop() if self._free else self._new_worker()
            self._at_work.append(pool)
        try:
            task = pool.submit(work, *arguments)
            last = pool.submit(afterwards) if afterwards is not None else task
        except BrokenProcessPool:  # it died while it had nothing to do
            self._give_back(pool, is_broken=True)
            return self._submit(work, *arguments, afterwards=afterwards, when_free=when_free)
        last.add_done_callback(lambda ended: self._give_back(pool, is_broken=_is_broken(ended)))
        last.add_done_callback(lambda _: when_free())
        return task

    def _new_worker(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, get_context("spawn"), worker.open_worker, (self._settings,))

    def _give_back(self, pool: ProcessPoolExecutor, *, is_broken: bool) -> None:
        """Have a worker take the next task; one whose process ended is replaced when it is needed."""
        with self._lock:
            if pool in self._at_work:  # else the server ends
                self._at_work.remove(pool)
                if not is_broken:
                    self._free.append(pool)
        if is_broken:
            log.warning("A worker process ended by itself; a new one is started for the next task.")
            pool.shutdown(wait=False)

    def _result(self, task: "Future[Result]", until: float) -> Result:
        try:
            return self._wait(task, until)
        except BrokenProcessPool:
            raise RefusedError(
                503,
                "unavailable",
                "The process that worked on this ended. Look at the import, then try again.",
                {"Retry-After": str(RETRY_AFTER_SECONDS)},
            ) from None

    def _wait(self, future: "Future[Result]", until: float) -> Result:
        """Wait for something until its time is over, or that of the server."""
        while True:
            left = until - time.monotonic()
            try:
                return future.result(max(0.0, min(_LOOK_SECONDS, left)))
            except FutureTimeoutError:
                if left <= 0 or self._ending.is_set():
                    raise


def _is_broken(task: "Future[Any]") -> bool:
    return not task.cancelled() and isinstance(task.exception(), BrokenProcessPool)


def busy() -> RefusedError:
    """What callers are told for whom there is no time right now."""
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return RefusedError(503, "unavailable", f"Too much to do. Try again in {RETRY_AFTER_SECONDS} seconds.", retry)


async def _workers(request: Request) -> Workers:
    return request.app.state.workers


SharedWorkers = Annotated[Workers, Depends(_workers)]
"""The workers of this application."""
