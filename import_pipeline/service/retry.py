"""Trying again what failed only because the bucket, the registry or the record store was not to be had, with pauses.

tenacity does the trying, and is loaded when something failed; which errors pass, and that the time counts from the
first failure (the first attempt may have waited for long itself), is ours.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from import_pipeline.errors import BucketError, ImportPipelineError, RegistryError, StoreError, WorkspaceBusyError

if TYPE_CHECKING:
    from tenacity import RetryCallState

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
_PASSING = (BucketError, RegistryError, StoreError, WorkspaceBusyError)


def with_retries(work: Callable[[], Result], seconds: float) -> Result:
    """Do some work, and again while what it needs does not answer.

    Args:
        work: May be done any number of times.
        seconds: No attempt begins later than this after the first one failed, which may itself have waited for long.

    Raises:
        BucketError: The bucket still did not answer, or it refuses, which no patience changes.
        RegistryError: The registry still did not answer.
        StoreError: The record store is still in use or away, or cannot be used, which no patience changes.
        WorkspaceBusyError: Somebody still looks into the workspace.
    """
    try:
        return work()
    except _PASSING as error:
        if not error.transient:
            raise
        failed: list[ImportPipelineError] = [error]
    from tenacity import Retrying, retry_if_exception, stop_before_delay, wait_exponential

    def attempt() -> Result:
        if failed:  # the first one, from which on time counts
            raise failed.pop()
        return work()

    def tell(state: "RetryCallState") -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        log.warning("Tried again in %g seconds: %s", state.upcoming_sleep, getattr(error, "message", error))

    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, _PASSING) and error.transient),
        wait=wait_exponential(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS),
        stop=stop_before_delay(seconds),
        before_sleep=tell,
        reraise=True,
    )
    return attempts(attempt)
