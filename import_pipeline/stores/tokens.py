"""Tokens: who may speak for an organization, and whether they may write.

A token is `ipt_<id>_<secret>`; the id is shown in lists, the secret is random and only its SHA-256 is kept: with so
much chance in it a slow hash would protect nothing more. A session, `ips_<id>_<secret>`, is a token that a link gave
(`stores.sessions`): it ends by itself, and may be for one import alone.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, select

from import_pipeline.errors import InvalidNameError, MisuseError, NotFoundError
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import tokens
from import_pipeline.words import ORGANIZATION_PATTERN

Scope = Literal["read", "write"]
SCOPES: tuple[Scope, ...] = ("read", "write")
Kind = Literal["token", "session"]
_PREFIXES: dict[Kind, str] = {"token": "ipt_", "session": "ips_"}
_TOKEN = re.compile(r"ip[ts]_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """A token as it is listed, without its secret; times are epoch seconds."""

    id: str
    organization: str
    scope: Scope
    name: str | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    kind: Kind = "token"
    import_id: str | None = None
    link_id: str | None = None

    @property
    def prefix(self) -> str:
        """The beginning of the token, by which people know it again."""
        return f"{_PREFIXES[self.kind]}{self.id}_"

    @property
    def holder(self) -> str:
        """What `created_by` says of whoever calls with it."""
        if self.link_id is None:
            return f"token:{self.id}"
        return f"link:{self.link_id}" if self.name is None else f"{self.name} ({self.link_id})"

    @property
    def is_session(self) -> bool:
        """Whether a link gave it."""
        return self.kind == "session"

    def is_valid(self, now: float) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


_LISTED = [tokens.c[name] for name in TokenRecord.__dataclass_fields__]

_BY_ID = select(tokens.c.digest, *_LISTED).where(tokens.c.id == bindparam("of_id"))


def create(
    registry: Registry, organization: str, scope: Scope = "write", days: float | None = None, name: str | None = None
) -> tuple[str, TokenRecord]:
    """Make a token.

    Args:
        registry: The registry.
        organization: For whom it speaks.
        scope: `read`, or `write` which includes reading.
        days: After how many days it ends; never if left out.
        name: What it is for, for people.

    Returns:
        The token, which is kept nowhere, and what is kept of it.

    Raises:
        InvalidNameError: The organization breaks its pattern.
        MisuseError: An unknown scope, or days that are not above 0.
    """
    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization", organization, ORGANIZATION_PATTERN)
    if scope not in SCOPES:
        raise MisuseError(f"{scope!r} is no scope. Use read or write.", scope=scope)
    if days is not None and days <= 0:
        raise MisuseError(f"A token cannot end after {days:g} days. Give a number above 0.", days=days)
    now = registry.now()
    record = TokenRecord(
        id=secrets.token_hex(6),
        organization=organization,
        scope=scope,
        name=name,
        created_at=now,
        expires_at=None if days is None else now + int(days * _DAY),
        revoked_at=None,
    )
    token = registry.write(lambda connection: insert_in(connection, record), repeatable=False)
    return token, record


def insert_in(connection: Connection, record: TokenRecord) -> str:
    """Keep a new token, in a transaction that may do more.

    Returns:
        The token itself, which is kept nowhere.
    """
    token = f"{record.prefix}{secrets.token_urlsafe(32)}"
    row = {field: getattr(record, field) for field in TokenRecord.__dataclass_fields__} | {"digest": digest_of(token)}
    connection.execute(tokens.insert(), row)
    return token


def find(registry: Registry, token: str) -> TokenRecord | None:
    """The token's record if it is genuine and valid now, else None."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    of_id = {"of_id": parts[1]}
    row = registry.read(lambda connection: connection.execute(_BY_ID, of_id).mappings().first())
    if row is None or not hmac.compare_digest(bytes(row["digest"]), digest_of(token)):
        return None
    record = TokenRecord(**{name: value for name, value in row.items() if name != "digest"})
    return record if record.is_valid(registry.clock()) else None


def list_tokens(registry: Registry, organization: str | None = None) -> list[TokenRecord]:
    """All tokens, or those of one organization, oldest first: ended ones too, but of sessions only those at work."""
    is_open = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > registry.now())
    statement = select(*_LISTED).where((tokens.c.kind == "token") | is_open)
    statement = statement.order_by(tokens.c.created_at, tokens.c.id)
    if organization is not None:
        statement = statement.where(tokens.c.organization == organization)
    rows = registry.read(lambda connection: connection.execute(statement).mappings().all())
    return [TokenRecord(**row) for row in rows]


def revoke(registry: Registry, token_or_prefix: str) -> TokenRecord:
    """End a token at once.

    Args:
        registry: The registry.
        token_or_prefix: The token, its prefix, or its id.

    Raises:
        NotFoundError: There is no such token.
    """
    token_id = re.sub("^ip[ts]_", "", token_or_prefix).partition("_")[0]
    now = registry.now()
    revoke = tokens.update().where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    registry.write(lambda connection: connection.execute(revoke))
    one = select(*_LISTED).where(tokens.c.id == token_id)
    row = registry.read(lambda connection: connection.execute(one).mappings().first())
    if row is None:
        # What was typed may be a whole token: it is not repeated.
        raise NotFoundError("token", f"ipt_{token_id[:12]}_", "`import-pipeline token list` shows what there is.")
    return TokenRecord(**row)


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
