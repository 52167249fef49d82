"""Ports for the servers of tests: each is given to one process of tests at a time, however many run side by side."""

import fcntl
import os
import secrets
import socket
import tempfile
from functools import cache
from pathlib import Path

LOOPBACK = "127.0.0.1"
_PORTS = range(10_000, 32_000)
"""Below those that Linux and macOS give to connections."""
_ports_of_process: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Ports of loopback on which nothing listens, and which no other process of tests gets while this one lives.

    One that the system chooses may be given to somebody else before the server listens for which it was chosen.
    """
    found: list[int] = []
    while len(found) < count:
        port = secrets.choice(_PORTS)
        if port not in _ports_of_process and _is_ours(port):
            _ports_of_process.add(port)
            found.append(port)
    return found


def _is_ours(port: int) -> bool:
    """Reserve a port: a lock on its byte of a file that all processes of tests share, until this process ends."""
    try:
        fcntl.lockf(_port_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@cache
def _port_locks() -> int:
    """The file, open as long as the process lives: to close it would give back all ports."""
    path = Path(tempfile.gettempdir()) / f"import-pipeline-tests-{os.getuid()}.ports"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
