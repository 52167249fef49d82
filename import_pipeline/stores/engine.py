"""The engine: the one DuckDB instance in which this process works on imports, one workspace after the other.

Making an instance costs more than all that a short file needs, attaching a workspace to one next to nothing. What an
engine may touch is settled for good before it reads anything: the workspaces, and the store of one organization.

A workspace that one process takes from the first phase to the last is in memory, if it fits: in a file all that phases
make is written to the disk, which takes half of the time of making it. What is lost with the process is made again.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.settings import Settings
from import_pipeline.stores.instance import (
    connect,
    detach_files,
    end_statement,
    let_go_of_files,
    memory_bytes,
    threads,
)
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.file_store import COMPRESSION
from import_pipeline.stores.records import transaction
from import_pipeline.stores.workspace import (
    SMALL_BYTES,
    WORKSPACE_TABLES,
    attach_workspace,
    drop_workspace,
    empty_workspace,
    is_held_elsewhere,
    workspace_path,
)

if TYPE_CHECKING:
    import duckdb

WORKSPACE = "workspace"
_LOOK_AGAIN_SECONDS = 0.05
_IN_MEMORY = ":memory:"  # in the place of an import's id, which it cannot be
_TIMES_PAYLOAD = 8
"""So many times as large as its payload a workspace becomes, or less."""
_VAST_BYTES = 1_000_000_000


@dataclass(eq=False)
class _Engine:
    """An instance, what it was made for, and the import whose workspace is attached to it.

    Attributes:
        memory_bytes: What it may take.
        threads: How many it works with, where there is enough to do for them.
        is_in_memory: Whether the workspace is in memory: then it is nowhere else.
        is_broken: Whether a statement broke in it, so that nothing is to be begun in it any more.
    """

    connection: "duckdb.DuckDBPyConnection"
    made_for: tuple[object, ...]
    memory_bytes: int
    threads: int
    import_id: str | None = None
    is_in_memory: bool = False
    is_broken: bool = False


_engines: list[_Engine] = []
_turn = threading.RLock()
"""Held while an import is at work: threads of one process take turns, since imports are worked on by processes."""
_keeping = threading.local()


@contextmanager
def working_on(
    settings: Settings,
    import_id: str,
    organization: str,
    wait_seconds: float = 0.0,
    *,
    payload_bytes: int | None = None,
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Have the workspace of an import open for reading and writing, alone, while the block runs.

    Args:
        settings: Gives the folders, memory limit and threads.
        import_id: A valid import id; it names the file.
        organization: Whose store may be attached.
        wait_seconds: How long to wait for another process.
        payload_bytes: How large the import's payload is, if that is known: where it says how much comes into a new
            workspace.

    Yields:
        A connection that stands in the workspace, with its tables made, and whose configuration is final.

    Raises:
        WorkspaceBusyError: Another process has it open.
    """
    with _turn:
        engine = _engine(settings, organization)
        try:
            if engine.import_id != import_id:
                _detach(engine)
                _attach(engine, settings, import_id, wait_seconds, payload_bytes)
            yield engine.connection
            if not getattr(_keeping, "on", False):
                _detach(engine)
        except BaseException:  # an interruption, too, leaves no file attached
            if engine.is_in_memory:
                _come_to_rest(engine)
            else:
                _discard(engine)  # whatever broke may have broken the instance, too
            raise


@contextmanager
def working_on_several(settings: Settings, organization: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Have a workspace in memory, empty, for the rows of several imports of an organization, while the block runs.

    Yields:
        A connection that stands in the workspace, with its tables made, and whose configuration is final.
    """
    with _turn:
        engine = _engine(settings, organization)
        try:
            _detach(engine)
            engine.connection.execute(f"SET threads = {engine.threads}")
            engine.connection.execute(f"ATTACH ':memory:' AS {WORKSPACE}")
            _stand_in(engine, _IN_MEMORY)
            yield engine.connection
            _detach(engine)
        except BaseException:  # an interruption, too, leaves no workspace attached
            _discard(engine)
            raise


@contextmanager
def idle_instance(settings: Settings, organization: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Have an instance to which an organization's store may be attached, for looking at it while the block runs.

    It is the one in which this process works on imports, where it works on none just now: to make another one takes
    longer than to look, the more so as DuckDB gives all memory that was freed back to the system first.

    Yields:
        A connection in which no workspace is attached.
    """
    is_ours = _turn.acquire(blocking=False)
    try:
        made_for = _made_for(settings, organization)
        usable = [one for one in _engines if is_ours and one.made_for == made_for and one.import_id is None]
        if usable and not usable[0].is_broken:
            yield usable[0].connection
        else:
            with new_instance() as connection:
                yield connection
    finally:
        if is_ours:
            _turn.release()


def has_workspace(settings: Settings, import_id: str) -> bool:
    """Whether this host has the workspace of an import: in a file, or in the memory of this process."""
    return any(_has_attached(engine, import_id) for engine in _engines) or workspace_path(settings, import_id).exists()


def drop_workspace_of(settings: Settings, import_id: str) -> None:
    """Remove the workspace of an import that nobody goes on with."""
    with _turn:
        for engine in _engines:
            if _has_attached(engine, import_id):
                if not engine.is_in_memory:
                    with transaction(engine.connection):  # detaching it would write all of it to a file which then goes
                        empty_workspace(engine.connection, WORKSPACE)
                _detach(engine)
        drop_workspace(settings, import_id)


def fits_in_memory(settings: Settings, organization: str, payload_bytes: int | None) -> bool:
    """Whether the workspace of an import is in memory, where one process takes it through all phases."""
    with _turn:
        return _fits(_engine(settings, organization), payload_bytes)


@contextmanager
def kept_open() -> Iterator[None]:
    """Leave the workspace open between the phases of an import while the block runs: nobody else sees into it then.

    A block within another one changes nothing.
    """
    if getattr(_keeping, "on", False):
        yield
        return
    with _turn:
        _keeping.on = True
        try:
            yield
        finally:
            _keeping.on = False
            for engine in list(_engines):
                if engine.is_broken:
                    _discard(engine)
                else:
                    _detach(engine)


def _has_attached(engine: _Engine, import_id: str) -> bool:
    return engine.import_id == import_id and engine.made_for[0] == os.getpid()


def _engine(settings: Settings, organization: str) -> _Engine:
    made_for = _made_for(settings, organization)
    for engine in list(_engines):
        if engine.made_for == made_for:
            return engine
        _discard(engine)
    connection = connect(settings, open_store(settings, organization))
    _engines.append(_Engine(connection, made_for, memory_bytes(connection), threads(connection)))
    return _engines[-1]


def _made_for(settings: Settings, organization: str) -> tuple[object, ...]:
    identity = open_store(settings, organization).identity
    return os.getpid(), settings.workspaces, identity, settings.memory_limit, settings.threads


def _detach(engine: _Engine) -> None:
    if engine.import_id is not None:
        engine.connection.execute("USE memory")
        engine.connection.execute(f"DETACH {WORKSPACE}")
        engine.import_id, engine.is_in_memory = None, False


def _discard(engine: _Engine) -> None:
    with suppress(ValueError):
        _engines.remove(engine)
    if engine.made_for[0] == os.getpid():  # what a parent process opened is not ours to close
        let_go_of_files(engine.connection)
        engine.connection.close()


def _come_to_rest(engine: _Engine) -> None:
    """Bring an instance in which something broke to rest, with the workspace in its memory: what it says is still told.

    An instance in which that does not work is of no use any more, and what it held is made again.
    """
    import duckdb

    engine.is_broken = True
    try:
        end_statement(engine.connection)
        detach_files(engine.connection)
    except duckdb.Error:
        _discard(engine)


def _fits(engine: _Engine, payload_bytes: int | None) -> bool:
    return payload_bytes is not None and payload_bytes * _TIMES_PAYLOAD <= engine.memory_bytes


def _attach(
    engine: _Engine, settings: Settings, import_id: str, wait_seconds: float, payload_bytes: int | None
) -> None:
    import duckdb

    path = workspace_path(settings, import_id)
    small = payload_bytes is not None and payload_bytes <= SMALL_BYTES
    # To wake a second thread for each statement takes longer than a second thread saves where rows are few.
    engine.connection.execute(f"SET threads = {1 if small else engine.threads}")
    if _fits(engine, payload_bytes) and getattr(_keeping, "on", False) and not path.exists():
        engine.connection.execute(f"ATTACH ':memory:' AS {WORKSPACE}")
        engine.is_in_memory = True
        _stand_in(engine, import_id)
        return
    is_vast = payload_bytes is not None and payload_bytes > _VAST_BYTES
    # The file lives for minutes: speed before size, unless the disk might not do.
    engine.connection.execute(f"SET {COMPRESSION} = '{'auto' if is_vast else 'uncompressed'}'")
    until = time.monotonic() + wait_seconds
    while True:
        try:
            attach_workspace(engine.connection, path, WORKSPACE, small=small)
            break
        except duckdb.Error as error:
            if not is_held_elsewhere(error):
                raise
            if time.monotonic() >= until:
                raise WorkspaceBusyError(import_id) from error
        time.sleep(_LOOK_AGAIN_SECONDS)
    _stand_in(engine, import_id)


def _stand_in(engine: _Engine, import_id: str) -> None:
    engine.import_id = import_id
    engine.connection.execute(f"USE {WORKSPACE}")
    engine.connection.execute(WORKSPACE_TABLES)
