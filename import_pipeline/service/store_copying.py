"""Copying an organization's record store to a store of another kind, or in another place, with all that it holds.

Both stores are locked while that is done, all of it is one transaction of the target, and afterwards both are compared.
Nothing of the source changes; the registry and the bucket know records by their ids alone and stay as they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.errors import ImportPipelineError, MisuseError, NotFoundError, StoreError
from import_pipeline.service.store_contents import Content, StoredTable, content_of, declared_types, stored_tables
from import_pipeline.settings import Settings
from import_pipeline.sql import quote, quoted_list
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.record_stores.preparing import add_missing, make_ready, present_columns
from import_pipeline.stores.record_tables import store_table
from import_pipeline.stores.records import attached_store, organizations, store_exists, transaction

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home

FILES = "file"
"""What stands for the home's own files in place of a URL."""
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class StoreCopy:
    """What became of the store of an organization.

    Attributes:
        organization: Whose.
        contents: Table → what stands in it, in both stores.
        was_there: Whether an earlier copying had brought it there already.
        refused: Why it was not copied.
    """

    organization: str
    contents: dict[StoredTable, Content]
    was_there: bool = False
    refused: ImportPipelineError | None = None

    @property
    def rows(self) -> dict[str, int]:
        """How many records, before-images, row outcomes and marks there are."""
        of_books = {table.name: content.rows for table, content in self.contents.items()}
        return {
            "records": sum(content.rows for table, content in self.contents.items() if table.has_records),
            "before_images": sum(content.rows for table, content in self.contents.items() if table.is_history),
            "row_outcomes": of_books.get("row_outcomes", 0),
            "marks": of_books.get("applied_imports", 0),
        }


def settings_of_target(settings: Settings, to: str, data: str | None) -> Settings:
    """The settings as they are with another record store.

    Args:
        settings: The present ones.
        to: What IMPORT_PIPELINE_STORE_URL is to be, or `file` for files in the home.
        data: What IMPORT_PIPELINE_STORE_DATA is to be.

    Raises:
        MisuseError: It names no record store.
    """
    from pydantic import ValidationError

    from import_pipeline.checked import reworded

    changed = {"store_url": None if to == FILES else to, "store_data": data}
    options = {"store_url": "--to", "store_data": "--to-data"}
    try:
        return Settings.model_validate(settings.model_dump() | changed)
    except ValidationError as error:
        problems = [
            f"{options.get(str(detail['loc'][0]), str(detail['loc'][0]))} cannot be used: {reworded(detail['msg'])}"
            for detail in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise MisuseError(" ".join(problems)) from None


def copy_stores(home: "Home", target: Settings, organization: str | None) -> Iterator[StoreCopy]:
    """Copy the store of one organization, or of all that have one; of those, what is refused holds up no other.

    Raises:
        MisuseError: The target is the store that is copied, or has other records already.
        NotFoundError: The organization has no store.
        StoreError: A store is in use, does not open, or does not take what it is given; nothing was copied.
    """
    if organization is not None:
        yield copy_store(home, target, organization)
        return
    for one in organizations(home.settings):
        try:
            yield copy_store(home, target, one)
        except (MisuseError, StoreError) as error:
            yield StoreCopy(one, {}, refused=error)


def copy_store(home: "Home", target: Settings, organization: str) -> StoreCopy:
    """Copy the store of an organization; where that was done before, it is only compared again.

    Raises:
        MisuseError: The target is the store that is copied, or has other records already.
        NotFoundError: The organization has no store.
        StoreError: A store is in use, does not open, or does not take what it is given; nothing was copied.
    """
    if open_store(home.settings, organization).identity == open_store(target, organization).identity:
        raise MisuseError("--to is the store in which the records are already.")
    if not store_exists(home.settings, organization):
        raise NotFoundError("record store", organization, "It is made by the first import of the organization.")
    declared = declared_types(home, organization)
    with (
        new_instance() as source,
        new_instance() as there,
        attached_store(source, home.settings, organization, write=True),
    ):
        contents = {table: content_of(source, table) for table in stored_tables(source, declared)}
        for record_type in declared:  # which gives their tables what only stores of the target's kind have
            make_ready(open_store(target, organization), record_type)
        with attached_store(there, target, organization, write=True):
            was_there = _has_rows(there)
            if not was_there:
                with _explained(organization), transaction(there):
                    for table in contents:
                        _copy(source, there, table)
            _compare(there, organization, contents, was_there=was_there)
    return StoreCopy(organization, contents, was_there)


def _has_rows(connection: "duckdb.DuckDBPyConnection") -> bool:
    return any(
        connection.execute(f"SELECT 1 FROM {store_table(table.name)} LIMIT 1").fetchone()
        for table in stored_tables(connection, [])
    )


def _copy(source: "duckdb.DuckDBPyConnection", target: "duckdb.DuckDBPyConnection", table: StoredTable) -> None:
    add_missing(target, table.name, table.columns, present_columns(target).get(table.name))
    rows = source.execute(table.select).to_arrow_reader(_ROWS_AT_ONCE)
    values = ", ".join(f"CAST({quote(name)} AS {sql_type})" for name, sql_type in table.columns.items())
    target.register("copied", rows)
    target.execute(f"INSERT INTO {store_table(table.name)} ({quoted_list(table.columns)}) SELECT {values} FROM copied")
    target.unregister("copied")


def _compare(
    target: "duckdb.DuckDBPyConnection",
    organization: str,
    contents: dict[StoredTable, Content],
    *,
    was_there: bool,
) -> None:
    """See that both stores hold the same.

    Raises:
        MisuseError: The target had other records before.
        StoreError: What was just copied is not the same there; it is taken away again.
    """
    others = {table.name for table in stored_tables(target, [])} - {table.name for table in contents}
    different = sorted(
        [table.name for table, content in contents.items() if content_of(target, table) != content]
        + [name for name in others if target.execute(f"SELECT 1 FROM {store_table(name)} LIMIT 1").fetchone()]
    )
    if not different:
        return
    named = ", ".join(different)
    if was_there:
        raise MisuseError(
            f"The target has other records of the organization {organization!r} already (in {named}), and nothing was "
            "copied. Copy to an empty store, or remove that of the organization there."
        )
    with transaction(target):
        for table in contents:
            target.execute(f"DELETE FROM {store_table(table.name)}")
    raise StoreError(
        f"What was copied of the organization {organization!r} is not the same in the target (in {named}); it was "
        "taken away again. Copy once more, or to another place."
    )


@contextmanager
def _explained(organization: str) -> Iterator[None]:
    """Have what the target does not take told with its table."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        from import_pipeline.stores.record_stores.passing import is_passing

        if is_passing(error):
            raise
        raise StoreError(
            f"The target does not take the records of the organization {organization!r}: "
            f"{str(error).splitlines()[0]}. Nothing was copied. Correct the records it names, or copy elsewhere."
        ) from error
