"""Idempotency keys: a request that is sent twice under one key makes one import, whatever broke in between.

Only the import is kept with a key, never an answer, because answers hold signed URLs.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import idempotency_keys as keys
from import_pipeline.stores.tables import insert_new

KEPT_SECONDS = 86_400
UNFINISHED_SECONDS = 600
"""After so long, a request that neither succeeded nor failed is taken for dead, and its key is free again."""


@dataclass(frozen=True)
class Reserved:
    """What a key stands for.

    Attributes:
        is_new: Nobody had used it: the caller does the work, then says `settle` or `release`.
        same_request: It was used for the very same request.
        import_id: The import that the request made, or what else names what it did; None while it is at work.
    """

    is_new: bool
    same_request: bool = True
    import_id: str | None = None


def reserve(registry: Registry, organization: str, key: str, request: bytes) -> Reserved:
    """Take a key for a request, or learn what it stands for.

    Args:
        registry: The registry.
        organization: Whose key it is.
        key: What the caller sent.
        request: All that makes the request what it is.
    """
    now = registry.now()
    row = {
        "organization": organization,
        "key_hash": _hash(key.encode("utf-8", "surrogatepass")),
        "request_hash": _hash(request),
        "import_id": None,
        "created_at": now,
    }
    this = (keys.c.organization == organization, keys.c.key_hash == row["key_hash"])

    def work(connection: Connection) -> Reserved:
        dead = keys.c.import_id.is_(None) & (keys.c.created_at < now - UNFINISHED_SECONDS)
        connection.execute(delete(keys).where((keys.c.created_at < now - KEPT_SECONDS) | dead))
        statement = insert_new(connection, keys).execution_options(preserve_rowcount=True)
        if connection.execute(statement, row).rowcount:
            return Reserved(is_new=True)
        found = connection.execute(select(keys.c.request_hash, keys.c.import_id).where(*this)).one()
        return Reserved(False, bytes(found.request_hash) == row["request_hash"], found.import_id)

    return registry.write(work, repeatable=False)


def settle(registry: Registry, organization: str, key: str, import_id: str) -> None:
    """Note which import the request of a key made."""
    statement = update(keys).where(*_of(organization, key)).values(import_id=import_id)
    registry.write(lambda connection: connection.execute(statement))


def release(registry: Registry, organization: str, key: str) -> None:
    """Free a key whose request failed: it may be mended and sent again."""
    statement = delete(keys).where(*_of(organization, key), keys.c.import_id.is_(None))
    registry.write(lambda connection: connection.execute(statement))


def _of(organization: str, key: str) -> tuple:
    return keys.c.organization == organization, keys.c.key_hash == _hash(key.encode("utf-8", "surrogatepass"))


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
