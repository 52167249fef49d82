"""What stands before every call: bodies are limited while they come, and answers tell browsers to be careful."""

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from import_pipeline.api.refusals import Refusal, answer_of
from import_pipeline.settings import Settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_DOCUMENTATION = "/docs"
_POLICY_OF_DOCUMENTATION = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
"""Swagger's page brings scripts of its own, from this server alone."""


class BodyLimit:
    """Refuses bodies that are larger than the settings allow, counted as they come.

    A file has the limit of files: what is PUT to an upload URL (which counts by itself) or sent as multipart.

    Args:
        app: What comes next.
        settings: The limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 as soon as a body is too large; else pass the call on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in (b"content-type", b"content-length")}
        is_file = scope["path"].startswith("/uploads/") or headers.get(b"content-type", b"").startswith(b"multipart/")
        limit = self._settings.max_file_bytes if is_file else self._settings.max_body_bytes
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(scope, receive, send, limit)
            return
        received, begun = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if begun:
                raise
            await _refuse(scope, receive, send, limit)


class SecurityHeaders:
    """Adds to every answer what keeps browsers from reading more into it.

    Args:
        app: What comes next.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, with headers added to its answer."""
        names: dict[str, Any] = dict(_HEADERS)
        if scope.get("path", "").startswith(_DOCUMENTATION):
            names["Content-Security-Policy"] = _POLICY_OF_DOCUMENTATION

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in names.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class _TooLargeError(BaseException):
    """Leaves the application untouched by its handlers of errors, wherever it reads the body."""


async def _refuse(scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    message = f"The body is larger than {limit} bytes. Upload the file by a signed URL, or split it."
    await answer_of(scope["path"], Refusal(413, "too_large", message, {"limit": limit}))(scope, receive, send)
