"""What a caller is told who begins imports too fast; the counting is the registry's affair (`stores.rate_limits`)."""

from import_pipeline.api.refusals import RefusedError
from import_pipeline.home import Home
from import_pipeline.service import tokens


def count_create(home: Home, token_id: str) -> None:
    """Count one more import of a token.

    Raises:
        RefusedError: It would be one too many; the answer says when to try again.
    """
    limit = home.settings.creates_per_minute
    wait = tokens.count_import(home, token_id)
    if wait is not None:
        raise RefusedError(
            429,
            "too_many_requests",
            f"More than {limit} imports within a minute. Try again in {wait} seconds.",
            {"Retry-After": str(wait)},
            limit=limit,
        )
