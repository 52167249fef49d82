"""Webhooks and their deliveries: noted in the transaction that changes an import, kept until they are delivered.

Only SQL of the tables `webhooks` and `deliveries` belongs here; how an address is called is in `service/deliveries`.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.stores import counters
from import_pipeline.stores.counters import Counter
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import deliveries, imports, in_chunks, webhooks
from import_pipeline.words import Status

EVENTS = {
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "failed",
    Status.NEEDS_REVIEW: "needs_review",
}
EVENT_NAMES = ("completed", "failed", "needs_review")
MOST_WEBHOOKS = 20
LEASE_SECONDS = 120
"""So long a delivery that was taken is left to whoever took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRecord:
    """An address that an organization wants to be called at."""

    id: str
    organization: str
    url: str
    events: list[str]
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing to tell to one address; `attempts` counts those before."""

    number: int
    webhook_id: str
    url: str
    import_id: str
    event: str
    attempts: int
    created_at: int


Deliveries = list[Delivery]


def enqueue_deliveries(connection: Connection, changed: Mapping[str, tuple[Status, Status]], now: int) -> None:
    """Note, in the transaction that changes imports (id → status before and after), who is to be told."""
    told = {one: EVENTS[after] for one, (before, after) in changed.items() if before is not after and after in EVENTS}
    columns = imports.c.id, webhooks.c.id, webhooks.c.events
    same_organization = imports.c.organization == webhooks.c.organization
    fixed = {"attempts": 0, "next_attempt_at": now, "created_at": now}
    rows: list[dict[str, Any]] = []
    for chunk in in_chunks(list(told)):
        wanted = select(*columns).join(webhooks, same_organization).where(imports.c.id.in_(chunk))
        rows += [
            {"webhook_id": hook, "import_id": one, "event": told[one]} | fixed
            for one, hook, events in connection.execute(wanted.order_by(imports.c.number))
            if told[one] in events
        ]
    if rows:
        connection.execute(insert(deliveries), rows)


def create(registry: Registry, organization: str, url: str, events: Sequence[str]) -> WebhookRecord:
    """Register an address.

    Raises:
        MisuseError: The organization has too many.
    """
    record = WebhookRecord(
        id=f"hook_{secrets.token_hex(8)}",
        organization=organization,
        url=url,
        events=sorted(set(events)),
        created_at=registry.now(),
    )
    row = {name: getattr(record, name) for name in WebhookRecord.__dataclass_fields__}

    def work(connection: Connection) -> None:
        of_organization = select(func.count()).where(webhooks.c.organization == organization)
        if connection.execute(of_organization).scalar_one() >= MOST_WEBHOOKS:
            raise MisuseError(f"There are {MOST_WEBHOOKS} webhooks already, the most there can be. Delete one.")
        connection.execute(insert(webhooks), row)

    registry.write(work, repeatable=False)
    return record


def list_webhooks(registry: Registry, organization: str) -> list[WebhookRecord]:
    """The webhooks of an organization, oldest first."""
    columns = [webhooks.c[name] for name in WebhookRecord.__dataclass_fields__]
    statement = select(*columns).where(webhooks.c.organization == organization)
    statement = statement.order_by(webhooks.c.created_at, webhooks.c.id)
    rows = registry.read(lambda connection: connection.execute(statement).mappings().all())
    return [WebhookRecord(**row) for row in rows]


def remove(registry: Registry, webhook_id: str, organization: str) -> None:
    """Remove a webhook and what was still to be told to it.

    Raises:
        NotFoundError: The organization has no such webhook.
    """
    this = delete(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.organization == organization)
    of_it = delete(deliveries).where(
        deliveries.c.webhook_id.in_(
            select(webhooks.c.id).where(webhooks.c.id == webhook_id, webhooks.c.organization == organization)
        )
    )

    def work(connection: Connection) -> int:
        connection.execute(of_it)
        return connection.execute(this).rowcount

    if not registry.write(work):
        raise NotFoundError("webhook", webhook_id)


def take_due(registry: Registry, limit: int) -> Deliveries:
    """Take deliveries whose time has come; nobody else takes them for a while.

    Organizations take turns: the longest due of each comes before the next of any.
    """
    now = registry.now()
    is_due = deliveries.c.next_attempt_at <= now
    turn = func.row_number().over(
        partition_by=webhooks.c.organization, order_by=(deliveries.c.next_attempt_at, deliveries.c.number)
    )
    in_turn = (
        select(deliveries.c.number, turn.label("turn"))
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(is_due)
        .order_by("turn", deliveries.c.next_attempt_at, deliveries.c.number)
        .limit(limit)
        .subquery()
    )
    statement = (
        select(
            deliveries.c.number,
            deliveries.c.webhook_id,
            webhooks.c.url,
            deliveries.c.import_id,
            deliveries.c.event,
            deliveries.c.attempts,
            deliveries.c.created_at,
        )
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(is_due, deliveries.c.number.in_(select(in_turn.c.number)))
        .order_by(deliveries.c.next_attempt_at, deliveries.c.number)
    )
    if not registry.read(lambda connection: connection.execute(statement).first()):
        return []  # nothing to do needs no turn among the writers

    def work(connection: Connection) -> Deliveries:
        found = [
            Delivery(**row)
            for row in connection.execute(statement.with_for_update(of=deliveries, skip_locked=True)).mappings()
        ]
        numbers = [one.number for one in found]
        lease = update(deliveries).where(deliveries.c.number.in_(numbers))
        connection.execute(lease.values(next_attempt_at=now + LEASE_SECONDS, attempts=deliveries.c.attempts + 1))
        return found

    return registry.write(work, repeatable=False)


def delivered(registry: Registry, number: int) -> None:
    """Note that a delivery was taken in."""
    told = {"next_attempt_at": None, "delivered_at": registry.now(), "last_error": None}
    registry.write(lambda connection: _set(connection, number, **told))


def not_delivered(registry: Registry, number: int, error: str, again_in: int | None) -> None:
    """Note that a delivery failed.

    Args:
        registry: The registry.
        number: The delivery.
        error: Why.
        again_in: After how many seconds it is tried again; None to give it up.
    """
    again = None if again_in is None else registry.now() + again_in
    failed = {(Counter.WEBHOOK_FAILURES, ""): 1.0, (Counter.WEBHOOKS_GIVEN_UP, ""): float(again is None)}

    def work(connection: Connection) -> None:
        _set(connection, number, next_attempt_at=again, last_error=error[:500])
        counters.add(connection, failed)

    registry.write(work, repeatable=False)


def waiting(connection: Connection) -> int:
    """How many deliveries are still to be told."""
    statement = select(func.count()).where(deliveries.c.next_attempt_at.is_not(None))
    return connection.execute(statement).scalar_one()


def _set(connection: Connection, number: int, **values: int | str | None) -> None:
    connection.execute(update(deliveries).where(deliveries.c.number == number).values(**values))
