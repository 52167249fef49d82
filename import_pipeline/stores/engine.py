"""The engine: the one DuckDB instance in which this process works on imports, one workspace after the other.

Making an instance costs more than all that a short file needs, attaching a workspace to one next to nothing. What an
engine may touch is settled for good before it reads anything: the workspaces, and the store of one organization.
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
from import_pipeline.sql import literal, quote
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.interface import RecordStore
from import_pipeline.stores.record_stores.preparing import make_ready
from import_pipeline.stores.records import transaction
from import_pipeline.stores.workspace import (
    WORKSPACE_TABLES,
    attach_workspace,
    drop_workspace,
    instance_config,
    is_held_elsewhere,
    workspace_path,
)

if TYPE_CHECKING:
    import duckdb

WORKSPACE = "workspace"
_LOOK_AGAIN_SECONDS = 0.05
_IN_MEMORY = ":memory:"  # in the place of an import's id, which it cannot be


@dataclass(eq=False)
class _Engine:
    """An instance, what it was made for, and the import whose workspace is attached to it."""

    connection: "duckdb.DuckDBPyConnection"
    made_for: tuple[object, ...]
    import_id: str | None = None


_engines: list[_Engine] = []
_turn = threading.RLock()
"""Held while an import is at work: threads of one process take turns, since imports are worked on by processes."""
_keeping = threading.local()


@contextmanager
def working_on(
    settings: Settings, import_id: str, organization: str, wait_seconds: float = 0.0, *, small: bool = False
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Have the workspace of an import open for reading and writing, alone, while the block runs.

    Args:
        settings: Gives the folders, memory limit and threads.
        import_id: A valid import id; it names the file.
        organization: Whose store may be attached.
        wait_seconds: How long to wait for another process.
        small: Whether few rows come into it, see `attach_workspace`.

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
                _attach(engine, settings, import_id, wait_seconds, small)
            yield engine.connection
            if not getattr(_keeping, "on", False):
                _detach(engine)
        except BaseException:  # an interruption, too, leaves no workspace attached
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
            engine.connection.execute(f"ATTACH ':memory:' AS {WORKSPACE}")
            _stand_in(engine, _IN_MEMORY)
            yield engine.connection
            _detach(engine)
        except BaseException:  # an interruption, too, leaves no workspace attached
            _discard(engine)
            raise


def drop_workspace_of(settings: Settings, import_id: str) -> None:
    """Remove the workspace of an import that nobody goes on with."""
    with _turn:
        for engine in _engines:
            if engine.import_id == import_id and engine.made_for[0] == os.getpid():
                _empty(engine)
                _detach(engine)
        drop_workspace(settings, import_id)


@contextmanager
def kept_open() -> Iterator[None]:
    """Leave the workspace open between the phases of an import while the block runs: nobody else sees into it then."""
    with _turn:
        _keeping.on = True
        try:
            yield
        finally:
            _keeping.on = False
            for engine in list(_engines):
                _detach(engine)


def _engine(settings: Settings, organization: str) -> _Engine:
    store = open_store(settings, organization)
    made_for = (os.getpid(), settings.workspaces, store.identity, settings.memory_limit, settings.threads)
    for engine in list(_engines):
        if engine.made_for == made_for:
            return engine
        _discard(engine)
    _engines.append(_Engine(_connect(settings, store), made_for))
    return _engines[-1]


def _detach(engine: _Engine) -> None:
    if engine.import_id is not None:
        engine.connection.execute("USE memory")
        engine.connection.execute(f"DETACH {WORKSPACE}")
        engine.import_id = None


def _empty(engine: _Engine) -> None:
    """Drop what is in the workspace: detaching it would write all of that to a file which then goes."""
    with transaction(engine.connection):
        for kind in ("view", "table"):
            names = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = '{WORKSPACE}' AND NOT internal"
            for (name,) in engine.connection.execute(names).fetchall():
                engine.connection.execute(f"DROP {kind} {WORKSPACE}.{quote(name)}")


def _discard(engine: _Engine) -> None:
    with suppress(ValueError):
        _engines.remove(engine)
    if engine.made_for[0] == os.getpid():  # what a parent process opened is not ours to close
        _let_go_of_files(engine.connection)
        engine.connection.close()


def _let_go_of_files(connection: "duckdb.DuckDBPyConnection") -> None:
    """Detach all that is attached: an instance whose statement was interrupted outlives its connection, files and all.

    What does not work here is left alone: the instance may be what broke.
    """
    import duckdb

    connection.interrupt()  # Ctrl-C ends the call and not the threads that work on it: what follows would wait for them
    with suppress(duckdb.Error):
        connection.rollback()
    with suppress(duckdb.Error):
        connection.execute("USE memory")
        attached = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL"
        for (name,) in connection.execute(attached).fetchall():
            connection.execute(f"DETACH {quote(name)}")


def _connect(settings: Settings, store: RecordStore) -> "duckdb.DuckDBPyConnection":

    if store.is_on_server:
        make_ready(store)
    connection = new_instance(instance_config(settings, f"process-{os.getpid()}"))
    try:
        _configure(connection, settings, store)
    except BaseException:  # an interruption, too, leaves no instance behind
        connection.close()
        raise
    return connection


def _configure(connection: "duckdb.DuckDBPyConnection", settings: Settings, store: RecordStore) -> None:
    connection.execute("PRAGMA force_compression = 'uncompressed'")  # a workspace lives for minutes: speed before size
    connection.execute("SET enable_progress_bar_print = false")  # how far a statement is, is asked for and not shown
    connection.execute("SET enable_progress_bar = true")
    touchable = store.admit(connection)
    folders = ", ".join(literal(folder) for folder in (f"{settings.workspaces}/", *touchable.folders))
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in touchable.paths)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _attach(engine: _Engine, settings: Settings, import_id: str, wait_seconds: float, small: bool) -> None:
    import duckdb

    path = workspace_path(settings, import_id)
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
