"""The table `counters`: numbers that only grow, right for all processes and hosts together, kept when imports go.

Each is spread over slots, so that processes that end imports at the same moment hardly ever write the same row, which
would make one of them begin its transaction anew; the value is their sum. Only SQL of the table belongs here, and which
counters there are.
"""

import os
import socket
import zlib
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, func, select

from import_pipeline.stores import lock_waits
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import counters, insert_or_add

_SLOTS = 64


class Counter(StrEnum):
    """What is counted; the label says of what."""

    ENDED = "imports_ended"
    """Imports that ended, by status."""
    ROWS = "rows"
    """Rows of completed imports that were no dry runs, by outcome."""
    PHASES = "phases"
    """Phases that ended, by phase."""
    PHASE_SECONDS = "phase_seconds"
    """How long they took, by phase."""
    LOCK_WAITS = "store_lock_waits"
    """Locks of record stores that were waited for."""
    LOCK_WAIT_SECONDS = "store_lock_wait_seconds"
    """How long that was."""
    LOCK_TIMEOUTS = "store_lock_timeouts"
    """How many of them were given up."""
    WEBHOOK_FAILURES = "webhook_failures"
    """Calls of webhooks that failed, each attempt."""
    WEBHOOKS_GIVEN_UP = "webhooks_given_up"
    """Events that a webhook was never told."""


Amounts = Mapping[tuple[Counter, str], float]


def add(connection: Connection, amounts: Amounts) -> None:
    """Add to counters, in the transaction of the caller, as the last that it does.

    The rows are locked in one order in every process, so that two of them never wait for each other.
    """
    slot = zlib.crc32(f"{socket.gethostname()}:{os.getpid()}".encode()) % _SLOTS
    rows = [
        {"name": name.value, "label": label, "slot": slot, "value": value}
        for (name, label), value in sorted(amounts.items())
        if value
    ]
    if rows:
        connection.execute(insert_or_add(connection, counters, "value").values(rows))


def add_lock_waits(registry: Registry) -> None:
    """Bring this process's waits for locks into the registry, if there are any."""
    waits = lock_waits.noted()
    if not waits:
        return
    amounts = {
        (Counter.LOCK_WAITS, ""): float(waits.count),
        (Counter.LOCK_WAIT_SECONDS, ""): waits.seconds,
        (Counter.LOCK_TIMEOUTS, ""): float(waits.timeouts),
    }
    registry.write(lambda connection: add(connection, amounts), repeatable=False)
    lock_waits.forget(waits)


def values(connection: Connection) -> dict[tuple[Counter, str], float]:
    """All counters; what was never counted is left out."""
    statement = select(counters.c.name, counters.c.label, func.sum(counters.c.value))
    found = connection.execute(statement.group_by(counters.c.name, counters.c.label))
    known = {one.value for one in Counter}
    return {(Counter(name), label): float(value) for name, label, value in found if name in known}
