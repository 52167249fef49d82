"""Watching a phase while it works: how far it is goes to the registry, and it ends when its imports were stopped.

A thread looks once in a while; a phase that is done before it looks costs nothing. An import is stopped by whoever
takes it out of the hands of its run in the registry: a caller who cancels it, in whatever process, or its time.
The same thread is the heartbeat of the process: it renews the leases of all imports that are watched, by one statement.
"""

import logging
import signal
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError
from import_pipeline.logs import about
from import_pipeline.phases.progress import Progress
from import_pipeline.service import transitions
from import_pipeline.stores import imports, leases, phase_log
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
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
    """One phase at work on imports of one run.

    Args:
        home: The home.
        records: The imports, as they are while the phase works.
        phase: The phase.

    Attributes:
        ids: Those that are still worked on; whoever leaves some out takes them from here.
        run_id: Their run.
        phase: The phase.
    """

    def __init__(self, home: "Home", records: Sequence[ImportRecord], phase: Phase) -> None:
        super().__init__()
        self.total = records[0].total_rows if len(records) == 1 else None
        self.connection: duckdb.DuckDBPyConnection | None = None
        self.ids = [record.id for record in records]
        self._home, self.run_id, self.phase = home, records[0].run_id, phase
        spent = max(record.updated_at - (record.run_since or record.updated_at) for record in records)
        self._until = time.monotonic() + home.settings.run_seconds - spent
        self._stoppable = True
        self._interrupted = False
        self._told = 0
        self._in_main_thread = threading.current_thread() is threading.main_thread()

    @property
    def registry(self) -> Registry:
        """Where the imports are registered."""
        return self._home.registry

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
        """See `Progress.before_commit`: from here on the imports cannot be cancelled, only undone."""
        self.leave_alone()
        transitions.note_writing(self._home, self.ids, self.run_id)

    def left(self, import_ids: Collection[str]) -> None:
        """See `Progress.left`."""
        self.ids = [one for one in self.ids if one not in import_ids]

    def leave_alone(self) -> None:
        """From here on, let the phase come to its end whatever happens."""
        with _interrupting:
            self._stoppable = False

    def look(self) -> None:
        """Tell the registry how far the phase is, or interrupt it if its imports were stopped."""
        if self._is_stopped():
            self._interrupt()
            return
        if len(self.ids) != 1:  # a batch of short files tells how far it is by its phases
            return
        rows = self.total if self.total is not None else self._estimated_rows()
        processed = int(rows * self.reached(self._share_of_statement()))
        if processed > self._told:
            self._told = processed
            phase_log.progress(self._home.registry, self.ids[0], self.phase, processed, self.total)

    def _is_stopped(self) -> bool:
        """Whether all imports are out of the hands of this run; they are, when its time was over before it wrote."""
        states = imports.states(self._home.registry, self.ids)
        ours = [
            one for one, (status, run_id) in states.items() if status is Status.PROCESSING and run_id == self.run_id
        ]
        if ours and time.monotonic() > self._until:
            return len(transitions.time_out(self._home, ours).records) == len(ours)
        return bool(self.ids) and not ours  # of a batch that all have left, nobody is to be stopped

    def _share_of_statement(self) -> float:
        with _interrupting:
            at_work = self._stoppable and self.connection is not None
            return self.connection.query_progress() / 100 if at_work and self.connection is not None else 0.0

    def _estimated_rows(self) -> int:
        """About how many rows the text file has that is being read, by its first lines; 0 for other files."""
        path = payload_path(self._home.settings, self.ids[0])
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
def watched(home: "Home", records: Sequence[ImportRecord], phase: Phase) -> Iterator[Watch]:
    """Have a phase watched while the block runs.

    Args:
        home: The home.
        records: The imports, as they are while the phase works: all of one run.
        phase: The phase.
    """
    watch = Watch(home, records, phase)
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
        renewed = time.monotonic()
        while True:
            time.sleep(LOOK_SECONDS)
            watches = list(self._watches)
            if time.monotonic() - renewed >= leases.HEARTBEAT_SECONDS:
                renewed = time.monotonic()
                self._renew(watches)
            for watch in watches:
                try:
                    with about(imports=list(watch.ids), run=watch.run_id, phase=watch.phase):
                        watch.look()
                except ImportPipelineError as error:  # the registry may answer again at the next look
                    log.warning("Import %s is not watched for now: %s", watch.ids[0], error.message)

    def _renew(self, watches: Sequence[Watch]) -> None:
        """Renew the leases of all that is watched, registry by registry; a process nearly always has one."""
        ids: dict[Registry, set[str]] = {}
        for watch in watches:
            ids.setdefault(watch.registry, set()).update(watch.ids)
        for registry, of_registry in ids.items():
            try:
                leases.renew(registry, of_registry)
            except ImportPipelineError as error:
                log.warning("Leases are not renewed for now: %s", error.message)


_interrupting = threading.Lock()
_watcher = _Watcher()
