"""Sessions: a link is opened, and what came of it ends. A session is a token, found as every other (`tokens`)."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.creating import new_import
from import_pipeline.stores import links, sessions, tokens
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.links import LinkRecord
from import_pipeline.stores.tokens import TokenRecord
from import_pipeline.words import Source

if TYPE_CHECKING:
    from import_pipeline.home import Home


@dataclass(frozen=True)
class Begun:
    """A session that began.

    Attributes:
        token: What its calls are made with; kept nowhere.
        record: What is kept of it.
        link: The link that it came of.
    """

    token: str
    record: TokenRecord
    link: LinkRecord


def begin(home: "Home", link: str) -> Begun:
    """Open a link, which uses it up; of one with a preset a draft begins, for which the session is.

    Args:
        home: The home.
        link: `<id>.<secret>`, as somebody sent it.

    Raises:
        LinkRefusedError: It opens nothing.
    """

    def draft_of(link: LinkRecord) -> NewImport:
        return new_import(
            ImportSpec.model_validate(link.preset),
            Source.API,
            created_by=link.created_by,
            upload_kind="draft",
            upload_expires_at=int(time.time()) + home.settings.upload_url_seconds,
        )

    return Begun(*sessions.begin(home.registry, link, draft_of))


def link_of(home: "Home", record: TokenRecord) -> LinkRecord | None:
    """The link that a session came of; None for a token."""
    return None if record.link_id is None else links.find(home.registry, record.link_id)


def end(home: "Home", record: TokenRecord) -> None:
    """End a session at once."""
    tokens.revoke(home.registry, record.prefix)
