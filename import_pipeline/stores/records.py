"""The record store of an organization, attached to a connection as `store`, and transactions that write to it.

SQL reaches the tables through the attached catalog, which is opened only for a short write or read, under a fair lock
of its own. What an import does with records does not belong here; how a store is kept, to `record_stores/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from import_pipeline.errors import SpecError, StoreBusyError
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.settings import Settings
from import_pipeline.stores.record_stores import fence
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.record_stores.choosing import organizations as organizations
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.preparing import make_ready, other_type, prepare, present_columns
from import_pipeline.stores.record_tables import HISTORY_COLUMNS as HISTORY_COLUMNS
from import_pipeline.stores.record_tables import STORE as STORE
from import_pipeline.stores.record_tables import history_table as history_table
from import_pipeline.stores.record_tables import record_columns as record_columns
from import_pipeline.stores.record_tables import shown_columns as shown_columns
from import_pipeline.stores.record_tables import store_table as store_table

if TYPE_CHECKING:
    import duckdb

_MOMENT_SECONDS = 1.0


def store_exists(settings: Settings, organization: str) -> bool:
    """Whether anything of an organization was ever stored.

    Raises:
        InvalidNameError: The organization's name breaks its pattern.
        StoreError: Where its store would lie cannot be looked at.
    """
    return open_store(settings, organization).incarnation() is not None


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
        StoreAwayError: Its server does not answer, or ends what the block does.
        StoreError: The store does not open.
    """
    store = open_store(settings, organization)
    if not write:
        make_ready(store, declared)
    with store.held(exclusive=write):
        if write:
            prepare(store, declared)
        with (
            store.attached(connection, write=write),
            fence.standing(connection) if write and store.is_on_server else nullcontext(),
        ):
            if declared is not None and declared.is_inline:
                store.forget_columns(connection)
            yield


@contextmanager
def transaction(connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Keep all that the block does, or nothing of it.

    Raises:
        StoreAwayError: The lock of the store was lost before, and another one wrote meanwhile.
    """
    connection.execute("BEGIN TRANSACTION")
    try:
        turn = fence.pass_fence(connection)
        yield
        connection.execute("COMMIT")
        if turn is not None:
            fence.turn_over(connection, turn)
    except BaseException:  # an interruption, too, leaves nothing of it
        with suppress(Exception):  # a commit that failed has ended the transaction; what failed is about to be told
            connection.execute("ROLLBACK")
        raise


def keep_in_order(settings: Settings, organization: str) -> None:
    """Bring into order what many small writes left of an organization's store, where its kind needs that.

    Raises:
        StoreError: The store is in use, or does not open.
    """
    store = open_store(settings, organization)
    if store.grows_untidy:
        with new_instance() as connection, attached_store(connection, settings, organization, write=True):
            store.keep_house(connection)


def refuse_other_types(settings: Settings, record_type: RecordType, organization: str) -> None:
    """Refuse a record type that cannot be stored where its records are, before anybody imports anything of it.

    Where the store is at work for longer than a moment, nothing is refused: the import itself looks again.

    Raises:
        SpecError: A field is stored with another type already.
    """
    if not store_exists(settings, organization):
        return

    patient = settings.model_copy(update={"store_wait_seconds": _MOMENT_SECONDS})
    with suppress(StoreBusyError), new_instance() as connection, attached_store(connection, patient, organization):
        problem = other_type(record_type, present_columns(connection).get(record_type.table, {}))
        if problem is not None:
            raise SpecError(problem)
