"""What stands before Dagster's web server: it answers browsers that were sent to it, and no page of anybody else.

Dagster knows no login and takes mutations from any Host and Origin, by a plain GET and by what a form can send: a page
that somebody opens could launch runs here. Three rules prevent that. The Host is a name of this machine, so that no
foreign name can be led here; an Origin, which browsers add, is the UI's own; and what changes something is a POST with
a content type that makes a browser ask first.
"""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from pydantic import AnyHttpUrl

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_READING = ("GET", "HEAD", "OPTIONS")
_NO_FORM_SENDS = ("application/json", "application/graphql")
_POLICY_VIOLATION = 1008


class UiGuard:
    """Refuses what a page of somebody else could make a browser send.

    Args:
        app: Dagster's web server.
        public_url: Where a reverse proxy serves it, if one does.
    """

    def __init__(self, app: ASGIApp, public_url: "AnyHttpUrl | None" = None) -> None:
        self._app = app
        self._public = None if public_url is None else _origin(str(public_url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or answer it with what is wrong with it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
        else:
            status, message = refusal
            await PlainTextResponse(f"{message}\n", status)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        at_host = _origin(f"{'https' if scope['scheme'] in ('https', 'wss') else 'http'}://{host}")
        names = _THIS_MACHINE if self._public is None else (*_THIS_MACHINE, self._public[1])
        if not host or at_host[1] not in names:
            return 421, (
                f"There is no host {host!r} here. Open the UI as localhost, or set "
                "IMPORT_PIPELINE_DAGSTER_URL to the address of the reverse proxy before it."
            )
        origin = headers.get("origin")
        own = at_host if at_host[1] in _THIS_MACHINE else self._public
        if origin is not None and _origin(origin) not in (own, self._public):
            return 403, f"Pages of {origin} may not call Dagster. Open Dagster's own page."
        if scope["type"] == "websocket":
            return None
        if scope["method"] in _READING:
            asks = scope["path"].rstrip("/").endswith("/graphql") and b"query" in parse_qs(
                scope["query_string"], keep_blank_values=True
            )
            return (405, "A GraphQL query is sent by POST, as JSON.") if asks else None
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in _NO_FORM_SENDS:
            return 415, "Send the body as JSON, with Content-Type: application/json."
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address; the port that its scheme implies where it names none."""
    try:
        parts = urlsplit(url.lower())
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


def _unframed(send: Send) -> Send:
    """No page of somebody else shows the UI inside itself, where a person could be made to click in it."""

    async def with_header(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("X-Frame-Options", "SAMEORIGIN")
        await send(message)

    return with_header
