"""Sessions: what a person has who opened a link. A session is a token that ends by itself (`stores.tokens`)."""

import secrets

from sqlalchemy import Connection

from import_pipeline.stores.links import LinkRecord, use_in
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tokens import TokenRecord, insert_in

SESSION_SECONDS = 12 * 3_600


def begin(registry: Registry, link: str) -> tuple[str, TokenRecord, LinkRecord]:
    """Use a link up for a session: both happen, or neither.

    Args:
        registry: The registry.
        link: `<id>.<secret>`, as somebody sent it.

    Returns:
        The session's token, which is kept nowhere, what is kept of it, and the link.

    Raises:
        LinkRefusedError: The link opens nothing.
    """
    now = registry.now()

    def work(connection: Connection) -> tuple[str, TokenRecord, LinkRecord]:
        used = use_in(connection, link, now)
        record = TokenRecord(
            id=secrets.token_hex(6),
            organization=used.organization,
            scope=used.scope,
            name=used.name,
            created_at=now,
            expires_at=now + SESSION_SECONDS,
            revoked_at=None,
            kind="session",
            import_id=used.import_id,
            link_id=used.id,
        )
        return insert_in(connection, record), record, used

    return registry.write(work, repeatable=False)
