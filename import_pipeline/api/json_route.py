"""Calls whose JSON is parsed once, and in a thread where it is long, so that other calls are answered meanwhile."""

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from functools import lru_cache
from typing import Any

from anyio import to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute

from import_pipeline.api.bodies import check_beside_rows
from import_pipeline.api.refusals import RefusedError
from import_pipeline.run_config.json_text import may_hold_halves, refuse_halves

AT_ONCE_BYTES = 65_536
"""So much is looked at without a thread: a turn of one takes as long, and longer while others are at work."""


class JsonRoute(APIRoute):
    """A call of the API; every router of it makes its calls of this class."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework, given a request whose JSON is parsed already."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handler(request: Request) -> Response:
            parsed = _ParsedRequest(request.scope, request.receive)
            if takes_body:
                await parsed.parse()
            return await handle(parsed)

        return handler


def read_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8; other encodings, which JSON allows, are not taken.

    Raises:
        ValueError: It is none.
        RefusedError: It holds too much, or half of a character.
    """
    value = json.loads(body.decode("utf-8-sig"))
    check_beside_rows(value)
    if may_hold_halves(body):
        try:
            refuse_halves(value)
        except ValueError as error:
            raise RefusedError(422, "invalid_request", f"The body cannot be taken: {error}.") from error
    return value


class _ParsedRequest(Request):
    """Gives the framework what was parsed, or the error of it, when it asks for the JSON."""

    _parsed: Any = None
    _failed: ValueError | None = None

    async def parse(self) -> None:
        body = await self.body()
        if not body or not is_json(self.headers.get("content-type", "")):
            return
        try:
            is_short = len(body) <= AT_ONCE_BYTES
            self._parsed = read_json(body) if is_short else await to_thread.run_sync(read_json, body)
        except ValueError as error:
            self._failed = error

    async def json(self) -> Any:
        if self._failed is not None:
            raise self._failed
        return self._parsed


@lru_cache(256)
def is_json(content_type: str) -> bool:
    """Whether the framework takes a body of this type for JSON."""
    message = Message()
    message["content-type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
