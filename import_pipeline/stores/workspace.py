"""The workspace: the DuckDB file in which one import works, with its tables and how they are begun anew.

How phases have it open belongs to `engine.py`, what they do in it to the phases; the record store that is attached
beside it belongs to `records.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.settings import Settings
from import_pipeline.sql import exact_path, literal, quote
from import_pipeline.words import Phase

if TYPE_CHECKING:
    import duckdb

WORKSPACE_TABLES = """
CREATE TABLE IF NOT EXISTS defects (
    row_number BIGINT,
    "column" VARCHAR,
    field VARCHAR,
    phase VARCHAR,
    code VARCHAR,
    message VARCHAR,
    value VARCHAR,
    level VARCHAR
);
CREATE TABLE IF NOT EXISTS left_out (
    row_number BIGINT,
    phase VARCHAR,
    outcome VARCHAR,
    reason VARCHAR
);
"""


def workspace_path(settings: Settings, import_id: str) -> Path:
    """Where the workspace of an import lies."""
    return settings.workspaces / f"{import_id}.duckdb"


SMALL_BYTES = 1_000_000
"""Largest payload of an import whose workspace is a small one."""
_SMALL_BLOCKS = "BLOCK_SIZE 16384"


def attach_workspace(connection: "duckdb.DuckDBPyConnection", path: Path, name: str, *, small: bool) -> None:
    """Attach a workspace to a connection, and make it if there is none.

    Args:
        connection: An instance that may touch the folder of the workspaces.
        path: The file.
        name: What the database is called.
        small: Whether few rows come into it. A file of some rows then takes a tenth of the space; blocks of the usual
            size are quicker where there are many.
    """
    options = f" ({_SMALL_BLOCKS})" if small and not path.exists() else ""
    connection.execute(f"ATTACH {literal(str(path))} AS {name}{options}")


def payload_path(settings: Settings, import_id: str) -> Path:
    """Where the pinned copy of the file lies while phase 1 reads it: named by us, whatever the file is called."""
    return settings.workspaces / f"{import_id}.payload"


@contextmanager
def open_workspace(settings: Settings, import_id: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open the workspace of an import for looking at it, or for keeping what a person decides; alone all the same.

    Args:
        settings: Gives the folder, memory limit and threads.
        import_id: A valid import id; it names the file.

    Yields:
        A connection.

    Raises:
        WorkspaceBusyError: Another process has it open.
    """
    import duckdb

    config = instance_config(settings, import_id)
    try:
        connection = duckdb.connect(workspace_path(settings, import_id), config=config)
    except duckdb.Error as error:
        if is_held_elsewhere(error):
            raise WorkspaceBusyError(import_id) from error
        raise
    try:
        connection.execute("PRAGMA force_compression = 'uncompressed'")  # it lives for minutes: speed before size
        connection.execute("PRAGMA disable_progress_bar")
        connection.execute(WORKSPACE_TABLES)
        yield connection
    finally:
        connection.close()


def empty_workspace(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Drop all that is in an attached workspace.

    Args:
        connection: An instance to which it is attached.
        name: What the database is called.
    """
    for kind in ("view", "table"):
        names = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = {literal(name)} AND NOT internal"
        for (found,) in connection.execute(names).fetchall():
            connection.execute(f"DROP {kind} {name}.{quote(found)}")


def instance_config(settings: Settings, name: str) -> dict[str, str | bool | int | float | list[str]]:
    """How an instance of DuckDB is configured that works in the folder of the workspaces, which is made.

    Args:
        settings: Gives the folder, memory limit and threads.
        name: What its spill is called by.
    """
    settings.workspaces.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.workspaces / f"{name}.spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return config if settings.threads is None else config | {"threads": settings.threads}


def is_held_elsewhere(error: "duckdb.Error") -> bool:
    """Whether a workspace does not open because another process, or another thread of this one, has it open."""
    told = str(error).lower()
    return "set lock on file" in told or "already attached" in told


def lock_down(connection: "duckdb.DuckDBPyConnection", readable: Sequence[Path] = ()) -> None:
    """Take file access away, except for the paths named, and make the configuration final."""
    paths = ", ".join(literal(path) for file in readable for path in dict.fromkeys((str(file), exact_path(file))))
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def reset_from(connection: "duckdb.DuckDBPyConnection", phase: Phase) -> None:
    """Forget what this phase and later ones found, so that running the phase again gives the same tables."""
    later = ", ".join(literal(str(other)) for other in Phase if other.position >= phase.position)
    for table in ("defects", "left_out"):
        if has_lines(connection, table, f"phase IN ({later})"):
            connection.execute(f"DELETE FROM {table} WHERE phase IN ({later})")


def has_table(connection: "duckdb.DuckDBPyConnection", table: str) -> bool:
    """Whether the workspace has a table or view of this name.

    The lists of all tables would ask the server of an attached record store for its own, too: many times slower.
    """
    import duckdb

    try:
        connection.execute("FROM pragma_table_info($name)", {"name": quote(table)})
    except duckdb.CatalogException:
        return False
    return True


def has_lines(connection: "duckdb.DuckDBPyConnection", table: str, where: str = "true") -> bool:
    """Whether a table has a line, of which a condition in SQL holds: known long before a large statement is planned."""
    return connection.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1").fetchone() is not None


def drop_workspace(settings: Settings, import_id: str) -> None:
    """Remove the workspace's files, if there are any."""
    for suffix in (".duckdb", ".duckdb.wal", ".payload", ".payload.utf8"):
        (settings.workspaces / f"{import_id}{suffix}").unlink(missing_ok=True)
