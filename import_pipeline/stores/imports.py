"""The table `imports`: which imports there are and where they stand, as functions of the registry.

Changes of state are in `stores.import_changes`, the SQL of single rows is in `stores.import_rows`. Whether records were
written is never decided here: the record store's own marks say it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy import update as sql_update

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.stores import import_rows, new_import_rows
from import_pipeline.stores.import_changes import columns_of
from import_pipeline.stores.import_record import ImportRecord, NewImport, Page, UploadKind
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports, in_chunks
from import_pipeline.words import IMPORT_ID_PATTERN, Status

ImportRecords = list[ImportRecord]


def create(registry: Registry, new: NewImport) -> ImportRecord:
    """Register an import, with its seven phases pending.

    Raises:
        DuplicateImportError: There is an import of this id.
        InvalidNameError: The id or the organization breaks its pattern.
        StateError: An import cannot begin with this status.
    """
    row = new_import_rows.row_of(new, registry.now())

    def work(connection: Connection) -> ImportRecord:
        new_import_rows.insert_one(connection, row)
        return import_rows.present_import(connection, row["id"])

    return registry.write(work, repeatable=False)


def create_many(registry: Registry, new_imports: Iterable[NewImport]) -> ImportRecords:
    """Register many imports in one transaction; those whose id exists stay as they are.

    Returns:
        One import for each that was given, in the same order, as the registry has it now.
    """
    now = registry.now()
    rows = [new_import_rows.row_of(new, now) for new in new_imports]
    if rows:
        registry.write(lambda connection: new_import_rows.insert_missing(connection, rows))
    ids = [row["id"] for row in rows]
    return registry.read(lambda connection: import_rows.read_imports(connection, ids))


def create_undo(registry: Registry, new: NewImport, undone: ImportRecord) -> bool:
    """Register an undo, and note it with the import that it undoes: both, so that one that was begun is found again.

    Args:
        registry: The registry.
        new: The undo.
        undone: The import, as it was when that was decided.

    Returns:
        Whether it is registered; it is not where another undo was faster.
    """
    row = new_import_rows.row_of(new, registry.now())

    def work(connection: Connection) -> bool:
        as_then = imports.c.status == undone.status.value, imports.c.undone_by.is_not_distinct_from(undone.undone_by)
        note = sql_update(imports).where(imports.c.id == undone.id, *as_then)
        note = note.values(undone_by=row["id"], updated_at=registry.now()).execution_options(preserve_rowcount=True)
        if not connection.execute(note).rowcount:
            return False
        new_import_rows.insert_one(connection, row)
        return True

    return registry.write(work, repeatable=False)


def update(registry: Registry, import_id: str, **changes: Any) -> ImportRecord:
    """Set fields of an import without changing its status.

    Raises:
        NotFoundError: There is no such import.
    """
    values = columns_of(changes)

    def work(connection: Connection) -> ImportRecord:
        import_rows.set_import(connection, import_id, values | {"updated_at": registry.now()})
        return import_rows.present_import(connection, import_id)

    return registry.write(work)


def note_nothing_written(registry: Registry, ended: Sequence[ImportRecord]) -> None:
    """Note of imports that their records are not written, unless they came to life again since that was found out.

    Args:
        registry: The registry.
        ended: The imports, as they were then.
    """

    def work(connection: Connection) -> None:
        for one in ended:
            as_then = imports.c.id == one.id, imports.c.status == one.status.value
            unwritten = sql_update(imports).where(*as_then, imports.c.writing_since == one.writing_since)
            connection.execute(unwritten.values(writing_since=None, updated_at=registry.now()))

    if ended:
        registry.write(work)


def get(registry: Registry, import_id: str, organization: str | None = None) -> ImportRecord:
    """Read an import; with `organization`, only if it belongs to it.

    Raises:
        NotFoundError: There is none, or it belongs to another organization.
    """
    found = find(registry, import_id)
    if found is None or (organization is not None and found.organization != organization):
        raise NotFoundError("import", import_id)
    return found


def find(registry: Registry, import_id: str) -> ImportRecord | None:
    """Read an import, or None."""
    if not re.fullmatch(IMPORT_ID_PATTERN, import_id):
        return None
    return registry.read(lambda connection: import_rows.read_import(connection, import_id))


def read(registry: Registry, ids: Sequence[str]) -> ImportRecords:
    """Read imports, in the order of the ids; those that do not exist are left out."""
    return registry.read(lambda connection: import_rows.read_imports(connection, ids))


def first_to_come(registry: Registry, ids: Sequence[str]) -> str:
    """Which of some imports was registered before the others."""
    first = select(imports.c.id).where(imports.c.id.in_(ids)).order_by(imports.c.number).limit(1)
    return registry.read(lambda connection: connection.execute(first).scalar_one())


def states(registry: Registry, ids: Sequence[str]) -> dict[str, tuple[Status, str | None]]:
    """Read the status of imports and the run that works on each; for those who ask often."""
    return registry.read(lambda connection: import_rows.states(connection, ids))


def latest_of_object(registry: Registry, object_key: str) -> ImportRecord | None:
    """Read the newest import of any version of an object, or None."""
    of_object = [imports.c.object_key == object_key]
    found = registry.read(lambda connection: import_rows.newest(connection, of_object, 1))
    return found[0] if found else None


def only_ones_of_objects(registry: Registry, object_keys: Sequence[str]) -> set[str]:
    """Those of some objects of which there is one import alone."""

    def work(connection: Connection) -> set[str]:
        found: set[str] = set()
        for chunk in in_chunks(object_keys):
            statement = select(imports.c.object_key).where(imports.c.object_key.in_(chunk))
            alone = statement.group_by(imports.c.object_key).having(func.count() == 1)
            found.update(connection.execute(alone).scalars())
        return found

    return registry.read(work)


def version_before(registry: Registry, record: ImportRecord, checksum: str | None = None) -> ImportRecord | None:
    """Read the import of the version of an object before that of this one, or None.

    Imports that left no records do not count, but for repeats, whose bytes others had imported; nor do dry runs.

    Args:
        registry: The registry.
        record: The import.
        checksum: Only a version with these bytes.
    """
    return registry.read(lambda connection: import_rows.version_before(connection, record, checksum))


def list_imports(
    registry: Registry,
    organization: str | None = None,
    record_type: str | None = None,
    status: Status | Collection[Status] | None = None,
    page: int = 1,
    limit: int = 25,
    api_page: str | None = None,
    start: int | None = None,
    text: str | None = None,
) -> Page:
    """List imports, newest first; pages count from 1.

    Args:
        registry: The registry.
        organization: Only those of this organization.
        record_type: Only those of this record type.
        status: Only those with this status, or one of these.
        page: Which page.
        limit: How many there are on a page.
        api_page: Only those that the calls of this page of the API show.
        start: How many to pass over, instead of whole pages.
        text: Only those whose name, file name or id holds it, in any case.

    Raises:
        MisuseError: The page or the limit is below 1.
    """
    if page < 1 or limit < 1:
        raise MisuseError(f"Page {page} of {limit} imports cannot be shown: both must be at least 1.")
    statuses = (status,) if isinstance(status, Status) else status
    wanted = {"organization": organization, "record_type": record_type, "page": api_page}
    conditions = [imports.c[name] == value for name, value in wanted.items() if value is not None]
    if statuses is not None:
        conditions.append(imports.c.status.in_([one.value for one in statuses]))
    if text:
        named = (imports.c.name, imports.c.file_name, imports.c.id)
        conditions.append(or_(*(func.lower(one).contains(text.lower(), autoescape=True) for one in named)))

    def work(connection: Connection) -> Page:
        total = connection.execute(select(func.count()).select_from(imports).where(*conditions)).scalar_one()
        first = (page - 1) * limit if start is None else start
        items = import_rows.newest(connection, conditions, limit, first) if first < total else []
        return Page(items=tuple(items), page=page, limit=limit, has_more=first + limit < total, total_count=total)

    return registry.read(work)


def queued(registry: Registry, limit: int, kind: UploadKind | None = None) -> ImportRecords:
    """Read imports that wait for a run: each organization's oldest first, in turn between organizations.

    Those that are to be tried again later only are left out until then.

    Args:
        registry: The registry.
        limit: How many at most.
        kind: Only those whose upload is of this kind.
    """
    now = registry.now()
    return registry.read(lambda connection: import_rows.queued_in_turn(connection, limit, now, kind))


def count_by_status(registry: Registry, organization: str | None = None) -> dict[Status, int]:
    """Count imports; every status is there, with 0 where there is none."""
    statement = select(imports.c.status, func.count()).group_by(imports.c.status)
    if organization is not None:
        statement = statement.where(imports.c.organization == organization)
    counts = registry.read(lambda connection: connection.execute(statement).all())
    return dict.fromkeys(Status, 0) | {Status(status): count for status, count in counts}


def stopped(registry: Registry, since: int) -> ImportRecords:
    """The imports that failed, ran out of time, or began to wait for a person since then; the oldest first.

    Left out are those that wait for whoever brings them on by hand.

    Args:
        registry: The registry.
        since: Epoch seconds.
    """
    failed = imports.c.status.in_([Status.FAILED.value, Status.TIMED_OUT.value]) & (imports.c.ended_at >= since)
    waits = (imports.c.status == Status.NEEDS_REVIEW.value) & (imports.c.updated_at >= since)
    waits &= imports.c.upload_kind.is_distinct_from("draft")
    ids = select(imports.c.id).where(failed | waits).order_by(imports.c.updated_at, imports.c.number)

    def work(connection: Connection) -> ImportRecords:
        return import_rows.read_imports(connection, list(connection.execute(ids).scalars()))

    return registry.read(work)


def tables_changed(registry: Registry, since: int = 0) -> list[tuple[str, str]]:
    """Organization and record type of each table that an import which completed since then may have changed.

    Args:
        registry: The registry.
        since: Epoch seconds.
    """
    wrote = [
        imports.c.status.in_([Status.COMPLETED.value, Status.REVERTED.value]),
        imports.c.updated_at >= since,
        imports.c.spec["dry_run"].as_boolean().is_not(True),
    ]
    table = imports.c.organization, imports.c.record_type
    statement = select(*table).where(*wrote).distinct().order_by(*table)
    return [tuple(row) for row in registry.read(lambda connection: connection.execute(statement).all())]
