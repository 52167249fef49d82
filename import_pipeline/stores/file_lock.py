"""A lock between processes: many readers or one writer, served strictly in the order of asking.

A waiter is a numbered ticket file that its process holds locked, so that the ticket of a process that died
is known to be dead and is passed over; it says which process took it. Nothing about what the lock protects belongs
here.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Turn:
    """What became of asking for a lock.

    Attributes:
        held: Whether the lock is held.
        holder: The number of the process that has it instead; None where that is not known.
    """

    held: bool
    holder: int | None = None


_POLL_SECONDS = 0.005
_SLOWEST_POLL_SECONDS = 0.05


@contextmanager
def fair_lock(folder: Path, *, exclusive: bool, wait_seconds: float) -> Iterator[Turn]:
    """Hold the lock that `folder` stands for while the block runs.

    Args:
        folder: Folder of the tickets; made if missing, used for nothing else.
        exclusive: True for the one writer, False for one of many readers.
        wait_seconds: How long to wait for those who asked before.

    Yields:
        Whether the lock is held, or the wait was too long. The caller must look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ticket, handle = _take_ticket(folder, "w" if exclusive else "r")
    try:
        yield _wait_for_turn(folder, ticket, exclusive, time.monotonic() + wait_seconds)
    finally:
        ticket.unlink(missing_ok=True)
        os.close(handle)


def _take_ticket(folder: Path, kind: str) -> tuple[Path, int]:
    """Write the next ticket; tickets are given out one at a time."""
    counter = os.open(folder / "counter", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        number = int(os.read(counter, 32) or b"0") + 1
        os.lseek(counter, 0, os.SEEK_SET)
        os.write(counter, str(number).encode())
        ticket = folder / f"{number:016d}{kind}"
        unseen = folder / f"new-{number:016d}"
        handle = os.open(unseen, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, str(os.getpid()).encode())
        unseen.rename(ticket)  # others see the ticket only once it is held
        return ticket, handle
    finally:
        os.close(counter)


def _wait_for_turn(folder: Path, ticket: Path, exclusive: bool, deadline: float) -> Turn:
    pause = _POLL_SECONDS
    while True:
        first = next((other for other in _before(folder, ticket, exclusive) if _is_alive(other)), None)
        if first is None:
            return Turn(held=True)
        if time.monotonic() >= deadline:
            return Turn(held=False, holder=_process_of(first))
        threading.Event().wait(pause)
        pause = min(pause * 1.3, _SLOWEST_POLL_SECONDS)


def _before(folder: Path, ticket: Path, exclusive: bool) -> list[Path]:
    """The tickets that come first: all earlier ones for a writer, earlier writers for a reader."""
    names = sorted(path.name for path in folder.iterdir() if path.name[0].isdigit() and path.name < ticket.name)
    return [folder / name for name in names if exclusive or name.endswith("w")]


def _process_of(ticket: Path) -> int | None:
    try:
        told = ticket.read_text()
    except OSError:
        return None
    return int(told) if told.isdigit() else None


def _is_alive(ticket: Path) -> bool:
    """Whether the process that took the ticket still holds it; a dead ticket is swept away."""
    try:
        handle = os.open(ticket, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        ticket.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)
