"""Sessions of the import page: a link is exchanged for one, it says what it is, and it ends."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.addresses import caller_address
from import_pipeline.api.answers import READING, errors_of
from import_pipeline.api.bodies import takes_little
from import_pipeline.api.callers import Reader, Service
from import_pipeline.api.guessing import FailedAttempts
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.known_tokens import KnownTokens
from import_pipeline.api.reach import fixed_for
from import_pipeline.api.refusals import RefusedError
from import_pipeline.errors import LinkRefusedError
from import_pipeline.service import sessions
from import_pipeline.service.links import LinkRecord
from import_pipeline.service.tokens import Scope, TokenRecord

router = APIRouter(prefix="/v1/sessions", tags=["page"], route_class=JsonRoute)


class OpenedLink(BaseModel):
    """A link that somebody opened."""

    model_config = ConfigDict(extra="forbid")

    link: str = Field(
        max_length=200,
        description="What stands behind `#link=` in its address.",
        examples=["lnk_5d1f0c6b7a9d2e4c.Zk3xW8vJrT1nQ5yB7uC0aE2dF4gH6iK8lM9oP1qR3sU"],
    )


class Session(BaseModel):
    """Who is there, and what they may do."""

    object: Literal["session"] = "session"
    organization_id: str = Field(examples=["acme"])
    scope: Scope
    import_id: str | None = Field(description="The only import that is reached.", examples=["imp_9f2c4e8a1b6d3f5072c9"])
    name: str | None = Field(examples=["Jane Doe"])
    origin: str | None = Field(
        description="The site that embeds the page, the only one that is told what happens.",
        examples=["https://app.example.com"],
    )
    brand: dict[str, Any] | None = Field(
        description="How the page looks: `name`, `texts`, the colours `accent` and `accent_soft`, for dark screens "
        "`accent_dark` and `accent_soft_dark`, and whether it `has_logo`: /app/embed/ID/logo.png, ID being the link's.",
        examples=[{"name": "Acme CRM", "accent": "#1f4f8f", "accent_dark": "#7396c6", "has_logo": False}],
    )
    fixed: list[str] = Field(description="What cannot be changed of the import.", examples=[["resource", "action"]])
    expires_at: int | None = Field(description="Epoch seconds.", examples=[1_760_043_200])
    is_session: bool = Field(description="Whether it came of a link.", examples=[True])


class NewSession(Session):
    """A session that began."""

    token: str = Field(description="For the header Authorization. Shown this once.", examples=["ips_1f0c6b7a9d2e_Zk3x"])


@router.post("", status_code=201, summary="Open a link", responses=errors_of(400, 401, 413, 422, 429, 503))
@takes_little
def begin(body: OpenedLink, request: Request, home: Service) -> NewSession:
    """Exchange a link for a session, which uses the link up. No token is needed.

    By a link with a preset a draft begins with it, whose `import_id` the answer has.
    An answer with 401 says by its code why a link opens nothing: `link_expired`, `link_used`, or `link_unknown`.
    """
    attempts: FailedAttempts = request.app.state.failed_attempts
    address = caller_address(request, home.settings)
    attempts.check(address, body.link)
    try:
        begun = sessions.begin(home, body.link)
    except LinkRefusedError as error:
        attempts.note(address, body.link)
        why = {"WWW-Authenticate": "Bearer"}
        raise RefusedError(401, f"link_{error.culprits['why']}", error.message, why) from None
    return NewSession(**_shown(begun.record, begun.link).model_dump(), token=begun.token)


@router.get("/current", summary="Who am I?", responses=errors_of(*READING))
def current(caller: Reader, home: Service) -> Session:
    """What the token of this call reaches, be it of a session or not."""
    return _shown(caller.token, sessions.link_of(home, caller.token))


@router.delete("/current", status_code=204, summary="End a session", responses=errors_of(403, *READING))
def end(request: Request, caller: Reader, home: Service) -> None:
    """End the session whose token this call has; other tokens are revoked in the terminal."""
    if not caller.token.is_session:
        raise RefusedError(403, "forbidden", "This is no session: `import-pipeline token revoke` ends a token.")
    sessions.end(home, caller.token)
    known: KnownTokens = request.app.state.tokens
    known.forget(caller.token)


def _shown(record: TokenRecord, link: LinkRecord | None) -> Session:
    return Session(
        organization_id=record.organization,
        scope=record.scope,
        import_id=record.import_id,
        name=record.name,
        origin=None if link is None else link.origin,
        brand=None if link is None or link.brand is None else _shown_brand(link.brand),
        fixed=list(fixed_for(record, link)),
        expires_at=record.expires_at,
        is_session=record.is_session,
    )


def _shown_brand(brand: Any) -> dict[str, Any]:
    """A brand without the bytes of its logo, which has an address of its own."""
    return {name: value for name, value in brand.items() if name != "logo"} | {"has_logo": "logo" in brand}
