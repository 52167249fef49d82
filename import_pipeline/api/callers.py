"""Who calls: bearer token → organization and scope. A call takes one of the dependencies at the end of this module.

What a caller may not see does not exist for them: what belongs to another organization answers 404, and so every
reader passes `caller.organization` on.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from import_pipeline.api.rate_limits import RateLimits
from import_pipeline.api.refusals import RefusedError
from import_pipeline.errors import NotFoundError
from import_pipeline.imports import ImportService
from import_pipeline.stores.tokens import Scope, Tokens

_bearer = HTTPBearer(
    auto_error=False, description="A token made by `import-pipeline token create --organization ORGANIZATION`."
)


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Attributes:
        organization: Whose imports and records they reach.
        scope: Whether they may write.
        token_id: Names the token, holds no secret.
    """

    organization: str
    scope: Scope
    token_id: str

    @property
    def name(self) -> str:
        """What `created_by` says of them."""
        return f"token:{self.token_id}"

    def must_be(self, organization: str) -> None:
        """Refuse a path that names another organization, as if it did not exist.

        Raises:
            NotFoundError: It is not the caller's.
        """
        if organization != self.organization:
            raise NotFoundError("organization", organization)


def _service(request: Request) -> ImportService:
    return request.app.state.service


def _reader(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Caller:
    tokens: Tokens = request.app.state.tokens
    record = tokens.find(credentials.credentials) if credentials is not None else None
    if record is None:
        said = "is missing" if credentials is None else "is unknown, expired or revoked"
        raise RefusedError(
            401,
            "unauthorized",
            f"The bearer token {said}. Send 'Authorization: Bearer TOKEN' with a token of your organization.",
            {"WWW-Authenticate": "Bearer"},
        )
    return Caller(record.organization, record.scope, record.id)


def _writer(caller: Annotated[Caller, Depends(_reader)]) -> Caller:
    if caller.scope != "write":
        raise RefusedError(403, "forbidden", "This token may only read. Use one with the scope write.")
    return caller


def _creator(request: Request, caller: Annotated[Caller, Depends(_writer)]) -> Caller:
    limits: RateLimits = request.app.state.creates
    limits.take(caller.token_id)
    return caller


Service = Annotated[ImportService, Depends(_service)]
"""The service of this application."""
Reader = Annotated[Caller, Depends(_reader)]
"""A caller with a valid token."""
Writer = Annotated[Caller, Depends(_writer)]
"""A caller who may write."""
Creator = Annotated[Caller, Depends(_creator)]
"""A caller who may write and has not made too many imports in the last minute."""
