"""The table `imports`: which imports there are and where they stand, as functions of the registry.

Every change of state is one transaction that checks `words.TRANSITIONS`; what is to change when is decided in
`service.transitions`. Whether records were written is never decided here: the record store's own marks say it. The SQL
of single rows is in `stores.import_rows`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from sqlalchemy import Connection, func, or_, select

from import_pipeline.errors import ImportPipelineError, MisuseError, NotFoundError, StateError
from import_pipeline.stores import import_rows
from import_pipeline.stores.import_record import ImportRecord, NewImport, Page, UploadKind
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports
from import_pipeline.stores.webhooks import enqueue_deliveries
from import_pipeline.words import IMPORT_ID_PATTERN, TRANSITIONS, Phase, Status

ImportRecords = list[ImportRecord]

FIXED = ("id", "organization", "status", "source", "created_by", "phases")
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


def states(registry: Registry, ids: Sequence[str]) -> dict[str, tuple[Status, str | None]]:
    """Read the status of imports and the run that works on each; for those who ask often."""
    return registry.read(lambda connection: import_rows.states(connection, ids))


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


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one import.

    Attributes:
        to: Its new status; the present one where only fields change.
        values: Fields of ImportRecord to set.
        reason: Why, for people; None takes the present one away, unless it stays in its status.
        phases: Columns of its phases to set.
    """

    to: Status
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    phases: Mapping[Phase, Mapping[str, Any]] = field(default_factory=dict)


Decide = Callable[[ImportRecord, int], "Change | ImportPipelineError | None"]
"""Given an import as it is now, and the present moment: what becomes of it, why not, or None to leave it."""


def read(registry: Registry, ids: Sequence[str]) -> ImportRecords:
    """Read imports, in the order of the ids; those that do not exist are left out."""
    return registry.read(lambda connection: import_rows.read_imports(connection, ids))


def change(
    registry: Registry, ids: Sequence[str], decide: Decide, *, all_or_none: bool = False
) -> tuple[ImportRecords, dict[str, ImportPipelineError]]:
    """Change imports in one transaction, each as is decided by what it is in that moment.

    Args:
        registry: The registry.
        ids: The imports.
        decide: What becomes of each.
        all_or_none: Whether nothing changes where one of them is refused.

    Returns:
        Those that changed, as they are now, and why the others were passed over, by id.
    """

    def work(connection: Connection) -> tuple[ImportRecords, dict[str, ImportPipelineError]]:
        now = registry.now_in(connection)
        found = import_rows.locked_imports(connection, ids)
        missing = set(ids) - {record.id for record in found}
        refused: dict[str, ImportPipelineError] = {one: NotFoundError("import", one) for one in sorted(missing)}
        changes: list[tuple[ImportRecord, Change]] = []
        for record in found:
            decided = decide(record, now)
            if isinstance(decided, Change):
                decided = _unless_forbidden(record, decided)
            if isinstance(decided, Change):
                changes.append((record, decided))
            elif decided is not None:
                refused[record.id] = decided
        if refused and all_or_none:
            return [], refused
        _write(connection, changes, now)
        return import_rows.read_imports(connection, [record.id for record, _ in changes]), refused

    return registry.write(work, repeatable=False)


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


def move(
    registry: Registry,
    import_id: str,
    to: Status,
    *,
    reason: str | None = None,
    only_from: Collection[Status] | None = None,
    **changes: Any,
) -> ImportRecord:
    """Change the status of one import, and fields with it.

    Raises:
        NotFoundError: There is no such import.
        StateError: The new status cannot follow the present one, or that is none of `only_from`.
    """

    def decide(record: ImportRecord, now: int) -> Change | ImportPipelineError:
        if only_from is not None and record.status not in only_from:
            return StateError(import_id, record.status, to, TRANSITIONS[record.status] - {to})
        if record.status is to and not changes and reason is None:
            return StateError(import_id, record.status, to, TRANSITIONS[record.status])
        return Change(to, changes, reason)

    _check_changes(changes)
    changed, refused = change(registry, [import_id], decide)
    if refused:
        raise refused[import_id]
    return changed[0]


def _unless_forbidden(record: ImportRecord, wanted: Change) -> Change | StateError:
    stays = record.status is wanted.to and not wanted.to.is_final
    if stays or wanted.to in TRANSITIONS[record.status]:
        return wanted
    return StateError(record.id, record.status, wanted.to, TRANSITIONS[record.status])


def _write(connection: Connection, changes: Sequence[tuple[ImportRecord, Change]], now: int) -> None:
    import_rows.set_imports(connection, {record.id: _row_of(record, one, now) for record, one in changes})
    import_rows.set_phases(
        connection, {(record.id, phase): values for record, one in changes for phase, values in one.phases.items()}
    )
    for record, one in changes:
        enqueue_deliveries(connection, record.id, record.status, one.to, now)
    import_rows.wake_waiting(connection, [record.id for record, one in changes if one.to.is_final], now)


def _row_of(record: ImportRecord, wanted: Change, now: int) -> dict[str, Any]:
    _check_changes(wanted.values)
    status, to = record.status, wanted.to
    values: dict[str, Any] = {"status": to.value, "updated_at": now}
    if wanted.reason is not None or status is not to:
        values["reason"] = wanted.reason
    if status.is_final and not to.is_final:
        values |= {"started_at": None, "ended_at": None}
    if to is Status.PROCESSING and status is not to:
        values["run_since"] = now
        if record.started_at is None or status.is_final:
            values["started_at"] = now
    if to is not Status.PROCESSING and status is Status.PROCESSING:
        values |= {"lease_owner": None, "lease_until": None}
    if to.is_final and not status.is_final:
        values |= {"ended_at": now, "lease_owner": None, "lease_until": None}
    return values | _plain(dict(wanted.values))


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
