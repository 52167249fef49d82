"""Changes out: every created, updated and deleted record of a type, once, in the order in which it was committed.

How far a reader has come is theirs to keep, as a cursor; nothing is noted of readers here. What changes derive from is
in `stores/record_changes.py`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline import record_types
from import_pipeline.errors import ChangesGoneError
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.service import change_cursors, showing
from import_pipeline.service.change_cursors import START, Place
from import_pipeline.sql import literal
from import_pipeline.stores import record_changes
from import_pipeline.stores.engine import idle_instance
from import_pipeline.stores.records import transaction

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home


@dataclass(frozen=True)
class _Found:
    """Changes that were looked up.

    Attributes:
        record_type: The type of the records.
        connection: Has them as its table `page`; None where nothing was ever stored.
        place: The place behind the last of them.
        has_more: Whether there are more.
    """

    record_type: RecordType
    connection: "duckdb.DuckDBPyConnection | None"
    place: Place
    has_more: bool

    def told(self, organization: str) -> dict[str, Any]:
        """What is said of where they end."""
        cursor = change_cursors.written(self.place, organization, self.record_type.name)
        return {"has_more": self.has_more, "next_cursor": cursor}


def page(
    home: "Home", record_type: str, organization: str, after: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """The changes that follow a cursor, as many as are asked for.

    Args:
        home: The home.
        record_type: What the records are.
        organization: Whose records.
        after: The `next_cursor` of the page before; None begins with the first change that there ever was.
        limit: How many at most.

    Returns:
        A dictionary of data, has_more and next_cursor, which there always is: asked with it later, the changes follow
        that were committed since. Each change has sequence (equal for all that was committed together), operation,
        record_id, import_id, row_number (of its import; None where no row is about the record), changed_at, and before
        and after: the columns of the record that are not empty, references as ids; None where there was no record.
        `after` is None, too, for a record that was changed and then removed by something that is no import.

    Raises:
        UnknownRecordTypeError: There is no such record type.
        MisuseError: The cursor is none of these records.
        ChangesGoneError: The store does not hold what the cursor names.
    """
    with _found(home, record_type, organization, after, limit) as found:
        select = record_changes.changes_of_page(found.record_type)
        data = [] if found.connection is None else showing.dictionaries(found.connection, select)
    for change in data:
        for image in ("before", "after"):
            if change[image] is not None:
                change[image] = {name: value for name, value in change[image].items() if value is not None}
    return {"data": data, **found.told(organization)}


def write_parquet(
    home: "Home", record_type: str, organization: str, to: Path, after: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    """Write the changes that follow a cursor as a Parquet file: columns as in `page`, before and after as structs.

    Returns:
        A dictionary of rows (how many), has_more and next_cursor.

    Raises:
        UnknownRecordTypeError: There is no such record type.
        MisuseError: The cursor is none of these records.
        ChangesGoneError: The store does not hold what the cursor names.
    """
    import duckdb

    with _found(home, record_type, organization, after, limit) as found:
        if found.connection is not None:
            rows = _copy(found.connection, record_changes.changes_of_page(found.record_type), to)
        else:
            with duckdb.connect() as connection:
                rows = _copy(connection, record_changes.no_changes(found.record_type), to)
    return {"rows": rows, **found.told(organization)}


def _copy(connection: "duckdb.DuckDBPyConnection", select: str, to: Path) -> int:
    form = "FORMAT parquet, COMPRESSION zstd"
    return int(connection.execute(f"COPY ({select}) TO {literal(str(to))} ({form})").fetchall()[0][0])


def latest_cursor(connection: "duckdb.DuckDBPyConnection", record_type: str, organization: str) -> str:
    """The cursor behind all changes that an attached store holds."""
    return change_cursors.written(_end(connection), organization, record_type)


def _end(connection: "duckdb.DuckDBPyConnection") -> Place:
    last = record_changes.last_mark(connection)
    return Place(*last) if last else START


@dataclass(frozen=True)
class Changed:
    """How many records of a type imports changed.

    Attributes:
        record_type: The type.
        counts: Operation → how many.
        stored: How many records of the type there are now.
        cursor: The cursor behind these changes, and all before them.
    """

    record_type: str
    counts: dict[str, int]
    stored: int
    cursor: str


def changed_by(home: "Home", record_type: str, organization: str, import_ids: Collection[str]) -> list[Changed]:
    """What imports changed, of each type of which they changed records.

    Args:
        home: The home.
        record_type: What the imports are of. They may create what their rows refer to, and empty references to what
            they delete.
        organization: Whose records.
        import_ids: The imports.
    """
    named = showing.record_type_named(home.registry, record_type, organization)
    others = [record_types.get(name) for name in record_types.names() if name != record_type]
    instance = idle_instance(home.settings, organization)
    with showing.opened_store(home.settings, named, organization, instance) as connection:
        if connection is None:
            return []
        return [
            Changed(
                one.name,
                counts,
                showing.count_records(connection, one),
                latest_cursor(connection, one.name, organization),
            )
            for one in (named, *others)
            if (counts := record_changes.count_changes(connection, one, import_ids))
        ]


@contextmanager
def _found(home: "Home", record_type: str, organization: str, after: str | None, limit: int | None) -> Iterator[_Found]:
    """Look the changes up that follow a cursor, all of it in one state of the store."""
    named = showing.record_type_named(home.registry, record_type, organization)
    place = START if after is None else change_cursors.read(after, organization, named.name)
    with showing.opened_store(home.settings, named, organization) as connection:
        if connection is None:
            if place != START:
                raise ChangesGoneError(record_type)
            yield _Found(named, None, START, False)
            return
        with transaction(connection):
            yield _Found(named, connection, *look_up(connection, named, place, limit))


def look_up(
    connection: "duckdb.DuckDBPyConnection", record_type: RecordType, place: Place, limit: int | None
) -> tuple[Place, bool]:
    """Make the table `page` of the changes behind a place in the attached store.

    Returns:
        The place behind the last of them, and whether there are more.

    Raises:
        ChangesGoneError: The store does not hold the place.
    """
    if place.sequence and not record_changes.has_mark(connection, place.sequence, place.import_id):
        raise ChangesGoneError(record_type.name)
    end = _end(connection)
    if place.row_number is None:
        first, behind = place.sequence + (place.sequence > 0), None
    else:
        first, behind = place.sequence, (place.row_number, place.record_id)
    has_more = record_changes.make_page(connection, record_type, first, end.sequence, behind, limit)
    return (Place(*record_changes.last_of_page(connection)) if has_more else end), has_more
