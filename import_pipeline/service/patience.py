"""Trying again what failed only because the bucket or the registry did not answer, with longer and longer pauses."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from import_pipeline.errors import BucketError, RegistryError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0


def patiently(work: Callable[[], Result], seconds: float) -> Result:
    """Do some work, and again while what it needs does not answer.

    Args:
        work: May be done any number of times.
        seconds: No attempt begins later than this after the first one.

    Raises:
        BucketError: The bucket still did not answer, or it refuses, which no patience changes.
        RegistryError: The registry still did not answer.
    """
    until = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return work()
        except (BucketError, RegistryError) as error:
            if not error.transient or time.monotonic() + pause > until:
                raise
            log.warning("Tried again in %g seconds: %s", pause, error.message)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
