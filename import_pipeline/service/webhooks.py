"""Webhooks of an organization: which addresses are called. How they are called is in `deliveries.py`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from import_pipeline.service.public_addresses import check_url
from import_pipeline.stores import webhooks
from import_pipeline.stores.webhooks import EVENT_NAMES, WebhookRecord

if TYPE_CHECKING:
    from import_pipeline.home import Home

__all__ = ["EVENT_NAMES", "WebhookRecord", "create", "list_webhooks", "remove"]


def create(home: "Home", organization: str, url: str, events: Sequence[str]) -> WebhookRecord:
    """Register an address.

    Raises:
        MisuseError: It may not be called, or the organization has too many.
    """
    url = check_url(url, home.settings.webhooks_to_private_addresses)
    return webhooks.create(home.registry, organization, url, events)


def list_webhooks(home: "Home", organization: str) -> list[WebhookRecord]:
    """The webhooks of an organization, oldest first."""
    return webhooks.list_webhooks(home.registry, organization)


def remove(home: "Home", webhook_id: str, organization: str) -> None:
    """Remove a webhook and what was still to be told to it.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    webhooks.remove(home.registry, webhook_id, organization)
