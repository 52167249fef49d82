"""The record store of an organization: its tables, and how a workspace's connection attaches it.

SQL reaches the tables through the attached catalog `store`, which is opened only for a short write or read,
under a fair lock of its own, and always closed. What an import does with records does not belong here.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline import record_types
from import_pipeline.errors import InvalidNameError, SpecError, StoreBusyError, StoreError
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.settings import Settings
from import_pipeline.sql import literal, quote
from import_pipeline.stores import lock_waits
from import_pipeline.stores.conversion import VERSION, convert
from import_pipeline.stores.file_lock import fair_lock
from import_pipeline.stores.record_tables import BOOKS, HISTORY_COLUMNS, STORE, record_columns, store_table
from import_pipeline.stores.record_tables import history_table as history_table
from import_pipeline.stores.record_tables import shown_columns as shown_columns
from import_pipeline.words import ORGANIZATION_PATTERN

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 0.1
_MOMENT_SECONDS = 1.0


def store_path(settings: Settings, organization: str) -> Path:
    """Where the record store of an organization lies.

    Raises:
        InvalidNameError: The organization's name breaks its pattern, so it cannot name a file.
    """
    import re

    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization", organization, ORGANIZATION_PATTERN)
    return settings.records / f"{organization}.duckdb"


@contextmanager
def attached_store(
    connection: "duckdb.DuckDBPyConnection",
    settings: Settings,
    organization: str,
    *,
    write: bool = False,
    declared: RecordType | None = None,
) -> Iterator[None]:
    """Attach an organization's store to a connection as `store` while the block runs; tables are made as needed.

    Readers share the store, a writer has it alone; both wait for those who asked before. A record type that is no file
    in `models/` has its tables only if it is named as `declared`.

    Raises:
        StoreBusyError: The store was not free within `store_wait_seconds`.
        StoreError: The store's file does not open.
    """
    path = store_path(settings, organization)
    wait = settings.store_wait_seconds
    if not write and not _is_prepared(path, declared):
        with _held(settings, organization, exclusive=True):
            _prepare(path, wait, declared)
    with _held(settings, organization, exclusive=write):
        if write:
            _prepare(path, wait, declared)
        _attach(connection, path, wait, write)
        try:
            yield
        except BaseException:  # an interruption, too, lets go of the store
            with suppress(Exception):  # what broke is told, not what it broke in turn
                detach(connection)
            raise
        detach(connection)


@contextmanager
def transaction(connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Keep all that the block does, or nothing of it."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:  # an interruption, too, leaves nothing of it
        with suppress(Exception):  # a commit that failed has ended the transaction; what failed is about to be told
            connection.execute("ROLLBACK")
        raise


def detach(connection: "duckdb.DuckDBPyConnection") -> None:
    """Close the store. What was committed counts even if there is no room to bring it from the log into the file."""
    import duckdb

    try:
        connection.execute(f"DETACH {STORE}")
    except duckdb.IOException as error:
        if "CHECKPOINT during DETACH failed" not in str(error):
            raise
        log.warning("The record store keeps its last changes in its log for now: %s", error)


@contextmanager
def _held(settings: Settings, organization: str, *, exclusive: bool) -> Iterator[None]:
    folder, wait = settings.records / f".{organization}.lock", settings.store_wait_seconds
    with ExitStack() as stack:
        try:
            asked = time.monotonic()
            turn = stack.enter_context(fair_lock(folder, exclusive=exclusive, wait_seconds=wait))
            lock_waits.note(time.monotonic() - asked, timed_out=not turn.held)
        except OSError as error:
            raise _unusable(settings.records, error) from error
        if not turn.held:
            raise StoreBusyError(organization, wait, turn.holder)
        yield


def _attach(connection: "duckdb.DuckDBPyConnection", path: Path, wait: float, write: bool) -> None:
    """Attach the store's file; a program that has it open without asking for our lock is waited for, too."""
    import duckdb

    until = time.monotonic() + wait
    while True:
        try:
            connection.execute(f"ATTACH {literal(str(path))} AS {STORE} ({'READ_WRITE' if write else 'READ_ONLY'})")
            return
        except duckdb.Error as error:
            if "set lock on file" not in str(error).lower():
                raise StoreError(
                    f"The record store {path.name!r} does not open: {error}. "
                    "Nothing was written. Close other programs that use it, or restore it from a backup.",
                    path=str(path),
                ) from error
            if time.monotonic() >= until:
                raise StoreBusyError(path.stem, wait, _process_in(str(error))) from error
        time.sleep(_LOOK_AGAIN_SECONDS)


def _process_in(message: str) -> int | None:
    """The process that has a file open, as DuckDB's message names it."""
    import re

    found = re.search(r"\(PID (\d+)\)", message)
    return int(found[1]) if found else None


def _unusable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The record stores in {str(folder)!r} cannot be used: {error.strerror or error}. Nothing was written. "
        "See that this user may read and write there and that the disk has room.",
        path=str(folder),
    )


# Inode of each store file, and the tables in it, that this process has brought up to date: each is looked at once.
_prepared: dict[Path, tuple[int, set[str]]] = {}


def _is_prepared(path: Path, declared: RecordType | None) -> bool:
    inode, tables = _prepared.get(path, (0, set()))
    try:
        present = path.stat().st_ino
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unusable(path.parent, error) from error
    return inode == present and (declared is None or _layout(declared) in tables)


def _layout(record_type: RecordType) -> str:
    return repr((record_type.table, record_columns(record_type)))


def _prepare(path: Path, wait: float, declared: RecordType | None = None) -> None:
    """Make the tables and columns that the record types have and the store lacks. The caller holds the lock."""
    if _is_prepared(path, declared):
        return
    import duckdb

    known = [record_types.get(name) for name in record_types.names()]
    known += [declared] if declared is not None and declared.is_inline else []
    with duckdb.connect() as connection:
        _attach(connection, path, wait, write=True)
        present = _present_columns(connection)
        wanted = dict(BOOKS)
        for record_type in known:
            columns = record_columns(record_type)
            wanted[record_type.table] = columns
            wanted[f"{record_type.table}_history"] = HISTORY_COLUMNS | columns
        if declared is not None:
            problem = _other_type(declared, present.get(declared.table, {}))
            if problem is not None:
                raise StoreError(problem)
        connection.execute("BEGIN")
        for table, columns in wanted.items():
            _add_missing(connection, table, columns, present.get(table))
        _bring_to_present_form(connection, known, is_new="applied_imports" not in present)
        connection.execute("COMMIT")
        detach(connection)
    inode = path.stat().st_ino
    before = _prepared.get(path, (0, set()))
    layouts = {_layout(record_type) for record_type in known}
    _prepared[path] = (inode, layouts | (before[1] if before[0] == inode else set()))


def _bring_to_present_form(connection: "duckdb.DuckDBPyConnection", known: list[RecordType], *, is_new: bool) -> None:
    layout = store_table("layout")
    (version,) = connection.execute(f"SELECT coalesce(max(version), 0) FROM {layout}").fetchone() or (0,)
    if version == VERSION:
        return
    if not is_new:
        convert(connection, known, version)
    connection.execute(f"DELETE FROM {layout}")
    connection.execute(f"INSERT INTO {layout} VALUES ({VERSION})")


def refuse_other_types(settings: Settings, record_type: RecordType, organization: str) -> None:
    """Refuse a record type that cannot be stored where its records are, before anybody imports anything of it.

    Where the store is at work for longer than a moment, nothing is refused: the import itself looks again.

    Raises:
        SpecError: A field is stored with another type already.
    """
    if not store_path(settings, organization).exists():
        return
    import duckdb

    patient = settings.model_copy(update={"store_wait_seconds": _MOMENT_SECONDS})
    with suppress(StoreBusyError), duckdb.connect() as connection, attached_store(connection, patient, organization):
        problem = _other_type(record_type, _present_columns(connection).get(record_type.table, {}))
        if problem is not None:
            raise SpecError(problem)


def _other_type(record_type: RecordType, present: dict[str, str]) -> str | None:
    """What is said of a field that is stored with another type or spelling: what is stored cannot be made to fit."""
    names = {name.lower(): name for name in present}  # columns whose names differ in case only are one column
    for field in record_type.fields:
        name = names.get(field.name.lower(), field.name)
        if name != field.name:
            return (
                f"The field {field.name!r} of {record_type.name} is stored as {name!r}, and keys that differ in case "
                f"only are one column. Write its key as {name!r}, or give the schema another name."
            )
        stored = present.get(name, field.type.sql_type)
        if stored.replace(" ", "") != field.type.sql_type.replace(" ", ""):
            return (
                f"The field {field.name!r} of {record_type.name} is stored as {stored} and now declared as "
                f"{field.type.sql_type}. Give the field another key, or the schema another name."
            )
    return None


def _present_columns(connection: "duckdb.DuckDBPyConnection") -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_catalog = ?", [STORE]
    ).fetchall()
    present: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        present.setdefault(table, {})[column] = data_type
    return present


def _add_missing(
    connection: "duckdb.DuckDBPyConnection", table: str, columns: dict[str, str], present: dict[str, str] | None
) -> None:
    if present is None:
        listing = ", ".join(f"{quote(name)} {sql_type}" for name, sql_type in columns.items())
        connection.execute(f"CREATE TABLE {store_table(table)} ({listing})")
        return
    for name, sql_type in columns.items():
        if name not in present:
            connection.execute(f"ALTER TABLE {store_table(table)} ADD COLUMN {quote(name)} {sql_type}")
