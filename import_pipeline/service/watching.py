"""Watching a phase while it works: how far it is goes to the registry, and it ends when its import was stopped.

A thread looks once in a while; a phase that is done before it looks costs nothing. An import is stopped by whoever
takes it out of the hands of its run in the registry: a caller who cancels it, in whatever process, or its time.
"""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError, StateError, StoppedError
from import_pipeline.phases.progress import Progress
from import_pipeline.service.overdue import time_out
from import_pipeline.service.written import WRITING
from import_pipeline.stores import imports, phase_log
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import payload_path
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""So long a short phase is not looked at; a cancelled one ends after it."""
_HEAD_BYTES = 256 * 1024


class Watch(Progress):
    """One phase of one import at work.

    Args:
        home: The home.
        record: The import, as it is while the phase works.
        phase: The phase.
    """

    def __init__(self, home: "Home", record: ImportRecord, phase: Phase) -> None:
        super().__init__()
        self.total = record.total_rows
        self.connection: duckdb.DuckDBPyConnection | None = None
        self.import_id = record.id
        self._home, self._record, self._phase = home, record, phase
        spent = record.updated_at - (record.started_at or record.updated_at)
        self._until = time.monotonic() + home.settings.run_seconds - spent
        self._stoppable = True
        self._interrupted = False
        self._told = 0
        self._in_main_thread = threading.current_thread() is threading.main_thread()

    @contextmanager
    def over(self, connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
        """Watch what runs on a connection while the block runs; it may be closed afterwards."""
        self.connection = connection
        try:
            yield
        finally:
            with _interrupting:
                self.connection = None

    def before_commit(self) -> None:
        """See `Progress.before_commit`: from here on the import cannot be cancelled, only undone."""
        self.leave_alone()
        details = self._record.details | {WRITING: True}
        try:
            imports.move(
                self._home.registry,
                self._record.id,
                Status.PROCESSING,
                only_from=(Status.PROCESSING,),
                details=details,
            )
        except StateError as error:
            raise StoppedError(self._record.id, str(error.culprits["status"])) from error

    def leave_alone(self) -> None:
        """From here on, let the phase come to its end whatever happens."""
        with _interrupting:
            self._stoppable = False

    def look(self) -> None:
        """Tell the registry how far the phase is, or interrupt it if its import was stopped."""
        if self._is_stopped():
            self._interrupt()
            return
        rows = self.total if self.total is not None else self._estimated_rows()
        processed = int(rows * self.reached(self._share_of_statement()))
        if processed > self._told:
            self._told = processed
            phase_log.progress(self._home.registry, self.import_id, self._phase, processed, self.total)

    def _is_stopped(self) -> bool:
        """Whether the import is out of the hands of this run; it is, when its time was over before it wrote."""
        status, run_id = imports.state(self._home.registry, self.import_id)
        if status is Status.PROCESSING and run_id == self._record.run_id and time.monotonic() > self._until:
            return time_out(self._home, self.import_id)
        return status is not Status.PROCESSING or run_id != self._record.run_id

    def _share_of_statement(self) -> float:
        with _interrupting:
            at_work = self._stoppable and self.connection is not None
            return self.connection.query_progress() / 100 if at_work and self.connection is not None else 0.0

    def _estimated_rows(self) -> int:
        """About how many rows the text file has that is being read, by its first lines; 0 for other files."""
        path = payload_path(self._home.settings, self.import_id)
        try:
            size = path.stat().st_size
            with path.open("rb") as payload:
                head = payload.read(_HEAD_BYTES)
        except FileNotFoundError:
            return 0
        return 0 if b"\0" in head or not head else size * head.count(b"\n") // len(head)

    def _interrupt(self) -> None:
        with _interrupting:  # whoever ends the watch waits for this: nothing that comes later is interrupted
            if not self._stoppable:
                return
            if not self._in_main_thread:
                if self.connection is not None:
                    self.connection.interrupt()
            elif not self._interrupted:
                # What Ctrl-C does: it reaches every statement, every wait for another process, and Dagster.
                self._interrupted = True
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@contextmanager
def watched(home: "Home", record: ImportRecord, phase: Phase) -> Iterator[Watch]:
    """Have a phase watched while the block runs.

    Args:
        home: The home.
        record: The import, as it is while the phase works.
        phase: The phase.
    """
    watch = Watch(home, record, phase)
    _watcher.begin(watch)
    try:
        yield watch
    finally:
        _watcher.end(watch)


class _Watcher:
    """The thread that looks, one for each process; started with the first phase."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []
        self._thread: threading.Thread | None = None

    def begin(self, watch: Watch) -> None:
        self._watches.append(watch)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._look, name="watching", daemon=True)
            self._thread.start()

    def end(self, watch: Watch) -> None:
        watch.leave_alone()
        self._watches.remove(watch)

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            for watch in list(self._watches):
                try:
                    watch.look()
                except ImportPipelineError as error:  # the registry may answer again at the next look
                    log.warning("Import %s is not watched for now: %s", watch.import_id, error.message)


_interrupting = threading.Lock()
_watcher = _Watcher()
