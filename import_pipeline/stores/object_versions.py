"""Versions of objects that have another name since the bucket is a copy: in imports, and in the claims to them.

Only SQL belongs here; how a claim is named, the caller says.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from import_pipeline.stores.claims import key_hash
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import claims, imports, insert_new


@dataclass(frozen=True, slots=True)
class RenamedVersion:
    """One version of an object: how it was named and claimed, and how it is now."""

    key: str
    before: str
    now: str
    claimed_before: str
    claimed_now: str


def rename(registry: Registry, versions: Iterable[RenamedVersion]) -> None:
    """Have imports name their versions anew, and claims hold under both names."""
    versions = list(versions)

    def work(connection: Connection) -> None:
        for one in versions:
            of_version = (imports.c.object_key == one.key, imports.c.object_version == one.before)
            connection.execute(update(imports).where(*of_version).values(object_version=one.now))
            of_claim = (claims.c.kind == "object", claims.c.key_hash == key_hash(one.claimed_before))
            found = connection.execute(select(claims.c.import_id, claims.c.claimed_at).where(*of_claim)).first()
            if found is not None:
                held = {"import_id": found.import_id, "claimed_at": found.claimed_at, "kind": "object"}
                named = {"key": one.claimed_now, "key_hash": key_hash(one.claimed_now)}
                connection.execute(insert_new(connection, claims).values(held | named))

    registry.write(work)
