"""Telling webhooks what became of imports: signed, to public addresses only, again and again until somebody listens.

The address that is called is the one that was checked: the name is resolved once, and the connection goes to that
address, so that a name cannot lead elsewhere a moment later.
"""

import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.service.showing import import_object
from import_pipeline.stores.webhooks import Delivery, Webhooks

if TYPE_CHECKING:
    from import_pipeline.imports import ImportService

log = logging.getLogger(__name__)

PAUSES = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
"""Seconds after each failed attempt; after the last one it is given up."""
_SECONDS = 10.0
_AT_ONCE = 8

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LEADS_TO_IPV4 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


class _RefusedAddressError(Exception):
    """The address may not be called."""


def check_url(url: str, private: bool) -> str:
    """Return the URL of a webhook unchanged if it may be one.

    Args:
        url: The URL.
        private: Whether private addresses, and http, are allowed.

    Raises:
        MisuseError: It is no URL of that kind, holds a password, or names a private address.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise MisuseError(f"{url!r} is no URL.", url=url) from None
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise MisuseError(f"{url!r} cannot be a webhook: give an https URL with a host.", url=url)
    if parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise MisuseError("The URL of a webhook holds no user, password, fragment, or letters beyond ASCII.")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return url
    if not (private or is_public(address)):
        raise MisuseError(f"{url!r} cannot be a webhook: its address is not public.", url=url)
    return url


def is_public(address: _Address) -> bool:
    """Whether an address lies in the open internet, also if it only stands for another address.

    >>> is_public(ipaddress.ip_address("93.184.216.34")), is_public(ipaddress.ip_address("169.254.169.254"))
    (True, False)
    """
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return is_public(mapped)
    if any(address in network for network in _LEADS_TO_IPV4 if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The header by which a receiver knows that it was us: `t=<epoch seconds>,v1=<HMAC-SHA256 of 't.body'>`."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def deliver_due(
    service: "ImportService", secret_of: Callable[[str], str], clock: Callable[[], float] = time.time
) -> int:
    """Tell what is due.

    Args:
        service: The service.
        secret_of: The secret of a webhook, by its id.
        clock: Gives seconds since the epoch.

    Returns:
        How many deliveries were tried.
    """
    hooks = Webhooks(service.registry.database, clock)
    due = hooks.take_due(_AT_ONCE)
    if not due:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(lambda delivery: _deliver(service, hooks, delivery, secret_of(delivery.webhook_id)), due))
    return len(due)


def _deliver(service: "ImportService", hooks: Webhooks, delivery: Delivery, secret: str) -> None:
    import httpx

    try:
        record = service.registry.get(delivery.import_id)
    except NotFoundError:
        hooks.not_heard(delivery.number, "The import is gone.", None)
        return
    shown = import_object(record)
    del shown["details"]
    message = {
        "id": f"evt_{delivery.number}",
        "type": f"import.{delivery.event}",
        "created_at": delivery.created_at,
        "data": shown,
    }
    try:
        status = _post(delivery, json.dumps(message).encode(), secret, service.settings.webhooks_to_private_addresses)
        error = None if 200 <= status < 300 else f"It answered {status}."
    except (httpx.HTTPError, httpx.InvalidURL, OSError, _RefusedAddressError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    if error is None:
        hooks.heard(delivery.number)
        return
    again = PAUSES[delivery.attempts] if delivery.attempts < len(PAUSES) else None
    log.warning("Webhook %s did not hear of import %s: %s", delivery.webhook_id, delivery.import_id, error)
    hooks.not_heard(delivery.number, error, again)


def _post(delivery: Delivery, body: bytes, secret: str, private: bool) -> int:
    """Post to the address that was checked, under the name that was asked for; redirections are not followed.

    Returns:
        The HTTP status.
    """
    import httpx

    parts = urlsplit(delivery.url)
    address = _checked_address(parts, private)
    host = f"[{address}]" if address.version == 6 else str(address)
    pinned = parts._replace(netloc=host if parts.port is None else f"{host}:{parts.port}").geturl()
    now = int(time.time())
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "import-pipeline",
        "X-Import-Event": f"import.{delivery.event}",
        "X-Import-Delivery": f"evt_{delivery.number}",
        "X-Import-Signature": signature(secret, now, body),
    }
    with (
        httpx.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": parts.hostname}
        ) as answer,
    ):
        return answer.status_code


def _checked_address(parts: SplitResult, private: bool) -> _Address:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not private and (parts.scheme != "https" or not all(is_public(address) for address in addresses)):
        raise _RefusedAddressError("its name leads to an address that is not public")
    return addresses[0]
