"""What stands before every call: who calls is known before their body is read, and no body is larger than its call.

Small bodies are read here and passed on. Large ones are gathered in a file; only some are in memory at once, and
organizations take turns with theirs. A stranger's body is never read.
"""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from import_pipeline.api.bodies import BodyKind, BodyLimits, kind_of
from import_pipeline.api.callers import caller_of, scope_asked_by
from import_pipeline.api.json_route import AT_ONCE_BYTES, is_json
from import_pipeline.api.json_shape import shape_of
from import_pipeline.api.refusals import RETRY_AFTER_SECONDS, Refusal, RefusedError, answer_of, refusal_of
from import_pipeline.api.turns import Turns
from import_pipeline.errors import ImportPipelineError
from import_pipeline.service.tokens import Scope as TokenScope
from import_pipeline.settings import Settings

_IN_MEMORY = 1_000_000
"""Larger bodies are gathered in a file."""
_PIECE = 262_144
_LARGE_WAITING, _LARGE_WAITING_EACH = 64, 16
_LINGER_SECONDS = 10.0
"""So long a refused caller may go on sending, unread, before the connection ends: few look for an answer earlier."""


@dataclass(frozen=True)
class _Call:
    """What is to be known of a call before it is made."""

    path: "re.Pattern[str]"
    methods: frozenset[str]
    kind: BodyKind
    token: TokenScope | None


class Admission:
    """Lets a call pass whose caller is known, where it has to be, and whose body keeps the limits of the call.

    Args:
        app: What comes next.
        settings: The limits.
        routes: All calls; an address that is none of them gets no body.
    """

    def __init__(self, app: ASGIApp, settings: Settings, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._folder = settings.home_path / "incoming"
        self._patience = settings.sync_wait_seconds
        self._limits = {kind: BodyLimits.of(kind, settings) for kind in BodyKind}
        self._calls = [
            _Call(
                route.path_regex,
                frozenset(route.methods or ()),
                kind_of(route.endpoint),
                scope_asked_by(route.dependant),
            )
            for route in iter_route_contexts(routes)
            if isinstance(route.original_route, APIRoute) and route.endpoint is not None
        ]
        # Most of them are imports that are waited for: more in memory than workers would only wait there.
        self._large = Turns(settings.sync_workers, each=1, waiting=_LARGE_WAITING, waiting_each=_LARGE_WAITING_EACH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, 403, 413, 422 or 503; else pass the call on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = self._call_of(scope)
        limits = self._limits[call.kind if call is not None else BodyKind.SMALL]
        request, is_whole = Request(scope), False

        async def noted() -> Message:
            nonlocal is_whole
            message = await receive()
            is_whole = not message.get("more_body", False)
            return message

        try:
            organization = ""
            if call is not None and call.token is not None:
                organization = (await caller_of(request, call.token)).organization
            declared = request.headers.get("content-length", "0")
            if declared.isdigit() and int(declared) > limits.size:
                raise _too_large(limits.size)
            if call is None or call.kind is BodyKind.FILE or not _has_body(request):
                await self._pass_counted(scope, noted, send, limits.size)
            else:
                await self._pass_read(scope, noted, send, limits, organization)
        except _RefusedBodyError as error:
            await _refuse(request, receive, send, refusal_of(error.refusal), is_whole)
        except ImportPipelineError as error:  # the application's own are answered there
            await _refuse(request, receive, send, refusal_of(error), is_whole)

    def _call_of(self, scope: Scope) -> _Call | None:
        method, path = scope["method"], scope["path"]
        return next((call for call in self._calls if method in call.methods and call.path.match(path)), None)

    async def _pass_counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Pass a call on whose body is read in pieces, counted as they come."""
        received, begun = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _RefusedBodyError(_too_large(limit))
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _RefusedBodyError:
            if begun:
                raise RuntimeError("A body was found to be too large after its answer had begun.") from None
            raise

    async def _pass_read(
        self, scope: Scope, receive: Receive, send: Send, limits: BodyLimits, organization: str
    ) -> None:
        """Read and measure a body, then pass the call on with it."""
        async with _Gathered(self._folder) as body:
            if not await _gather(receive, body, limits.size):
                return  # its caller is gone
            if not is_json(Request(scope).headers.get("content-type", "")):
                pass  # nobody makes values of it
            elif body.size <= AT_ONCE_BYTES:
                if not limits.are_surely_kept(body.bytes()):
                    limits.check(shape_of(body.pieces()))
            else:
                limits.check(await to_thread.run_sync(shape_of, body.pieces()))
            if body.path is None:
                await self._app(scope, _again(body.bytes(), receive), send)
                return
            async with self._turn(organization):
                whole = await to_thread.run_sync(body.bytes)
                await self._app(scope, _again(whole, receive), send)

    @contextlib.asynccontextmanager
    async def _turn(self, organization: str) -> AsyncIterator[None]:
        """Wait for a place among the large bodies that are in memory."""
        ticket = self._large.join(organization)
        if ticket is None:
            raise _busy()
        try:
            await _until_done(ticket, self._patience)
            yield
        finally:
            self._large.leave(organization, ticket)


class _Gathered:
    """The bytes of a body: in memory, or in a file once they are many, which goes when the block ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = bytearray()
        self.path: Path | None = None
        self.size = 0

    async def __aenter__(self) -> "_Gathered":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.path is not None:
            await to_thread.run_sync(self._remove)

    async def add(self, piece: bytes) -> None:
        """Keep a piece."""
        self._memory += piece
        self.size += len(piece)
        if len(self._memory) > _IN_MEMORY:
            await self.to_file()

    async def to_file(self) -> None:
        """Write what is in memory."""
        await to_thread.run_sync(self._write)

    def pieces(self) -> Iterable[bytes]:
        """All bytes, some at a time."""
        if self.path is None:
            yield bytes(self._memory)
            return
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def bytes(self) -> bytes:
        """All bytes."""
        return bytes(self._memory) if self.path is None else self.path.read_bytes()

    def _write(self) -> None:
        if self.path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.path = self._folder / secrets.token_hex(16)
        with self.path.open("ab") as file:
            file.write(self._memory)
        self._memory.clear()

    def _remove(self) -> None:
        assert self.path is not None
        self.path.unlink(missing_ok=True)


async def _gather(receive: Receive, body: _Gathered, limit: int) -> bool:
    """Read a body to its end.

    Returns:
        Whether the end came; False where the caller went away.
    """
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        piece = message.get("body", b"")
        if body.size + len(piece) > limit:
            raise _too_large(limit)
        await body.add(piece)
        if not message.get("more_body", False):
            if body.path is not None:
                await body.to_file()
            return True


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read, then what comes after it."""
    messages: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def next_message() -> Message:
        return next(messages, None) or await receive()

    return next_message


async def _until_done(ticket: "Future[Any]", seconds: float) -> None:
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(ticket)), seconds)
    except TimeoutError:
        raise _busy() from None


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


class _RefusedBodyError(BaseException):
    """Leaves the application untouched by its handlers of errors, wherever it reads the body."""

    def __init__(self, refusal: RefusedError) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def _too_large(limit: int) -> RefusedError:
    message = f"The body is larger than {limit} bytes. Upload the file by a signed URL, or split it."
    return RefusedError(413, "too_large", message, limit=limit)


def _busy() -> RefusedError:
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    message = f"Too many large bodies at once. Try again in {RETRY_AFTER_SECONDS} seconds."
    return RefusedError(503, "unavailable", message, retry)


async def _refuse(request: Request, receive: Receive, send: Send, refusal: Refusal, is_whole: bool) -> None:
    """Answer without reading the body. Of a long one that is not whole yet the rest is dropped for a while."""
    answer = answer_of(request.url.path, refusal)
    declared = request.headers.get("content-length", "0")
    is_short = declared.isdigit() and int(declared) <= AT_ONCE_BYTES and "transfer-encoding" not in request.headers
    if is_whole or is_short:
        await answer(request.scope, receive, send)
        return
    answer.headers["Connection"] = "close"

    async def open_ended(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(request.scope, receive, open_ended)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_drop(receive), _LINGER_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drop(receive: Receive) -> None:
    until = time.monotonic() + _LINGER_SECONDS
    while time.monotonic() < until:  # a body that is there all the time never lets the timeout in
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
