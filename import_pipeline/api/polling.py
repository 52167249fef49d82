"""Reading for those who poll: a few threads of their own, so that many polls neither wait for long calls nor crowd."""

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

Result = TypeVar("Result")

_THREADS = 4
"""More of them would only take turns at the interpreter."""


async def read_quickly(request: Request, work: Callable[..., Result], *arguments: Any) -> Result:
    """Read something that takes about a millisecond, in a thread.

    Args:
        request: The call.
        work: What reads.
        *arguments: Of it.
    """
    return await to_thread.run_sync(work, *arguments, limiter=request.app.state.pollers)


def threads_of_pollers() -> CapacityLimiter:
    """The threads of one application."""
    return CapacityLimiter(_THREADS)
