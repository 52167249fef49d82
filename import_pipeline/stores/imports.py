"""The table `imports`: which imports there are and where they stand, as functions of the registry.

Every change of state is one transaction that checks `words.TRANSITIONS`. Whether records were written is never
decided here: the record store's own marks say it. The SQL of single rows is in `stores.import_rows`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from sqlalchemy import Connection, func, select

from import_pipeline.errors import MisuseError, NotFoundError, StateError
from import_pipeline.stores import import_rows
from import_pipeline.stores.import_record import ImportRecord, NewImport, Page
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports
from import_pipeline.stores.webhooks import enqueue_deliveries
from import_pipeline.words import IMPORT_ID_PATTERN, TRANSITIONS, Status

ImportRecords = list[ImportRecord]

FIXED = ("id", "organization", "record_type", "status", "source", "created_by", "phases")
TIMES = ("created_at", "updated_at", "started_at", "ended_at")
CHANGEABLE = frozenset(one.name for one in fields(ImportRecord)) - {*FIXED, *TIMES}
"""What `update` and `move` may set besides the status and the times."""


def create(registry: Registry, new: NewImport) -> ImportRecord:
    """Register an import, with its seven phases pending.

    Raises:
        DuplicateImportError: There is an import of this id.
        InvalidNameError: The id or the organization breaks its pattern.
        StateError: An import cannot begin with this status.
    """
    row = import_rows.row_of(new, registry.now())

    def work(connection: Connection) -> ImportRecord:
        import_rows.insert_one(connection, row)
        return import_rows.present_import(connection, row["id"])

    return registry.write(work, repeatable=False)


def create_many(registry: Registry, new_imports: Iterable[NewImport]) -> ImportRecords:
    """Register many imports in one transaction; those whose id exists stay as they are.

    Returns:
        One import for each that was given, in the same order, as the registry has it now.
    """
    now = registry.now()
    rows = [import_rows.row_of(new, now) for new in new_imports]
    if rows:
        registry.write(lambda connection: import_rows.insert_missing(connection, rows))
    ids = [row["id"] for row in rows]
    return registry.read(lambda connection: import_rows.read_imports(connection, ids))


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


def state(registry: Registry, import_id: str) -> tuple[Status, str | None]:
    """Read the status of an import and the run that works on it; for those who ask often.

    Raises:
        NotFoundError: There is no such import.
    """
    return registry.read(lambda connection: import_rows.state(connection, import_id))


def latest_of_object(registry: Registry, object_key: str) -> ImportRecord | None:
    """Read the newest import of any version of an object, or None."""
    of_object = [imports.c.object_key == object_key]
    found = registry.read(lambda connection: import_rows.newest(connection, of_object, 1))
    return found[0] if found else None


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
    detail: str | None = None,
    start: int | None = None,
) -> Page:
    """List imports, newest first; pages count from 1.

    Args:
        registry: The registry.
        organization: Only those of this organization.
        record_type: Only those of this record type.
        status: Only those with this status, or one of these.
        page: Which page.
        limit: How many there are on a page.
        detail: Only those in whose details this is said.
        start: How many to pass over, instead of whole pages.

    Raises:
        MisuseError: The page or the limit is below 1.
    """
    if page < 1 or limit < 1:
        raise MisuseError(f"Page {page} of {limit} imports cannot be shown: both must be at least 1.")
    statuses = (status,) if isinstance(status, Status) else status
    wanted = {"organization": organization, "record_type": record_type}
    conditions = [imports.c[name] == value for name, value in wanted.items() if value is not None]
    if detail is not None:
        conditions.append(imports.c.details[detail].as_string().is_not(None))
    if statuses is not None:
        conditions.append(imports.c.status.in_([one.value for one in statuses]))

    def work(connection: Connection) -> Page:
        total = connection.execute(select(func.count()).select_from(imports).where(*conditions)).scalar_one()
        first = (page - 1) * limit if start is None else start
        items = import_rows.newest(connection, conditions, limit, first) if first < total else []
        return Page(items=tuple(items), page=page, limit=limit, has_more=first + limit < total, total_count=total)

    return registry.read(work)


def queued(registry: Registry, limit: int) -> ImportRecords:
    """Read imports that wait for a run: each organization's oldest first, in turn between organizations.

    Those that are to be tried again later only are left out until then.
    """
    now = registry.now()
    return registry.read(lambda connection: import_rows.queued_in_turn(connection, limit, now))


def count_by_status(registry: Registry, organization: str | None = None) -> dict[Status, int]:
    """Count imports; every status is there, with 0 where there is none."""
    statement = select(imports.c.status, func.count()).group_by(imports.c.status)
    if organization is not None:
        statement = statement.where(imports.c.organization == organization)
    counts = registry.read(lambda connection: connection.execute(statement).all())
    return dict.fromkeys(Status, 0) | {Status(status): count for status, count in counts}


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


def move(
    registry: Registry,
    import_id: str,
    to: Status,
    *,
    reason: str | None = None,
    only_from: Collection[Status] | None = None,
    unless: Callable[[ImportRecord], Exception | None] | None = None,
    **changes: Any,
) -> ImportRecord:
    """Change the status of an import, and fields with it, in one transaction.

    The reason is replaced, by None where none is given. Staying in a status that is not final is allowed where
    something changes with it; the reason then stays unless one is given.

    Args:
        registry: The registry.
        import_id: The import.
        to: The new status.
        reason: Why, for people.
        only_from: Refuse unless it has one of these statuses now: of several that try at once, one succeeds.
        unless: Given the import as it is now; an error that it gives is raised, and nothing changes.
        changes: Fields of ImportRecord to set.

    Raises:
        NotFoundError: There is no such import.
        StateError: The new status cannot follow the present one.
    """
    _check_changes(changes)

    def work(connection: Connection) -> ImportRecord:
        status, started_at = import_rows.locked_state(connection, import_id)
        now = registry.now()
        stays = status is to and not to.is_final and bool(changes or reason is not None)
        allowed = TRANSITIONS[status] | ({to} if stays else set())
        if to not in allowed or (only_from is not None and status not in only_from):
            raise StateError(import_id, status, to, allowed if to not in allowed else allowed - {to})
        refusal = unless(import_rows.present_import(connection, import_id)) if unless is not None else None
        if refusal is not None:
            raise refusal
        values = _plain(changes) | {"status": to.value, "updated_at": now}
        if reason is not None or not stays:
            values["reason"] = reason
        if status.is_final and not to.is_final:
            values |= {"started_at": None, "ended_at": None}
        if to is Status.PROCESSING and (started_at is None or status.is_final):
            values["started_at"] = now
        if to.is_final and not status.is_final:
            values["ended_at"] = now
        import_rows.set_import(connection, import_id, values)
        enqueue_deliveries(connection, import_id, status, to, now)
        if to.is_final:
            import_rows.wake_waiting(connection, [import_id], now)
        return import_rows.present_import(connection, import_id)

    return registry.write(work, repeatable=False)


def update(registry: Registry, import_id: str, **changes: Any) -> ImportRecord:
    """Set fields of an import without changing its status.

    Raises:
        NotFoundError: There is no such import.
    """
    _check_changes(changes)

    def work(connection: Connection) -> ImportRecord:
        import_rows.set_import(connection, import_id, _plain(changes) | {"updated_at": registry.now()})
        return import_rows.present_import(connection, import_id)

    return registry.write(work)


def _check_changes(changes: Mapping[str, Any]) -> None:
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise TypeError(f"{', '.join(unknown)} cannot be set: use {', '.join(sorted(CHANGEABLE))}.")


def _plain(value: Any) -> Any:
    """Words as the texts that are stored; in a dict of changes, each of them."""
    if isinstance(value, dict):
        return {name: one.value if isinstance(one, Enum) else one for name, one in value.items()}
    return value.value if isinstance(value, Enum) else value
