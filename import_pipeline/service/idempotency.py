"""Idempotency keys: a request that is sent twice under one key makes one import, whatever broke in between."""

from typing import TYPE_CHECKING

from import_pipeline.stores import idempotency
from import_pipeline.stores.idempotency import Reserved

if TYPE_CHECKING:
    from import_pipeline.home import Home


def reserve(home: "Home", organization: str, key: str, request: bytes) -> Reserved:
    """Take a key for a request, or learn what it stands for; see `stores.idempotency.reserve`."""
    return idempotency.reserve(home.registry, organization, key, request)


def settle(home: "Home", organization: str, key: str, import_id: str) -> None:
    """Note which import the request of a key made."""
    idempotency.settle(home.registry, organization, key, import_id)


def release(home: "Home", organization: str, key: str) -> None:
    """Free a key whose request failed: it may be mended and sent again."""
    idempotency.release(home.registry, organization, key)
