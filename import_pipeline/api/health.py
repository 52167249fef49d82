"""Health of a server, for those who start and route to it: no login, and nothing but names.

`/health/live` says that the process answers; a server that does not is started anew. `/health/ready` says whether it
could do its work; one that could not gets no calls for a while. Who asks often is told what was found a moment ago.
"""

import asyncio
import time
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from import_pipeline.api.bodies import takes_little
from import_pipeline.home import Home
from import_pipeline.service.health import Part, Readiness

router = APIRouter(prefix="/health", include_in_schema=False)

REMEMBERED_SECONDS = 1.0


class SharedReadiness:
    """What is not ready, found once for all who ask within a moment.

    Args:
        home: The home.
    """

    def __init__(self, home: Home) -> None:
        self._readiness = Readiness(home)
        self._found: tuple[float, list[Part]] | None = None
        self._asking = asyncio.Lock()
        self._thread = CapacityLimiter(1)  # of its own: calls that take long keep nobody from asking

    async def unready(self) -> list[Part]:
        """What is not ready, by name."""
        async with self._asking:
            if self._found is None or time.monotonic() - self._found[0] >= REMEMBERED_SECONDS:
                unready = await to_thread.run_sync(self._readiness.unready, limiter=self._thread)
                self._found = time.monotonic(), unready
            return self._found[1]


@router.get("/live")
@takes_little
async def live() -> dict[str, Any]:
    """Say that the process answers; nothing else is asked."""
    return {"status": "live"}


@router.get("/ready")
@takes_little
async def ready(request: Request) -> JSONResponse:
    """Say whether registry, bucket and record stores answer: 200, or 503 with the names of those that do not."""
    unready = await request.app.state.readiness.unready()
    if unready:
        return JSONResponse({"status": "not_ready", "not_ready": unready}, 503)
    return JSONResponse({"status": "ready"})
