"""Every call is counted, with how long its answer took, whatever became of it: for this process's part of /metrics."""

import time
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Counts(Protocol):
    """Who counts."""

    def count_call(self, method: str, status: int, seconds: float) -> None:
        """Count one call."""
        ...


class CountedCalls:
    """Counts what passes.

    Args:
        app: What comes next.
        metrics: Who counts.
    """

    def __init__(self, app: ASGIApp, metrics: Counts) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on; its answer has begun when it counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.count_call(scope["method"], message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted)
