"""What a caller is told who begins imports too fast; the counting is the registry's affair (`stores.rate_limits`)."""

from import_pipeline.api.refusals import RefusedError
from import_pipeline.stores.rate_limits import RateLimits


def count_create(limits: RateLimits, token_id: str) -> None:
    """Count one more import of a token.

    Raises:
        RefusedError: It would be one too many; the answer says when to try again.
    """
    wait = limits.take(token_id)
    if wait is not None:
        raise RefusedError(
            429,
            "too_many_requests",
            f"More than {limits.per_minute} imports within a minute. Try again in {wait} seconds.",
            {"Retry-After": str(wait)},
            limit=limits.per_minute,
        )
