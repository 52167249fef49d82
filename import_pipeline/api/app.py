"""`create_app`: the application, put together from its routers, its error answers and what they share."""

from fastapi import FastAPI

from import_pipeline.api.rate_limits import RateLimits
from import_pipeline.api.refusals import add_error_handlers
from import_pipeline.api.routers import ROUTERS
from import_pipeline.imports import ImportService
from import_pipeline.stores.tokens import Tokens

_DESCRIPTION = """
Bulk imports of contacts, companies, sources and groups: every row of every file ends with exactly one known outcome.

Every call needs `Authorization: Bearer TOKEN`; a token speaks for one organization. Signed URLs need none.
"""


def create_app(service: ImportService) -> FastAPI:
    """Make the application over a service.

    Routers find what they share in `app.state`: `service`, `tokens`, `creates` (the rate limit of new imports).
    """
    app = FastAPI(title="Import pipeline", version="1", description=_DESCRIPTION.strip())
    app.state.service = service
    app.state.tokens = Tokens(service.registry.database)
    app.state.creates = RateLimits(service.settings.creates_per_minute)
    add_error_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
