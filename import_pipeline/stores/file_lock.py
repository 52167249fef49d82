"""A lock between processes: many readers or one writer, served strictly in the order of asking.

A waiter is a numbered ticket file that its process holds locked, so that the ticket of a process that died
is known to be dead and is passed over. Nothing about what the lock protects belongs here.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.005
_SLOWEST_POLL_SECONDS = 0.05


@contextmanager
def fair_lock(folder: Path, *, exclusive: bool, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock that `folder` stands for while the block runs.

    Args:
        folder: Folder of the tickets; made if missing, used for nothing else.
        exclusive: True for the one writer, False for one of many readers.
        wait_seconds: How long to wait for those who asked before.

    Yields:
        True when the lock is held; False when the wait was too long. The caller must look.
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
        unseen.rename(ticket)  # others see the ticket only once it is held
        return ticket, handle
    finally:
        os.close(counter)


def _wait_for_turn(folder: Path, ticket: Path, exclusive: bool, deadline: float) -> bool:
    pause = _POLL_SECONDS
    while True:
        if not any(_is_alive(other) for other in _before(folder, ticket, exclusive)):
            return True
        if time.monotonic() >= deadline:
            return False
        threading.Event().wait(pause)
        pause = min(pause * 1.3, _SLOWEST_POLL_SECONDS)


def _before(folder: Path, ticket: Path, exclusive: bool) -> list[Path]:
    """The tickets that come first: all earlier ones for a writer, earlier writers for a reader."""
    names = sorted(path.name for path in folder.iterdir() if path.name[0].isdigit() and path.name < ticket.name)
    return [folder / name for name in names if exclusive or name.endswith("w")]


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
