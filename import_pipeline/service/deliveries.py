"""Telling webhooks what became of imports: signed, to public addresses only, again and again until somebody listens.

The address that is called is the one that was checked (`public_addresses`): the name is resolved once, and the
connection goes to that address, so that a name cannot lead elsewhere a moment later. A call has a deadline as a whole:
a receiver that drips its answer keeps nobody waiting for longer. The signature is ours, not that of standardwebhooks:
its headers and its form are published, and receivers check them.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from import_pipeline.errors import NotFoundError
from import_pipeline.logs import about
from import_pipeline.service.public_addresses import Address, is_public
from import_pipeline.service.showing import import_object
from import_pipeline.stores import imports, webhooks
from import_pipeline.stores.webhooks import Delivery

if TYPE_CHECKING:
    from import_pipeline.home import Home

log = logging.getLogger(__name__)

PAUSES = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
"""Seconds after each failed attempt; after the last one it is given up."""
CALL_SECONDS = 10.0
"""So long a call may take in all: resolving the name, connecting, sending, and the answer's first line and headers."""
_AT_ONCE = 8


class _RefusedAddressError(Exception):
    """The address may not be called."""


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The header by which a receiver knows that it was us: `t=<epoch seconds>,v1=<HMAC-SHA256 of 't.body'>`."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def deliver_due(
    home: "Home",
    secret_of: Callable[[str], str],
    call_seconds: float = CALL_SECONDS,
) -> int:
    """Tell what is due.

    Args:
        home: The home.
        secret_of: The secret of a webhook, by its id.
        call_seconds: How long one call may take.

    Returns:
        How many deliveries were tried.
    """
    due = webhooks.take_due(home.registry, _AT_ONCE)
    if not due:
        return 0

    def deliver(delivery: Delivery) -> None:
        with about(imports=[delivery.import_id]):
            _deliver(home, delivery, secret_of(delivery.webhook_id), call_seconds)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(deliver, due))
    return len(due)


def _deliver(home: "Home", delivery: Delivery, secret: str, seconds: float) -> None:
    import httpx

    try:
        record = imports.get(home.registry, delivery.import_id)
    except NotFoundError:
        webhooks.not_delivered(home.registry, delivery.number, "The import is gone.", None)
        return
    shown = import_object(record)
    del shown["details"]
    message = {
        "id": f"evt_{delivery.number}",
        "type": f"import.{delivery.event}",
        "created_at": delivery.created_at,
        "data": shown,
    }
    private, body = home.settings.webhooks_to_private_addresses, json.dumps(message).encode()
    until = time.monotonic() + seconds
    try:
        address = _checked_address(urlsplit(delivery.url), private, seconds)
        call = _post(delivery, address, body, secret, seconds)
        status = asyncio.run(_in_time(call, until - time.monotonic()))
        error = None if 200 <= status < 300 else f"It answered {status}."
    except TimeoutError:  # before OSError, which it is one of
        error = f"It had not answered after {seconds:g} seconds."
    except (httpx.HTTPError, httpx.InvalidURL, OSError, _RefusedAddressError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    if error is None:
        webhooks.delivered(home.registry, delivery.number)
        return
    again = PAUSES[delivery.attempts] if delivery.attempts < len(PAUSES) else None
    log.warning("Webhook %s did not hear of import %s: %s", delivery.webhook_id, delivery.import_id, error)
    webhooks.not_delivered(home.registry, delivery.number, error, again)


async def _in_time(call: Coroutine[Any, Any, int], seconds: float) -> int:
    return await asyncio.wait_for(call, seconds)


async def _post(delivery: Delivery, address: Address, body: bytes, secret: str, seconds: float) -> int:
    """Post to the address that was checked, under the name that was asked for; redirections are not followed.

    Returns:
        The HTTP status.
    """
    import httpx

    parts = urlsplit(delivery.url)
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
    async with (
        httpx.AsyncClient(timeout=seconds, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": parts.hostname}
        ) as answer,
    ):
        return answer.status_code


def _checked_address(parts: SplitResult, private: bool, seconds: float) -> Address:
    """The address that a name leads to.

    Raises:
        _RefusedAddressError: One of its addresses may not be called.
        OSError: It leads nowhere, or not in time.
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found: Future[list[str]] = Future()

    def resolve() -> None:
        try:
            known = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
            found.set_result([str(one[4][0]).partition("%")[0] for one in known])
        except Exception as error:  # it is raised where the result is asked for
            found.set_exception(error)

    threading.Thread(target=resolve, daemon=True).start()  # left behind where it takes too long: it cannot be ended
    addresses = [ipaddress.ip_address(one) for one in found.result(seconds)]
    if not private and (parts.scheme != "https" or not all(is_public(address) for address in addresses)):
        raise _RefusedAddressError("its name leads to an address that is not public")
    return addresses[0]
