"""Trying again what failed only because the bucket, the registry or the record store was not to be had, with pauses."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from import_pipeline.errors import BucketError, RegistryError, StoreBusyError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0


def with_retries(work: Callable[[], Result], seconds: float) -> Result:
    """Do some work, and again while what it needs does not answer.

    Args:
        work: May be done any number of times.
        seconds: No attempt begins later than this after the first one failed, which may itself have waited for long.

    Raises:
        BucketError: The bucket still did not answer, or it refuses, which no patience changes.
        RegistryError: The registry still did not answer.
        StoreBusyError: The record store is still in use.
    """
    until: float | None = None
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return work()
        except (BucketError, RegistryError, StoreBusyError) as error:
            until = until or time.monotonic() + seconds
            if not error.transient or time.monotonic() + pause > until:
                raise
            log.warning("Tried again in %g seconds: %s", pause, error.message)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
