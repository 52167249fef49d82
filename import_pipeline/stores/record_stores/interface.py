"""What every kind of record store offers to the rest of the program: one organization's tables, attached as `store`.

How records get there belongs to `records.py` and the phases; how a kind does it, to the module of its name.
"""

from collections.abc import Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.record_types.record_type import RecordType


@dataclass(frozen=True)
class Touchable:
    """What an instance of DuckDB may still touch once external access is taken from it.

    Attributes:
        paths: Files.
        folders: Folders, or prefixes on S3, each with a slash at its end.
    """

    paths: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


class RecordStore(Protocol):
    """The record store of one organization."""

    @property
    def organization(self) -> str:
        """Whose records it keeps."""
        ...

    @property
    def identity(self) -> Hashable:
        """What tells it from every other store, of any kind, in any place."""
        ...

    @property
    def is_on_server(self) -> bool:
        """Whether its lock can be lost while it is held, so that writes pass a fence (`fence.py`).

        Such a store has to be made ready before an instance is admitted to it.
        """
        ...

    def incarnation(self) -> object | None:
        """What tells it from one that stood, or will stand, in its place; None where nothing was ever stored.

        Raises:
            StoreError: Where it lies cannot be looked at.
        """
        ...

    def held(self, *, exclusive: bool) -> AbstractContextManager[None]:
        """Its lock, held while the block runs: shared by readers, a writer's alone, served in the order of asking.

        Raises:
            StoreBusyError: It was not free within `store_wait_seconds`.
            StoreError: It cannot be locked.
        """
        ...

    def attached(self, connection: "duckdb.DuckDBPyConnection", *, write: bool) -> AbstractContextManager[None]:
        """The store attached as `store` while the block runs. The caller holds the lock.

        Raises:
            StoreError: It does not open. What goes away while the block runs is a StoreAwayError.
        """
        ...

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> Touchable:
        """Prepare an instance for attaching the store after external access has been taken from it.

        A kind that cannot be attached later is attached now, and stays so.

        Raises:
            StoreError: It does not open.
        """
        ...

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Have an instance to which the store stays attached ask anew which columns tables have.

        Those of declared record types come while it is attached, from this process or another one.
        """
        ...

    def make_place(self) -> None:
        """Make what has to be there before the first attaching. The caller holds the lock alone."""
        ...

    def furnish(self, connection: "duckdb.DuckDBPyConnection", tables: Mapping[str, "RecordType | None"]) -> None:
        """Give the tables what only this kind has, such as comments and indexes, where they lack it.

        Args:
            connection: With the store attached for writing, in no transaction.
            tables: Table → the record type whose records, or whose before-images (`_history`), it holds, if any.
        """
        ...

    @property
    def grows_untidy(self) -> bool:
        """Whether many small writes leave something that `keep_house` brings into order."""
        ...

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Bring what many small writes left into a good order; the store is attached for writing under its lock."""
        ...
