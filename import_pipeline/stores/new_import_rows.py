"""New rows of the registry's tables `imports` and `phases`: checked, and inserted in the transaction of the caller."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, case, literal, or_, select, true, union_all

from import_pipeline.errors import DuplicateImportError, InvalidNameError, StateError
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.tables import COUNTERS, imports, in_chunks, insert_new, phases
from import_pipeline.words import (
    IMPORT_ID_PATTERN,
    ORGANIZATION_PATTERN,
    PHASES_IN_SYNC,
    Phase,
    PhaseMode,
    PhaseStatus,
    Status,
)

FIRST_STATUSES = (Status.REQUESTED, Status.UPLOADED, Status.QUEUED)


def new_import_id() -> str:
    """An id that no import has."""
    return f"imp_{uuid4().hex[:20]}"


def row_of(new: NewImport, now: int) -> dict[str, Any]:
    """Make the row of a new import.

    Raises:
        InvalidNameError: The id or the organization breaks its pattern.
        StateError: An import cannot begin with this status.
    """
    import_id = new_import_id() if new.id is None else new.id
    if not re.fullmatch(IMPORT_ID_PATTERN, import_id):
        raise InvalidNameError("import id", import_id, IMPORT_ID_PATTERN)
    if not re.fullmatch(ORGANIZATION_PATTERN, new.organization):
        raise InvalidNameError("organization", new.organization, ORGANIZATION_PATTERN)
    if new.status not in FIRST_STATUSES:
        raise StateError(import_id, "new", new.status, FIRST_STATUSES)
    return {
        "id": import_id,
        "organization": new.organization,
        "record_type": new.record_type,
        "name": new.name,
        "status": new.status.value,
        "reason": new.reason,
        "details": new.details,
        "spec": new.spec,
        "source": new.source.value,
        "upload_mode": new.upload_mode.value,
        "file_name": new.file_name,
        "content_type": new.content_type,
        "checksum": new.checksum,
        "size_bytes": new.size_bytes,
        "object_key": new.object_key,
        "object_version": new.object_version,
        **dict.fromkeys(COUNTERS, 0),
        "has_upload_file": new.has_upload_file,
        "has_errors_file": False,
        "attempts": 0,
        "supersedes": new.supersedes,
        "retry_of": new.retry_of,
        "undoes": new.undoes,
        "sidecar_refused": new.sidecar_refused,
        "upload_kind": new.upload_kind,
        "upload_expires_at": new.upload_expires_at,
        "page": new.page,
        "page_state": new.page_state,
        "created_by": new.created_by,
        "updated_by": new.created_by,
        "created_at": now,
        "updated_at": now,
    }


def insert_one(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert an import and its seven phases.

    Raises:
        DuplicateImportError: Its id is taken.
    """
    statement = insert_new(connection, imports).inline().execution_options(preserve_rowcount=True)
    if not connection.execute(statement, row).rowcount:
        raise DuplicateImportError(row["id"])
    _insert_phases(connection, [row["id"]])


def insert_missing(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those imports whose id is new, each with its seven phases."""
    present: set[str] = set()
    for chunk in in_chunks([row["id"] for row in rows]):
        present.update(connection.execute(select(imports.c.id).where(imports.c.id.in_(chunk))).scalars())
    missing = [row for row in rows if row["id"] not in present]
    if missing:
        connection.execute(insert_new(connection, imports), missing)
        # Whoever inserted one of them meanwhile (PostgreSQL) inserted the same phases.
        _insert_phases(connection, [row["id"] for row in missing])


def _insert_phases(connection: Connection, ids: Sequence[str]) -> None:
    names = union_all(
        *(select(literal(phase.position).label("position"), literal(phase.value).label("name")) for phase in Phase)
    ).subquery("names")
    pending = {"status": PhaseStatus.PENDING.value} | dict.fromkeys(("processed", "success", "error"), 0)
    in_sync = or_(
        *(
            and_(imports.c.upload_mode == mode.value, names.c.position <= count)
            for mode, count in PHASES_IN_SYNC.items()
        )
    )
    mode = case((in_sync, PhaseMode.SYNC.value), else_=PhaseMode.ASYNC.value)
    values = [mode.label("mode"), *(literal(value).label(name) for name, value in pending.items())]
    for chunk in in_chunks(ids):
        lines = (
            select(imports.c.id, names.c.position, names.c.name, *values)
            .join_from(imports, names, true())
            .where(imports.c.id.in_(chunk))
        )
        statement = insert_new(connection, phases).from_select(
            ["import_id", "position", "name", "mode", *pending], lines
        )
        connection.execute(statement)
