"""The warm worker processes of a server: imports that callers wait for, previews, and files that have to be made.

A server answers while its workers work; a file that brings a worker down does not bring the server down.
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
from import_pipeline.orchestration import warm
from import_pipeline.settings import Settings

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_CLOSE_SECONDS = 10.0
MOST_WAITING = 16
"""So many callers may wait at once; the others are told to come again, or their imports are queued."""


class Workers:
    """A pool of processes, started when the first task comes or `start` is called. Safe for threads.

    Args:
        settings: The settings of the home.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)

    def start(self) -> None:
        """Start the workers, without waiting for them."""
        for _ in range(self._settings.sync_workers):
            self._submit(warm.is_open)

    def close(self) -> None:
        """End the workers after what they are doing, or after a while: an import that is cut off goes on in a run."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + _CLOSE_SECONDS
        for process in processes:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                log.warning("A worker is still at work, and is ended.")
                process.kill()

    def run_import(self, import_id: str) -> bool:
        """Run an uploaded import and wait for it, as long as the settings say.

        Returns:
            Whether it was given to a worker; False where too many callers wait already.
        """
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            task = self._submit(warm.run_import, import_id)
            with contextlib.suppress(FutureTimeoutError):  # it goes on, its caller does not wait any longer
                self._result(task, self._settings.sync_wait_seconds)
            return True
        finally:
            self._waiting.release()

    def preview_upload(self, import_id: str) -> dict[str, Any]:
        """What an uploaded file holds; see `uploading.preview_upload`."""
        return self._answer(warm.preview_upload, import_id)

    def look_at(self, import_id: str, *, strict: bool) -> dict[str, Any]:
        """What an uploaded file holds, with constants and sample records; see `first_look.look_at`."""
        return self._answer(warm.look_at, import_id, strict)

    def undo(self, import_id: str, *, dry_run: bool, created_by: str) -> str | None:
        """Undo an import; see `service.undoing`.

        Returns:
            The id of the undo; None where it goes on for longer than callers wait.
        """
        if not self._waiting.acquire(blocking=False):
            raise busy()
        try:
            return self._result(
                self._submit(warm.undo, import_id, dry_run, created_by), self._settings.sync_wait_seconds
            )
        except FutureTimeoutError:
            return None
        finally:
            self._waiting.release()

    def make_download(self, import_id: str, file: str, to: Path) -> None:
        """Make a file of an import; see `downloads.make_download`."""
        self._answer(warm.make_download, import_id, file, to)

    def _answer(self, work: Callable[..., Result], *arguments: Any) -> Result:
        if not self._waiting.acquire(blocking=False):
            raise busy()
        try:
            return self._result(self._submit(work, *arguments), self._settings.sync_wait_seconds)
        except FutureTimeoutError:
            raise busy() from None
        finally:
            self._waiting.release()

    def _submit(self, work: Callable[..., Result], *arguments: Any) -> "Future[Result]":
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._settings.sync_workers, get_context("spawn"), warm.open_worker, (self._settings,)
                )
            try:
                return self._pool.submit(work, *arguments)
            except BrokenProcessPool:
                log.warning("A worker process ended by itself; new ones are started.")
                self._pool = None
        return self._submit(work, *arguments)

    def _result(self, task: "Future[Result]", seconds: float) -> Result:
        try:
            return task.result(seconds)
        except BrokenProcessPool:
            with self._lock:
                self._pool = None
            raise RefusedError(
                503,
                "unavailable",
                "The process that worked on this ended. Look at the import, then try again.",
                {"Retry-After": str(RETRY_AFTER_SECONDS)},
            ) from None


def busy() -> RefusedError:
    """What callers are told for whom there is no time right now."""
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return RefusedError(503, "unavailable", f"Too much to do. Try again in {RETRY_AFTER_SECONDS} seconds.", retry)


async def _workers(request: Request) -> Workers:
    return request.app.state.workers


SharedWorkers = Annotated[Workers, Depends(_workers)]
"""The workers of this application."""
