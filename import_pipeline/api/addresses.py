"""The address under which callers reach this server, which is what links to it begin with, and from which they call.

What a caller writes into a request is no source for it, or a link with a right in it could be made to lead anywhere.
"""

import ipaddress
import re

from fastapi import Request

from import_pipeline.settings import Settings

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def own_address(request: Request, settings: Settings) -> str:
    """Where callers reach this server, without a slash at the end.

    It is the setting `public_url`; else what a trusted proxy says that it was asked for; else the address that is
    listened on.
    """
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    if request.client is not None and _is_trusted(request.client.host, settings):
        headers = request.headers
        host = _last(headers.get("x-forwarded-host") or headers.get("host", ""))
        scheme = _last(headers.get("x-forwarded-proto", "http"))
        if scheme in ("http", "https") and _HOST.fullmatch(host):
            return f"{scheme}://{host}"
    host, port = request.scope["server"]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def caller_address(request: Request, settings: Settings) -> str:
    """From where a call comes, for counting: as a trusted proxy says, else who is connected."""
    connected = "" if request.client is None else request.client.host
    forwarded = _last(request.headers.get("x-forwarded-for", ""))
    return forwarded if forwarded and _is_trusted(connected, settings) else connected


def _is_trusted(host: str, settings: Settings) -> bool:
    if not settings.trusted_proxies:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in settings.trusted_proxies)


def _last(values: str) -> str:
    """Of several, the one that the nearest proxy added."""
    return values.rpartition(",")[2].strip()
