"""Rows of the registry's tables `imports` and `phases`: read and set in the transaction of the caller.

Only SQL and its values belong here; which change is allowed is for `stores.import_changes`, and how rows are made for
`stores.new_import_rows`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    Update,
    bindparam,
    func,
    or_,
    select,
    true,
    update,
)

from import_pipeline.errors import NotFoundError
from import_pipeline.stores.claims import ENDED_WITHOUT_IMPORT
from import_pipeline.stores.import_record import ImportRecord, PhaseRecord, UploadKind
from import_pipeline.stores.tables import imports, in_chunks, phases
from import_pipeline.words import (
    Phase,
    PhaseStatus,
    Status,
)

K = TypeVar("K")
Columns = Mapping[str, Any]

IMPORT_FIELDS = tuple(one.name for one in fields(ImportRecord) if one.name != "phases")
PHASE_FIELDS = tuple(one.name for one in fields(PhaseRecord))
# Built once: what polls do all the time would else spend most of its time on building them.
_ALL_IMPORTS = select(*(imports.c[name] for name in IMPORT_FIELDS))
_ALL_PHASES = select(phases.c.import_id, *(phases.c[name] for name in PHASE_FIELDS)).order_by(phases.c.position)
_ONE_IMPORT = _ALL_IMPORTS.where(imports.c.id == bindparam("of_id"))
_ITS_PHASES = _ALL_PHASES.where(phases.c.import_id == bindparam("of_id"))
_SOME_IMPORTS = _ALL_IMPORTS.where(imports.c.id.in_(bindparam("of_ids", expanding=True)))
_THEIR_PHASES = _ALL_PHASES.where(phases.c.import_id.in_(bindparam("of_ids", expanding=True)))
_LOCKED_IMPORTS = _SOME_IMPORTS.order_by(imports.c.id).with_for_update()
_ENDED_WITHOUT_IMPORT = [status.value for status in ENDED_WITHOUT_IMPORT]


def read_import(connection: Connection, import_id: str) -> ImportRecord | None:
    """Read an import with its phases, or None; what is asked for most often, by statements that are built once."""
    of_id = {"of_id": import_id}
    values = connection.execute(_ONE_IMPORT, of_id).first()
    if values is None:
        return None
    steps = [
        PhaseRecord.from_row(dict(zip(PHASE_FIELDS, step[1:], strict=True)))
        for step in connection.execute(_ITS_PHASES, of_id)
    ]
    return ImportRecord.from_row(dict(zip(IMPORT_FIELDS, values, strict=True)), steps)


def present_import(connection: Connection, import_id: str) -> ImportRecord:
    """Read an import that was made or changed in this transaction.

    Raises:
        NotFoundError: There is no such import.
    """
    found = read_import(connection, import_id)
    if found is None:
        raise NotFoundError("import", import_id)
    return found


def read_imports(connection: Connection, ids: Sequence[str]) -> list[ImportRecord]:
    """Read imports with their phases, in the order of the ids; ids that do not exist are left out."""
    found: dict[str, ImportRecord] = {}
    for chunk in in_chunks(ids):
        found |= _with_phases(connection, chunk, _SOME_IMPORTS)
    return [found[import_id] for import_id in ids if import_id in found]


def _with_phases(connection: Connection, ids: Sequence[str], some_imports: Select[Any]) -> dict[str, ImportRecord]:
    of_ids = {"of_ids": list(ids)}
    rows = [dict(zip(IMPORT_FIELDS, values, strict=True)) for values in connection.execute(some_imports, of_ids)]
    steps: defaultdict[str, list[PhaseRecord]] = defaultdict(list)
    for import_id, *values in connection.execute(_THEIR_PHASES, of_ids):
        steps[import_id].append(PhaseRecord.from_row(dict(zip(PHASE_FIELDS, values, strict=True))))
    return {row["id"]: ImportRecord.from_row(row, steps[row["id"]]) for row in rows}


def newest(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int, start: int = 0
) -> list[ImportRecord]:
    """Read the newest imports that meet all conditions, passing over the first `start`."""
    ids = select(imports.c.id).where(*conditions).order_by(imports.c.number.desc()).offset(start).limit(limit)
    return read_imports(connection, list(connection.execute(ids).scalars()))


def version_before(connection: Connection, record: ImportRecord, checksum: str | None = None) -> ImportRecord | None:
    """Read the latest earlier import of the same object that counts, with these bytes if they are given; or None."""
    number = select(imports.c.number).where(imports.c.id == record.id).scalar_subquery()
    conditions = [
        imports.c.object_key == record.object_key,
        imports.c.number < number,
        imports.c.organization == record.organization,
        imports.c.record_type == record.record_type,
        imports.c.spec["dry_run"].as_boolean().is_not(True),
        or_(
            imports.c.status.not_in([status.value for status in ENDED_WITHOUT_IMPORT]), imports.c.repeat_of.is_not(None)
        ),
    ]
    conditions += [] if checksum is None else [imports.c.checksum == checksum]
    found = newest(connection, conditions, 1)
    return found[0] if found else None


def wake_waiting(connection: Connection, ended: Sequence[str], now: int) -> None:
    """Queue the imports that waited for these ones to end."""
    for chunk in in_chunks(ended):
        waiting = (imports.c.status == Status.UPLOADED.value) & imports.c.waits_for.in_(chunk)
        queued = {"status": Status.QUEUED.value, "reason": None, "waits_for": None, "updated_at": now}
        connection.execute(update(imports).where(waiting).values(**queued))


def queued_in_turn(connection: Connection, limit: int, now: int, kind: UploadKind | None = None) -> list[ImportRecord]:
    """Read queued imports whose moment has come: each organization's oldest first, in turn between organizations.

    One that a process keeps for itself is left to it as long as its lease lasts.
    """
    is_due = or_(imports.c.retry_at.is_(None), imports.c.retry_at <= now)
    is_free = or_(imports.c.lease_until.is_(None), imports.c.lease_until < now)
    turn = func.row_number().over(partition_by=imports.c.organization, order_by=imports.c.number)
    waiting = (
        select(imports.c.id, imports.c.number, turn.label("turn"))
        .where(imports.c.status == Status.QUEUED.value, is_due, is_free)
        .where(true() if kind is None else imports.c.upload_kind == kind)
        .cte("waiting")
    )
    ids = select(waiting.c.id).order_by(waiting.c.turn, waiting.c.number).limit(limit)
    return read_imports(connection, list(connection.execute(ids).scalars()))


def locked_imports(connection: Connection, ids: Sequence[str]) -> list[ImportRecord]:
    """Read imports and keep others from changing them until the transaction ends; ids that do not exist are left out.

    They are locked in one order in every process, so that two of them never wait for each other.
    """
    found: dict[str, ImportRecord] = {}
    for chunk in in_chunks(sorted(ids)):
        found |= _with_phases(connection, chunk, _LOCKED_IMPORTS)
    return [found[import_id] for import_id in ids if import_id in found]


def states(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Status, str | None]]:
    """Read status and run_id of imports."""
    found: dict[str, tuple[Status, str | None]] = {}
    for chunk in in_chunks(ids):
        statement = select(imports.c.id, imports.c.status, imports.c.run_id).where(imports.c.id.in_(chunk))
        found |= {row.id: (Status(row.status), row.run_id) for row in connection.execute(statement)}
    return found


def set_import(connection: Connection, import_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of an import.

    Raises:
        NotFoundError: There is no such import.
    """
    if not connection.execute(update(imports).where(imports.c.id == import_id).values(**values)).rowcount:
        raise NotFoundError("import", import_id)


def set_imports(connection: Connection, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Set columns of many imports (id → column → value), those with the same columns by one statement."""
    for columns, lines in _by_columns(values.items()).items():
        new = [{"of_id": import_id, **_as_new(line)} for import_id, line in lines]
        connection.execute(_setting_import(columns), new)


def set_phases(connection: Connection, values: Mapping[tuple[str, Phase], Mapping[str, Any]]) -> None:
    """Set columns of phases of many imports ((id, phase) → column → value)."""
    for columns, lines in _by_columns(values.items()).items():
        new = [
            {"of_id": import_id, "of_position": phase.position, **_as_new(line)} for (import_id, phase), line in lines
        ]
        connection.execute(_setting_phase(columns), new)


@cache
def _setting_import(columns: tuple[str, ...]) -> Update:
    return update(imports).where(imports.c.id == bindparam("of_id")).values(_new(imports, columns))


@cache
def _setting_phase(columns: tuple[str, ...]) -> Update:
    this = (phases.c.import_id == bindparam("of_id"), phases.c.position == bindparam("of_position"))
    return update(phases).where(*this).values(_new(phases, columns))


def _new(table: Table, columns: Sequence[str]) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}


def set_running_phase(connection: Connection, import_id: str, phase: Phase, values: Mapping[str, Any]) -> None:
    """Set columns of one phase of an import, if it is running."""
    running = (phases.c.position == phase.position, phases.c.status == PhaseStatus.RUNNING.value)
    connection.execute(update(phases).where(phases.c.import_id == import_id, *running).values(**values))


def _by_columns(
    values: Iterable[tuple[K, Mapping[str, Any]]],
) -> dict[tuple[str, ...], list[tuple[K, Mapping[str, Any]]]]:
    found: defaultdict[tuple[str, ...], list[tuple[K, Mapping[str, Any]]]] = defaultdict(list)
    for key, line in values:
        if line:
            found[tuple(sorted(line))].append((key, line))
    return found


def _as_new(line: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in line.items()}
