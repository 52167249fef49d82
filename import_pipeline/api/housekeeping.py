"""What a server does between calls: it looks after imports that were left behind, and tells webhooks of imports."""

import logging
import threading
import time
from collections.abc import Callable

from import_pipeline.api.signing import Signer
from import_pipeline.api.webhooks import secret_of
from import_pipeline.errors import ImportPipelineError
from import_pipeline.home import Home
from import_pipeline.service import metrics
from import_pipeline.service.deliveries import deliver_due
from import_pipeline.service.reconciling import reconcile

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 2.0
_LOOK_EVERY_SECONDS = 5.0


class Housekeeper:
    """Threads that look after a home while a server serves it; webhooks have one of their own, for they may be slow.

    Args:
        home: The home.
        signer: Knows the secrets of webhooks.
    """

    def __init__(self, home: Home, signer: Signer) -> None:
        self._home = home
        self._signer = signer
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(what,), name=what.__name__, daemon=True)
            for what in (self._settle, self._deliver)
        ]
        self._looked = 0.0

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after what they are doing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(15)

    def _work(self, what: Callable[[], None]) -> None:
        while not self._stop.wait(_PAUSE_SECONDS):
            try:
                what()
            except ImportPipelineError as error:  # a registry or bucket that does not answer may do so again
                log.warning("Housekeeping is put off: %s", error.message)
            except Exception:  # whatever it is, the thread must live: it is in the log, and tried again
                log.exception("Housekeeping failed")

    def _settle(self) -> None:
        if time.monotonic() - self._looked >= _LOOK_EVERY_SECONDS:
            self._looked = time.monotonic()
            reconcile(self._home)
            metrics.add_lock_waits(self._home)

    def _deliver(self) -> None:
        while not self._stop.is_set() and deliver_due(self._home, self._secret_of):
            pass

    def _secret_of(self, webhook_id: str) -> str:
        return secret_of(self._signer, webhook_id)
