"""Snapshots: the records of a table as a Parquet file in the bucket, for those who read records beside imports.

Reading the record store itself keeps writers waiting for as long as it is open. A snapshot is taken within a short
read, and whoever reads it is in nobody's way: `snapshots/<organization>/<table>.parquet`, always a whole one, and never
an older one than was there.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import NotFoundError
from import_pipeline.service import changes, showing
from import_pipeline.sql import literal, quoted_list
from import_pipeline.stores import imports
from import_pipeline.stores.records import shown_columns, store_table, transaction
from import_pipeline.stores.references import shown
from import_pipeline.words import SNAPSHOTS

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.record_types.record_type import RecordType


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was taken.

    Attributes:
        organization: Whose records it holds.
        record_type: What they are.
        rows: How many.
        key: Its name in the bucket.
        changes_cursor: The cursor behind the changes that it holds: what follows there happened after it was taken.
    """

    organization: str
    record_type: str
    rows: int
    key: str
    changes_cursor: str


def tables_with_records(home: "Home", since: int = 0) -> list[tuple[str, str]]:
    """Organization and record type of each table that holds records and that an import may have changed.

    An import changes the records that its rows refer to, too: it may create them.

    Args:
        home: The home.
        since: Only those that imports changed since then, in epoch seconds.
    """
    changed = set[tuple[str, str]]()
    for organization, name in imports.tables_changed(home.registry, since):
        named = showing.record_type_named(home.registry, name, organization)
        referred = {field.reference for field in named.fields if field.reference}
        changed |= {(organization, one) for one in {name, *referred}}
    return [
        (organization, name)
        for organization, name in sorted(changed)
        if showing.record_count(
            home.settings, showing.record_type_named(home.registry, name, organization), organization
        )
    ]


def take(home: "Home", organization: str, record_type: str) -> Snapshot:
    """Put the present records of a table into the bucket, in place of the snapshot before.

    Raises:
        UnknownRecordTypeError: There is no such record type.
        NotFoundError: The organization has no record store.
        StoreBusyError: The record store was not free.
        BucketError: The bucket does not answer.
        RegistryError: The registry does not answer.
    """
    named = showing.record_type_named(home.registry, record_type, organization)
    key = f"{SNAPSHOTS}/{organization}/{named.table}.parquet"
    folder = home.settings.workspaces
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{secrets.token_hex(8)}.part"  # of several that take one at once, each writes its own
    try:
        with home.registry.held(key):  # or one that was read before would be put over one that was read after it
            rows, cursor = _write_parquet(home, named, organization, path)
            home.bucket.upload(path, key)
    finally:
        path.unlink(missing_ok=True)
    return Snapshot(organization, record_type, rows, key, cursor)


def _write_parquet(home: "Home", named: "RecordType", organization: str, to: Path) -> tuple[int, str]:
    with showing.opened_store(home.settings, named, organization) as connection:
        if connection is None:
            raise NotFoundError("record store", organization, "It is made by the first import of the organization.")
        columns = quoted_list(shown_columns(named))
        select = shown(named, f"SELECT {columns} FROM {store_table(named.table)}")
        with transaction(connection):
            [(rows,)] = connection.execute(
                f"COPY ({select} ORDER BY created_at, id) TO {literal(str(to))} (FORMAT parquet, COMPRESSION zstd)"
            ).fetchall()
            return rows, changes.latest_cursor(connection, named.name, organization)
