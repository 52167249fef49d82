"""Sessions: what a person has who opened a link. A session is a token that ends by itself (`stores.tokens`)."""

import secrets
from collections.abc import Callable

from sqlalchemy import Connection

from import_pipeline.stores import new_import_rows
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.links import LinkRecord, bind_in, use_in
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tokens import TokenRecord, insert_in

SESSION_SECONDS = 12 * 3_600


def begin(
    registry: Registry, link: str, draft_of: Callable[[LinkRecord], NewImport]
) -> tuple[str, TokenRecord, LinkRecord]:
    """Use a link up for a session, and begin the import that it is a preset of: all of it happens, or nothing.

    Args:
        registry: The registry.
        link: `<id>.<secret>`, as somebody sent it.
        draft_of: The import of a link with a preset.

    Returns:
        The session's token, which is kept nowhere, what is kept of it, and the link.

    Raises:
        LinkRefusedError: The link opens nothing.
    """
    now = registry.now()

    def work(connection: Connection) -> tuple[str, TokenRecord, LinkRecord]:
        used = use_in(connection, link, now)
        if used.preset is not None:
            row = new_import_rows.row_of(draft_of(used), now)
            new_import_rows.insert_one(connection, row)
            used = bind_in(connection, used, row["id"])
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
