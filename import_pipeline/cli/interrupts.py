"""Noticing that a person (Ctrl-C) or the system (SIGTERM) wants an import to end, whoever handles the signal meanwhile.

While a run goes on, Dagster handles the signals and a database may turn them into errors of its own, so that the error
alone does not tell.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = {signal.SIGINT, signal.SIGTERM}


class Interrupts:
    """The signals to end that came while a block ran."""

    def __init__(self, received: socket.socket) -> None:
        self._received = received
        self._came = False

    def came(self) -> bool:
        """Whether there was one so far."""
        try:
            self._came |= not _ENDING.isdisjoint(self._received.recv(1024))
        except BlockingIOError:
            pass
        return self._came


@contextmanager
def noticed() -> Iterator[Interrupts]:
    """Take note of signals to end while the block runs; SIGTERM does what Ctrl-C does."""
    received, sent = socket.socketpair()
    with received, sent:
        received.setblocking(False)
        sent.setblocking(False)
        handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
        descriptor = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
        try:
            yield Interrupts(received)
        finally:
            signal.set_wakeup_fd(descriptor)
            signal.signal(signal.SIGTERM, handler)
