"""Leases: which process has an import at work, until when, and whether that process still lives.

A lease is two columns of `imports`, set by the transitions, renewed here by the heartbeat of the process that has it.
A process of this host that is gone is known at once; one of another host when its leases have run out.
"""

import hashlib
import os
import socket
from collections.abc import Collection
from contextlib import suppress
from functools import cache, lru_cache
from multiprocessing import parent_process
from pathlib import Path

from sqlalchemy import Connection, update

from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports, in_chunks
from import_pipeline.words import Status

LEASE_SECONDS = 45
"""So long a host may fall silent before its imports are given to another; a busy machine renews it three times."""
HEARTBEAT_SECONDS = 10.0
_SAME_BIRTH_SECONDS = 60.0
"""The system's clock may be set between two looks at when a process began; no number is given out again so soon."""


def this_process() -> str:
    """This process, as leases and runs name it: host, number, and when it began, for numbers are given out again."""
    return _name_of(os.getpid())


@lru_cache(maxsize=4)
def _name_of(pid: int) -> str:
    import psutil

    return f"{host_of_numbers()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def host_of_numbers() -> str:
    """Where a process's number means one process: the host's name, with what tells apart two that are called alike.

    Containers of one network have one name and numbers of their own, and so have machines that nobody named.
    """
    return f"{socket.gethostname()}~{_kernel_and_numbers()}"


@cache
def _kernel_and_numbers() -> str:
    """The running kernel and the space of process numbers, on Linux."""
    told = b""
    with suppress(OSError):
        told = Path("/proc/sys/kernel/random/boot_id").read_bytes() + bytes(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(told).hexdigest()[:8]


def is_gone(process: str) -> bool:
    """Whether a process of this host is known to have ended; of another host's nothing is known.

    Args:
        process: As `this_process` names it; more may follow after a colon.
    """
    if process == this_process():
        return False

    import psutil

    host, _, rest = process.partition(":")
    number, _, rest = rest.partition(":")
    began = rest.partition(":")[0]
    if host != host_of_numbers() or not number.isdigit():
        return False
    try:
        found = psutil.Process(int(number))
        return found.status() == psutil.STATUS_ZOMBIE or abs(found.create_time() - float(began)) > _SAME_BIRTH_SECONDS
    except psutil.NoSuchProcess:
        return True
    except (psutil.AccessDenied, ValueError):
        return False


def is_over(record: ImportRecord, now: int) -> bool:
    """Whether nobody has an import any more that a lease was given for: it ran out, or its process is gone."""
    if record.lease_owner is None:
        return False
    return record.lease_until is None or record.lease_until < now or is_gone(record.lease_owner)


def is_of_family(process: str) -> bool:
    """Whether a process is this one, or the server whose worker this one is."""
    server = parent_process()
    return process == this_process() or (server is not None and _are_same(process, _name_of(server.pid or 0)))


def _are_same(one: str, other: str) -> bool:
    """Whether two processes name the same one, though the system's clock was set in between."""
    (*named, born), (*also_named, also_born) = one.split(":"), other.split(":")
    return named == also_named and abs(float(born) - float(also_born)) <= _SAME_BIRTH_SECONDS


def is_held_elsewhere(record: ImportRecord, now: int) -> bool:
    """Whether another process has an import at work, or keeps it for itself."""
    return record.lease_owner not in (None, this_process()) and not is_over(record, now)


def renew(registry: Registry, ids: Collection[str]) -> None:
    """Renew the leases that this process has of imports at work: one statement for all of them."""

    def work(connection: Connection) -> None:
        until = registry.now() + LEASE_SECONDS
        for chunk in in_chunks(sorted(ids)):
            ours = (
                imports.c.id.in_(chunk),
                imports.c.lease_owner == this_process(),
                imports.c.status == Status.PROCESSING.value,
            )
            connection.execute(update(imports).where(*ours).values(lease_until=until))

    if ids:
        registry.write(work)


def end_all(registry: Registry) -> None:
    """End all leases: the registry is a copy, and whoever had them works on the original."""
    statement = update(imports).where(imports.c.lease_owner.is_not(None)).values(lease_until=0)
    registry.write(lambda connection: connection.execute(statement))
