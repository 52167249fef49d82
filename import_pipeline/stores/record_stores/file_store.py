"""Record stores in DuckDB files, one for each organization, in the home's folder `records`.

The lock is one of ticket files, so all who use a file are on the same host.
"""

import logging
import re
import time
from collections.abc import Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import InvalidNameError, StoreBusyError, StoreError
from import_pipeline.private_files import is_usable
from import_pipeline.settings import Settings
from import_pipeline.sql import literal
from import_pipeline.stores import lock_waits
from import_pipeline.stores.file_lock import fair_lock
from import_pipeline.stores.record_stores.interface import Touchable
from import_pipeline.stores.record_tables import STORE, store_table
from import_pipeline.words import ORGANIZATION_PATTERN

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.record_types.record_type import RecordType

log = logging.getLogger(__name__)

COMPRESSION = "force_compression"
"""DuckDB's setting of how that is compressed which is written to a file: one for all files of an instance."""
COMPACTION = "max_vacuum_tasks"
"""DuckDB's setting of how much a checkpoint may write anew of what deletions left: groups of a table's rows."""
_COMPACTED_AT_ONCE = 100
_MOST_DELETED = 1 / 3
"""So much of a table's rows may be deleted ones before the others are written anew. DuckDB by itself would do that in
each large import, which takes a tenth of its time and lets the file grow by what is written twice."""
_ROW_GROUP = 122_880
_LOOK_AGAIN_SECONDS = 0.1
_FILES = ("", ".wal", ".wal.checkpoint", ".wal.recovery")


def store_path(settings: Settings, organization: str) -> Path:
    """Where the record store of an organization lies.

    Raises:
        InvalidNameError: The organization's name breaks its pattern, so it cannot name a file.
    """
    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization", organization, ORGANIZATION_PATTERN)
    return settings.records / f"{organization}.duckdb"


def organizations(settings: Settings) -> list[str]:
    """The organizations that have a store, in the order of their names."""
    return sorted(path.stem for path in settings.records.glob("*.duckdb"))


def check(settings: Settings) -> None:
    """See that files can be read and made.

    Raises:
        StoreError: They cannot.
    """
    if not is_usable(settings.records):
        raise StoreError(
            f"The record stores in {str(settings.records)!r} cannot be used: this user may not read and write there.",
            path=str(settings.records),
        )


class FileStore:
    """The DuckDB file of an organization."""

    is_on_server = False
    grows_untidy = False

    def __init__(self, settings: Settings, organization: str) -> None:
        self.organization = organization
        self._path = store_path(settings, organization)
        self._wait = settings.store_wait_seconds

    @property
    def identity(self) -> Hashable:
        """The file's path."""
        return self._path

    def incarnation(self) -> object | None:
        """The file's inode; one with nothing in it is left by a process that ended while it was made."""
        try:
            found = self._path.stat()
            return found.st_ino if found.st_size else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def held(self, *, exclusive: bool) -> Iterator[None]:
        """Hold the lock of ticket files."""
        folder = self._path.parent / f".{self.organization}.lock"
        with ExitStack() as stack:
            try:
                asked = time.monotonic()
                turn = stack.enter_context(fair_lock(folder, exclusive=exclusive, wait_seconds=self._wait))
                lock_waits.note(time.monotonic() - asked, timed_out=not turn.held)
            except OSError as error:
                raise self._unusable(error) from error
            if not turn.held:
                raise StoreBusyError(self.organization, self._wait, _process(turn.holder))
            yield

    @contextmanager
    def attached(self, connection: "duckdb.DuckDBPyConnection", *, write: bool) -> Iterator[None]:
        """Attach the file, and let go of it. What is written is compressed, however a workspace is."""
        self._attach(connection, write)
        if write:
            connection.execute(f"SET {COMPRESSION} = 'auto'")
            connection.execute(f"SET {COMPACTION} = {_COMPACTED_AT_ONCE if _is_to_be_compacted(connection) else 0}")
        try:
            yield
        except BaseException:  # an interruption, too, lets go of the store
            with suppress(Exception):  # what broke is told, not what it broke in turn
                detach(connection)
            raise
        detach(connection)

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> Touchable:
        """Only name the file, with those that DuckDB keeps beside it."""
        return Touchable(paths=tuple(f"{self._path}{suffix}" for suffix in _FILES))

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """A file is attached anew each time."""

    def make_place(self) -> None:
        """Attaching makes the file, and the lock its folder."""

    def furnish(self, connection: "duckdb.DuckDBPyConnection", tables: "Mapping[str, RecordType | None]") -> None:
        """A file has nothing more."""

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """What deletions leave is written anew where it is much, when the file is attached for writing."""

    def _attach(self, connection: "duckdb.DuckDBPyConnection", write: bool) -> None:
        """Attach the file; a program that has it open without asking for our lock is waited for, too."""
        import duckdb

        if write and self.incarnation() is None:
            self._make()
        until = time.monotonic() + self._wait
        while True:
            try:
                mode = "READ_WRITE" if write else "READ_ONLY"
                connection.execute(f"ATTACH {literal(str(self._path))} AS {STORE} ({mode})")
                return
            except duckdb.Error as error:
                if "set lock on file" not in str(error).lower():
                    raise StoreError(
                        f"The record store {self._path.name!r} does not open: {error}. "
                        "Nothing was written. Close other programs that use it, or restore it from a backup.",
                        path=str(self._path),
                    ) from error
                if time.monotonic() >= until:
                    raise StoreBusyError(self.organization, self._wait, _process_in(str(error))) from error
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _make(self) -> None:
        """Make the file as a whole: of one that DuckDB makes under its name, an end of the process may leave half."""
        import duckdb

        unfinished = f".{self._path.name}.part"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for leftover in self._path.parent.glob(f"{escape(unfinished)}*"):  # nobody else makes it: we hold its lock
                leftover.unlink()
            path = self._path.with_name(unfinished)
            duckdb.connect(path).close()
            path.replace(self._path)
        except OSError as error:
            raise self._unusable(error) from error
        except duckdb.Error as error:
            raise StoreError(
                f"The record store {self._path.name!r} cannot be made: {error}. Nothing was written. "
                "See that this user may write there and that the disk has room.",
                path=str(self._path),
            ) from error

    def _unusable(self, error: OSError) -> StoreError:
        folder = str(self._path.parent)
        return StoreError(
            f"The record stores in {folder!r} cannot be used: {error.strerror or error}. Nothing was written. "
            "See that this user may read and write there and that the disk has room.",
            path=folder,
        )


def _is_to_be_compacted(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Whether deleted rows are a large part of a record table; those of which all are deleted go by themselves."""
    history = f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{STORE}'"
    found = connection.execute(
        f"""
        SELECT table_name, estimated_size FROM duckdb_tables()
        WHERE database_name = '{STORE}' AND table_name || '_history' IN ({history}) AND estimated_size > {_ROW_GROUP}
        """
    ).fetchall()
    for table, size in found:
        (present,) = connection.execute(f"SELECT count(*) FROM {store_table(table)}").fetchone() or (0,)
        if present < size * (1 - _MOST_DELETED):
            return True
    return False


def detach(connection: "duckdb.DuckDBPyConnection") -> None:
    """Close the store. What was committed counts even if there is no room to bring it from the log into the file."""
    import duckdb

    try:
        connection.execute(f"DETACH {STORE}")
    except duckdb.IOException as error:
        if "CHECKPOINT during DETACH failed" not in str(error):
            raise
        log.warning("The record store keeps its last changes in its log for now: %s", error)


def _process_in(message: str) -> str | None:
    """The process that has a file open, as DuckDB's message names it."""
    found = re.search(r"\(PID (\d+)\)", message)
    return _process(int(found[1])) if found else None


def _process(number: int | None) -> str | None:
    return None if number is None else f"process {number}"
