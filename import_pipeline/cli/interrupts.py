"""Noticing that a person (Ctrl-C) or the system (SIGTERM) wants an import to end, whoever handles the signal meanwhile.

While a run goes on, Dagster handles the signals and a database may turn them into errors of its own, so that the error
alone does not tell.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_ENDING = (signal.SIGTERM, signal.SIGINT)  # the last one is what comes most often: all else is restored before it


class Interrupts:
    """Signals to end that come while a block runs.

    Attributes:
        came: Whether one came; known once the block has ended.
    """

    def __init__(self) -> None:
        self.came = False
        self._is_held = False
        self._waits = False

    @contextmanager
    def noticed(self) -> Iterator[None]:
        """Take note of signals to end while the block runs; SIGTERM does what Ctrl-C does.

        What this process was started to ignore, as in the background of a script, it goes on to ignore.
        """
        received, sent = socket.socketpair()
        with received, sent:
            received.setblocking(False)
            sent.setblocking(False)
            handlers = {one: signal.getsignal(one) for one in _ENDING}
            heard = {one: handler for one, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
            descriptor = -1
            try:
                descriptor = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
                for one in heard:
                    signal.signal(one, self._handle)
                yield
            finally:
                self._is_held = True  # until all is as it was: it would break off here
                with suppress(BlockingIOError):
                    self.came = not {*_ENDING}.isdisjoint(received.recv(1 << 16))
                signal.set_wakeup_fd(descriptor)
                for one, handler in heard.items():
                    signal.signal(one, handler)
                self.came |= self._waits

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let a signal to end wait until the block, within one in which they are noticed, has ended.

        Python interrupts whatever the main thread is at; where that is an import while another thread imports, too, a
        lock of the imports may stay held for ever.

        Raises:
            KeyboardInterrupt: One came.
        """
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        if self._waits:
            raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: Any) -> None:
        """The one handler while signals are noticed: while it was exchanged for another, one could be lost."""
        if not self._is_held:
            raise KeyboardInterrupt
        self._waits = True
