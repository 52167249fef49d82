"""Noticing that a person (Ctrl-C) or the system (SIGTERM) wants an import to end, whoever handles the signal meanwhile.

While a run goes on, Dagster handles the signals and a database may turn them into errors of its own, so that the error
alone does not tell.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_ENDING = {signal.SIGINT, signal.SIGTERM}


@dataclass
class Interrupts:
    """Whether a signal to end came while a block ran; known once it has ended."""

    came: bool = False


@contextmanager
def noticed(interrupts: Interrupts) -> Iterator[None]:
    """Take note of signals to end while the block runs; SIGTERM does what Ctrl-C does."""
    received, sent = socket.socketpair()
    with received, sent:
        received.setblocking(False)
        sent.setblocking(False)
        handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
        descriptor = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(descriptor)
            signal.signal(signal.SIGTERM, handler)
            with suppress(BlockingIOError):
                interrupts.came = not _ENDING.isdisjoint(received.recv(1024))


@contextmanager
def held_back() -> Iterator[None]:
    """Let a signal to end wait until the block has ended.

    Python interrupts whatever the main thread is at; where that is an import while another thread imports, too, a lock
    of the imports may stay held for ever.

    Raises:
        KeyboardInterrupt: One came.
    """
    came: list[int] = []
    handlers = {one: signal.signal(one, lambda number, _frame: came.append(number)) for one in _ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
