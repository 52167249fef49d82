"""Links: each opens the page once, for one organization, or for one of its imports alone, which may begin by that.

A link is `<id>.<secret>`: the id may be seen by anybody, the secret is random and only its SHA-256 is kept. What comes
of one, a session, is the affair of `stores.sessions`.
"""

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from import_pipeline.errors import LinkRefusedError
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import in_chunks, links, tokens
from import_pipeline.stores.tokens import Scope, digest_of

KEPT_SECONDS = 30 * 86_400
"""So long after their end links and sessions are still listed, and told from those that never were."""
_LINK = re.compile(r"(lnk_[0-9a-f]{16})\.([A-Za-z0-9_-]{43})")
_ID = re.compile(r"lnk_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRecord:
    """A link as it is listed, without its secret; times are epoch seconds.

    Attributes:
        import_id: The only import that it opens, or that began when it was opened; None for all of the organization,
            or where one begins yet.
        origin: The only site whose pages may embed what it opens; None if none may.
        used_at: When it was opened.
        brand: How the page looks for it; lists leave it out.
        preset: The spec, as JSON values, of the import that begins when it is opened; None where none does.
    """

    id: str
    organization: str
    scope: Scope
    import_id: str | None
    origin: str | None
    name: str | None
    created_by: str | None
    created_at: int
    expires_at: int
    used_at: int | None = None
    brand: Mapping[str, Any] | None = None
    preset: Mapping[str, Any] | None = None

    @property
    def resource(self) -> str | None:
        """The record type of the import that begins when it is opened; None where none does."""
        return None if self.preset is None else self.preset["record_type"]


_ALL = [links.c[name] for name in LinkRecord.__dataclass_fields__]
_LISTED = [column for column in _ALL if column is not links.c.brand]


def new_id() -> str:
    """An id that no link has."""
    return f"lnk_{secrets.token_hex(8)}"


def create(registry: Registry, record: LinkRecord) -> str:
    """Keep a new link; those that ended long ago go.

    Returns:
        The link, `<id>.<secret>`, which is kept nowhere.
    """
    link = f"{record.id}.{secrets.token_urlsafe(32)}"
    row = {field: getattr(record, field) for field in LinkRecord.__dataclass_fields__} | {"digest": digest_of(link)}

    def work(connection: Connection) -> None:
        _forget_old(connection, registry.now() - KEPT_SECONDS)
        connection.execute(links.insert(), row)

    registry.write(work, repeatable=False)
    return link


def find(registry: Registry, link_id: str) -> LinkRecord | None:
    """The link of this id, whoever's it is."""
    if not _ID.fullmatch(link_id):
        return None
    row = registry.read(lambda connection: connection.execute(_one(link_id)).mappings().first())
    return None if row is None else LinkRecord(**row)


def list_links(registry: Registry, organization: str, limit: int, offset: int) -> list[LinkRecord]:
    """The links of an organization, newest first; used and ended ones too, for a month."""
    statement = select(*_LISTED).where(links.c.organization == organization)
    statement = statement.order_by(links.c.created_at.desc(), links.c.id).limit(limit).offset(offset)
    rows = registry.read(lambda connection: connection.execute(statement).mappings().all())
    return [LinkRecord(**row) for row in rows]


def remove(registry: Registry, link_id: str, organization: str) -> bool:
    """Delete a link, and end the session that came of it.

    Returns:
        Whether the organization had it.
    """
    now = registry.now()

    def work(connection: Connection) -> bool:
        one = delete(links).where(links.c.id == link_id, links.c.organization == organization)
        if not connection.execute(one.execution_options(preserve_rowcount=True)).rowcount:
            return False
        _end_sessions(connection, [link_id], now)
        return True

    return registry.write(work)


def use_in(connection: Connection, link: str, now: int) -> LinkRecord:
    """Use a link up, in a transaction that does more.

    Raises:
        LinkRefusedError: It opens nothing. Why is told only to whom has its secret.
    """
    parts = _LINK.fullmatch(link)
    if parts is None:
        raise LinkRefusedError("unknown")
    row = connection.execute(_one(parts[1], links.c.digest)).mappings().first()
    if row is None or not hmac.compare_digest(bytes(row["digest"]), digest_of(link)):
        raise LinkRefusedError("unknown")
    record = LinkRecord(**{name: value for name, value in row.items() if name != "digest"})
    if record.used_at is not None:
        raise LinkRefusedError("used")
    if now >= record.expires_at:
        raise LinkRefusedError("expired")
    unused = links.c.id == record.id, links.c.used_at.is_(None)
    use = update(links).where(*unused).values(used_at=now).execution_options(preserve_rowcount=True)
    if not connection.execute(use).rowcount:  # of two at once, another was first (PostgreSQL)
        raise LinkRefusedError("used")
    return replace(record, used_at=now)


def bind_in(connection: Connection, link: LinkRecord, import_id: str) -> LinkRecord:
    """Note the import that began when a link was opened, in the same transaction."""
    connection.execute(update(links).where(links.c.id == link.id).values(import_id=import_id))
    return replace(link, import_id=import_id)


def remove_made_by(registry: Registry, maker: str) -> None:
    """Delete what somebody made who is trusted no more, and end what came of it."""
    now = registry.now()

    def work(connection: Connection) -> None:
        made = list(connection.execute(select(links.c.id).where(links.c.created_by == maker)).scalars())
        for chunk in in_chunks(made):
            _end_sessions(connection, chunk, now)
            connection.execute(delete(links).where(links.c.id.in_(chunk)))

    registry.write(work)


def has_open_session(registry: Registry, link_id: str) -> bool:
    """Whether what came of a link still opens anything."""
    is_open = tokens.c.revoked_at.is_(None), tokens.c.expires_at > registry.now()
    statement = select(func.count()).select_from(tokens).where(tokens.c.link_id == link_id, *is_open)
    return registry.read(lambda connection: connection.execute(statement).scalar_one()) > 0


def _one(link_id: str, *more: ColumnElement[Any]) -> Any:
    return select(*_ALL, *more).where(links.c.id == link_id)


def _end_sessions(connection: Connection, link_ids: Sequence[str], now: int) -> None:
    of_links = tokens.c.link_id.in_(link_ids), tokens.c.revoked_at.is_(None)
    connection.execute(update(tokens).where(*of_links).values(revoked_at=now))


def _forget_old(connection: Connection, before: int) -> None:
    connection.execute(delete(links).where(links.c.expires_at < before))
    connection.execute(delete(tokens).where(tokens.c.kind == "session", tokens.c.expires_at < before))
