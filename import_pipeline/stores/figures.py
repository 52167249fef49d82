"""What those who watch an installation are shown of the registry: read at once, by statements that stay cheap.

Only numbers of all organizations together belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from import_pipeline.stores import counters, webhooks
from import_pipeline.stores.counters import Counter
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports
from import_pipeline.words import Status


@dataclass(frozen=True)
class Figures:
    """One state of the registry, in numbers.

    Attributes:
        imports: How many imports are listed, by status.
        queue_age: For how many seconds an import has been queued at most.
        leases_over: How many imports count as at work though nobody renews their lease any more.
        deliveries_waiting: How many events webhooks are still to be told.
        counters: Counter and label → its value.
    """

    imports: Mapping[Status, int]
    queue_age: int
    leases_over: int
    deliveries_waiting: int
    counters: Mapping[tuple[Counter, str], float]


def read(registry: Registry) -> Figures:
    """Read the numbers of this moment."""
    now = registry.now()

    def work(connection: Connection) -> Figures:
        by_status = connection.execute(select(imports.c.status, func.count()).group_by(imports.c.status)).all()
        is_queued, is_at_work = (imports.c.status == one.value for one in (Status.QUEUED, Status.PROCESSING))
        longest = connection.execute(select(func.min(imports.c.updated_at)).where(is_queued)).scalar_one()
        over = connection.execute(select(func.count()).where(is_at_work, imports.c.lease_until < now)).scalar_one()
        return Figures(
            dict.fromkeys(Status, 0) | {Status(status): count for status, count in by_status},
            0 if longest is None else max(0, now - longest),
            over,
            webhooks.waiting(connection),
            counters.values(connection),
        )

    return registry.read(work)
