"""The header Idempotency-Key: a call that is repeated under one key, within 24 hours, does its work once."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from import_pipeline.api.callers import Caller, Writer
from import_pipeline.api.refusals import RefusedError
from import_pipeline.home import Home
from import_pipeline.service import idempotency

_KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text of the caller's choice. The same call under the same key, within 24 hours, is answered "
        "with the import that the first one made.",
        examples=["7c1b6f0e-leads-of-may"],
    ),
]


class Once:
    """Does the work of a call once for each key.

    Args:
        home: The home.
        caller: Who calls.
        key: What they sent; without a key the work is always done.
        call: Method and path.
    """

    def __init__(self, home: Home, caller: Caller, key: str | None, call: str) -> None:
        self._home, self._organization, self._key, self._call = home, caller.organization, key, call

    def do(self, body: Any, work: Callable[[], str]) -> str:
        """Do the work, or find what it made before.

        Args:
            body: What the call says, as JSON values.
            work: Makes or changes an import and gives its id; or what else names what was done.

        Returns:
            What `work` gave, now or then.

        Raises:
            RefusedError: The key was used for something else (422), or for the same a moment ago (409).
        """
        if self._key is None:
            return work()
        request = json.dumps([self._call, body], sort_keys=True, default=str).encode()
        reserved = idempotency.reserve(self._home, self._organization, self._key, request)
        if not reserved.same_request:
            message = "This Idempotency-Key was used for another request. Use a new key for a new request."
            raise RefusedError(422, "idempotency_key_reused", message)
        if reserved.import_id is not None:
            return reserved.import_id
        if not reserved.is_new:
            message = "The first request with this Idempotency-Key is still at work. Try again in a moment."
            raise RefusedError(409, "still_at_work", message, {"Retry-After": "1"})
        try:
            import_id = work()
        except BaseException:  # an interruption, too, frees the key
            idempotency.release(self._home, self._organization, self._key)  # unless an import was made
            raise
        self.made(import_id)
        return import_id

    def made(self, import_id: str) -> None:
        """Note that an import was made that goes on by itself: whatever breaks from here on, it is not made again."""
        if self._key is not None:
            idempotency.settle(self._home, self._organization, self._key, import_id)


async def _once(request: Request, caller: Writer, key: _KeyHeader = None) -> Once:
    return Once(request.app.state.home, caller, key, f"{request.method} {request.url.path}")


OnceOnly = Annotated[Once, Depends(_once)]
"""What a call does its work by, where doing it twice would be wrong."""
