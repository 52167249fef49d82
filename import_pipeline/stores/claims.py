"""Claims: the promise to the automatic ways in that one object version, or the same bytes, is imported once.

An object claim is for ever. A content claim passes on when its holder ended without an import, and stays where
its holder is unknown: a finished import that was cleared away still counts. Only SQL of the table `claims` belongs
here.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

from sqlalchemy import Connection, bindparam, select

from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import claims, imports, in_chunks, insert_new
from import_pipeline.words import Status

ClaimKind = Literal["object", "content"]

ENDED_WITHOUT_IMPORT = (Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.TIMED_OUT)


def key_hash(key: str) -> bytes:
    """The fixed-length form by which a key is looked up, however long it is.

    >>> len(key_hash("uploads/default/contact/a.csv"))
    32
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def content_key(organization: str, record_type: str, checksum: str) -> str:
    """The key of a content claim: the same bytes count as the same for one record type of one organization."""
    return f"{organization}/{record_type}/{checksum}"


def claim(registry: Registry, kind: ClaimKind, key: str, import_id: str) -> str:
    """Claim an object version or a content for an import.

    Returns:
        The import that holds the claim: its own id if it won.
    """
    return claim_many(registry, kind, {key: import_id})[key]


def claim_many(registry: Registry, kind: ClaimKind, wanted: Mapping[str, str]) -> dict[str, str]:
    """Claim many keys (key → import that wants it) in one transaction.

    Returns:
        Key → the import that holds it now.
    """
    found = registry.read(lambda connection: read_holders(connection, kind, wanted))
    held = {key: holder for key, (holder, stands) in found.items() if stands}
    rest = {key: import_id for key, import_id in wanted.items() if key not in held}
    if rest:  # what stands already needs no turn among the writers
        held |= registry.write(lambda connection: write_claims(connection, kind, rest, registry.now()))
    return {key: held[key] for key in wanted}


def holders(registry: Registry, kind: ClaimKind, keys: Iterable[str]) -> dict[str, str]:
    """Read which imports hold claims that stand, without claiming; keys that nobody holds are left out."""
    wanted = list(keys)
    found = registry.read(lambda connection: read_holders(connection, kind, wanted))
    return {key: holder for key, (holder, stands) in found.items() if stands}


def read_holders(connection: Connection, kind: ClaimKind, keys: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Read who holds keys.

    Returns:
        Key → the import that holds it, and whether the claim stands (False: the next to claim takes it over).
        Keys that nobody holds are left out.
    """
    _check(kind)
    by_hash = {key_hash(key): key for key in keys}
    found: dict[str, tuple[str, bool]] = {}
    for hashes in in_chunks(list(by_hash)):
        statement = (
            select(claims.c.key_hash, claims.c.import_id, imports.c.status)
            .outerjoin(imports, imports.c.id == claims.c.import_id)
            .where(claims.c.kind == kind, claims.c.key_hash.in_(hashes))
        )
        for digest, import_id, status in connection.execute(statement):
            stands = kind == "object" or status not in ENDED_WITHOUT_IMPORT
            found[by_hash[bytes(digest)]] = (import_id, stands)
    return found


def write_claims(connection: Connection, kind: ClaimKind, wanted: Mapping[str, str], now: int) -> dict[str, str]:
    """Claim keys for imports, each where nobody's claim stands.

    Args:
        connection: In a transaction for writing.
        kind: Whether the keys mean object versions or contents.
        wanted: Key → the import that wants it.
        now: Epoch seconds.

    Returns:
        Key → the import that holds it now.
    """
    found = read_holders(connection, kind, wanted)
    # In one order in every process, so that two of them never wait for each other.
    missing = sorted((key_hash(key), key) for key in wanted if key not in found)
    if missing:
        connection.execute(
            insert_new(connection, claims),
            [
                {"kind": kind, "key_hash": digest, "key": _readable(key), "import_id": wanted[key], "claimed_at": now}
                for digest, key in missing
            ],
        )
    lapsed = sorted(
        (key_hash(key), key, former) for key, (former, stands) in found.items() if not stands and former != wanted[key]
    )
    if lapsed:
        connection.execute(
            claims.update().where(
                claims.c.kind == bindparam("of_kind"),
                claims.c.key_hash == bindparam("of_hash"),
                claims.c.import_id == bindparam("former"),
            ),
            [
                {"of_kind": kind, "of_hash": digest, "former": former, "import_id": wanted[key], "claimed_at": now}
                for digest, key, former in lapsed
            ],
        )
    if missing or lapsed:
        found = read_holders(connection, kind, wanted)
    return {key: found[key][0] for key in wanted}


def _readable(key: str) -> str:
    """The key as text that every database takes: for people only, the hash decides."""
    return key.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _check(kind: str) -> None:
    if kind not in ("object", "content"):
        raise ValueError(f"{kind!r} is no kind of claim: use 'object' or 'content'.")
