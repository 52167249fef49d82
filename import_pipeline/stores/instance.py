"""A DuckDB instance that works on imports: how it is made, what it may touch, and how it comes to rest where one broke.

Which workspace it works in, and for how long it is kept, belongs to `engine.py`.
"""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from import_pipeline.settings import Settings
from import_pipeline.sql import exact_path, literal, quote
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.file_store import COMPACTION, COMPRESSION
from import_pipeline.stores.record_stores.interface import RecordStore
from import_pipeline.stores.record_stores.preparing import make_ready
from import_pipeline.stores.workspace import instance_config

if TYPE_CHECKING:
    import duckdb


def connect(settings: Settings, store: RecordStore) -> "duckdb.DuckDBPyConnection":
    """Make an instance for the workspaces of a home and one record store, with its configuration final."""
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
    # What a store gets is compressed, but not by dictionaries: to try these takes as long as all else of writing it.
    connection.execute("SET disabled_compression_methods = 'dictionary'")
    connection.execute("SET write_buffer_row_group_count = 1")  # rows that wait to be written together take memory
    connection.execute(f"SET allowed_configs = ['{COMPRESSION}', '{COMPACTION}', 'threads']")
    connection.execute("SET enable_progress_bar_print = false")  # how far a statement is, is asked for and not shown
    connection.execute("SET enable_progress_bar = true")
    touchable = store.admit(connection)
    own = dict.fromkeys((f"{settings.workspaces}/", f"{exact_path(settings.workspaces)}/"))  # as readers name it, too
    folders = ", ".join(literal(folder) for folder in (*own, *touchable.folders))
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in touchable.paths)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def memory_bytes(connection: "duckdb.DuckDBPyConnection") -> int:
    """How much memory an instance may take."""
    found = connection.execute("SELECT parse_formatted_bytes(current_setting('memory_limit'))").fetchone()
    return int(found[0]) if found else 0


def threads(connection: "duckdb.DuckDBPyConnection") -> int:
    """How many threads an instance works with."""
    found = connection.execute("SELECT current_setting('threads')").fetchone()
    return int(found[0]) if found else 1


def let_go_of_files(connection: "duckdb.DuckDBPyConnection") -> None:
    """Detach all that is attached: an instance whose statement was interrupted outlives its connection, files and all.

    What does not work here is left alone: the instance may be what broke.
    """
    import duckdb

    end_statement(connection)
    with suppress(duckdb.Error):
        connection.execute("USE memory")
        detach_files(connection)


def end_statement(connection: "duckdb.DuckDBPyConnection") -> None:
    """End what an instance is at, a statement or a transaction; nothing happens where it is at none."""
    import duckdb

    connection.interrupt()  # Ctrl-C ends the call and not the threads that work on it: what follows would wait for them
    with suppress(duckdb.Error):
        connection.rollback()


def detach_files(connection: "duckdb.DuckDBPyConnection") -> None:
    """Detach all files that are attached to an instance."""
    attached = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL"
    for (name,) in connection.execute(attached).fetchall():
        connection.execute(f"DETACH {quote(name)}")
