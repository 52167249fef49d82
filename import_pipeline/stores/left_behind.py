"""Which imports may have been left behind: what the reconciler looks at, and nothing that is in order.

Only the selection belongs here: cheap, by columns. Whether one was really left behind, and what becomes of it, is
decided in `service.reconciling`.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from import_pipeline.stores import import_rows
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports
from import_pipeline.words import Status

_ENDED_WITHOUT_LAST_PHASE = (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED)


def read(registry: Registry, *, begun_before: int, uploaded_before: int) -> list[ImportRecord]:
    """Read the imports at work, those that wait for something, and those that ended while they wrote; oldest first.

    Args:
        registry: The registry.
        begun_before: Of those at work that nobody has: only those whose run began earlier.
        uploaded_before: Of those that nobody started: only those that changed last before this moment.
    """
    chosen = or_(
        and_(_is(Status.PROCESSING), or_(imports.c.lease_owner.is_not(None), imports.c.run_since < begun_before)),
        and_(_is(Status.QUEUED), imports.c.lease_owner.is_not(None)),
        and_(_is(Status.UPLOADED), or_(imports.c.waits_for.is_not(None), imports.c.upload_kind == "starts")),
        and_(_is(Status.UPLOADED, Status.REQUESTED), imports.c.updated_at < uploaded_before),
        and_(_is(Status.REQUESTED), imports.c.upload_kind.is_not(None)),
        and_(_is(*_ENDED_WITHOUT_LAST_PHASE), imports.c.writing_since.is_not(None)),
    )
    ids = select(imports.c.id).where(chosen).order_by(imports.c.number)
    return registry.read(
        lambda connection: import_rows.read_imports(connection, list(connection.execute(ids).scalars()))
    )


def _is(*statuses: Status) -> ColumnElement[bool]:
    return imports.c.status.in_([status.value for status in statuses])
