"""Webhooks of an organization: addresses that are called when an import completed, failed or needs review."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.signing import Signer
from import_pipeline.service import webhooks
from import_pipeline.service.webhooks import EVENT_NAMES

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=JsonRoute)

Event = Literal["completed", "failed", "needs_review"]


class NewWebhook(BaseModel):
    """A webhook to make."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2_000, description="An https URL.", examples=["https://example.com/hooks/imports"])
    events: list[Event] = Field(
        default_factory=lambda: list(EVENT_NAMES), min_length=1, max_length=10, description="What it is told of."
    )


class Webhook(BaseModel):
    """A webhook."""

    object: Literal["webhook"] = "webhook"
    id: str = Field(examples=["hook_1f0c6b7a9d2e4c58"])
    url: str = Field(examples=["https://example.com/hooks/imports"])
    events: list[Event]
    created_at: int = Field(description="Epoch seconds.")


class WebhookWithSecret(Webhook):
    """A webhook, with the secret by which it knows us."""

    secret: str = Field(description="Shown this once.", examples=["whsec_2b7e…"])


class WebhookList(BaseModel):
    """All webhooks of the organization."""

    object: Literal["list"] = "list"
    data: list[Webhook]


def secret_of(signer: Signer, webhook_id: str) -> str:
    """The secret of a webhook; it is kept nowhere."""
    return f"whsec_{signer.derived_secret(f'webhook/{webhook_id}')}"


@router.post("", status_code=201, summary="Create a webhook", responses=errors_of(*WRITING))
def create(body: NewWebhook, request: Request, caller: Writer, home: Service) -> WebhookWithSecret:
    """Have an address called when an import of the organization completed, failed or needs review.

    The call is a POST of `{id, type, created_at, data}`, `data` being the import. Its header `X-Import-Signature` is
    `t=<epoch seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` with the secret. Compare it, and refuse an old `t`. An
    answer other than 2xx is tried again over hours.
    """
    record = webhooks.create(home, caller.organization, body.url, body.events)
    return WebhookWithSecret(
        id=record.id,
        url=record.url,
        events=body.events,
        created_at=record.created_at,
        secret=secret_of(request.app.state.signer, record.id),
    )


@router.get("", summary="List webhooks", responses=errors_of(*READING))
def list_webhooks(caller: Reader, home: Service) -> WebhookList:
    """All webhooks of the organization, without their secrets."""
    found = webhooks.list_webhooks(home, caller.organization)
    return WebhookList(data=[Webhook.model_validate(record, from_attributes=True) for record in found])


@router.delete("/{webhook_id}", status_code=204, summary="Delete a webhook", responses=errors_of(*WRITING))
def delete(
    webhook_id: Annotated[str, Path(max_length=64, examples=["hook_1f0c6b7a9d2e4c58"])],
    caller: Writer,
    home: Service,
) -> None:
    """Have it called no more, also not for what happened before."""
    webhooks.remove(home, webhook_id, caller.organization)
