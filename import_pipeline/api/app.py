"""`create_app`: the application, put together from its routers, its error answers and what they share."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from import_pipeline.api.admission import Admission
from import_pipeline.api.background import Background
from import_pipeline.api.counted_calls import CountedCalls
from import_pipeline.api.examples import add_examples
from import_pipeline.api.guards import SecurityHeaders
from import_pipeline.api.guessing import FailedAttempts
from import_pipeline.api.health import SharedReadiness
from import_pipeline.api.housekeeping import Housekeeper
from import_pipeline.api.known_tokens import KnownTokens
from import_pipeline.api.metrics import Metrics
from import_pipeline.api.polling import threads_of_pollers
from import_pipeline.api.prompt_reads import PromptReads
from import_pipeline.api.refusals import add_error_handlers
from import_pipeline.api.routers import ROUTERS
from import_pipeline.api.signing import Signer
from import_pipeline.api.unexpected import UnexpectedErrors
from import_pipeline.api.workers import Workers
from import_pipeline.home import Home
from import_pipeline.service import imports
from import_pipeline.service.kept_inspections import KeptInspections
from import_pipeline.web import pages

_DESCRIPTION = """
Bulk imports of contacts, companies, sources and groups: every row of every file ends with exactly one known outcome.

Every call needs `Authorization: Bearer TOKEN`; a token speaks for one organization. Signed URLs need none, and
neither does the call that opens a link to the import page, whose session is such a token for some hours.
What belongs to another organization answers 404, as if it did not exist.
"""
_THREADS = 64
"""Calls that are answered at once; up to `workers.MOST_WAITING` of them wait for a worker."""


def create_app(home: Home) -> FastAPI:
    """Make the application over a home.

    Routers find what they share in `app.state`: `home`, `prompt`, `tokens`, `signer`, `failed_attempts`, `workers`,
    `pages`, `pollers`, `readiness` and `metrics`. Worker processes and the housekeeper start with the server.
    """
    app = FastAPIOffline(
        title="Import pipeline",
        version="1",
        description=_DESCRIPTION.strip(),
        lifespan=_lifespan,
        redoc_url=None,
        static_url="/docs/static",
        swagger_ui_parameters={"defaultModelsExpandDepth": 0},
    )
    app.state.home = home
    app.state.prompt = PromptReads(home)
    app.state.tokens = KnownTokens(home, app.state.prompt)
    app.state.signer = Signer.from_settings(home.settings)
    app.state.failed_attempts = FailedAttempts()
    app.state.workers = Workers(home.settings)
    app.state.inspections = KeptInspections()
    app.state.background = Background(home, app.state.workers)
    app.state.pages = pages.Pages(home)
    app.state.pollers = threads_of_pollers()
    app.state.readiness = SharedReadiness(home)
    app.state.metrics = Metrics(home)
    add_error_handlers(app)
    app.add_middleware(Admission, settings=home.settings, routes=app.routes)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(CountedCalls, metrics=app.state.metrics)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(pages.router)
    add_examples(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    app.state.workers.start()
    housekeeper = Housekeeper(app.state.home, app.state.signer)
    housekeeper.start()
    app.state.background.start()
    threading.Thread(target=_warm_up, args=(app.state.home,), daemon=True).start()
    try:
        yield
    finally:
        app.state.workers.end_waiting()
        await to_thread.run_sync(app.state.background.stop)
        await to_thread.run_sync(housekeeper.stop)
        await to_thread.run_sync(app.state.workers.close)


def _warm_up(home: Home) -> None:
    """Load what the first call would else wait for."""
    from import_pipeline import record_types

    for name in record_types.names():
        record_types.get(name)
    imports.count_by_status(home)
