"""What every answer says besides: browsers are told to be careful with it."""

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
                if "content-security-policy" in headers:  # a page says itself who may frame it
                    names.pop("X-Frame-Options", None)
                for name, value in names.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
