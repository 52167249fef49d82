"""Who calls: bearer token → organization and scope. A call takes one of the dependencies at the end of this module.

What a caller may not see does not exist for them: what belongs to another organization answers 404, and so every
reader passes `caller.organization` on. Who opened a link to one import reaches that one alone (`reach`).
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from import_pipeline.api.known_tokens import KnownTokens
from import_pipeline.api.rate_limits import count_create
from import_pipeline.api.reach import check_reach
from import_pipeline.api.refusals import RefusedError
from import_pipeline.errors import NotFoundError
from import_pipeline.home import Home
from import_pipeline.service.tokens import Scope, TokenRecord

_bearer = HTTPBearer(
    auto_error=False, description="A token made by `import-pipeline token create --organization ORGANIZATION`."
)
_license_key = APIKeyHeader(
    name="X-Dromo-License-Key",
    scheme_name="LicenseKey",
    auto_error=False,
    description="The same token in the header that clients of page 004 send; a bearer token goes before it.",
)


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Attributes:
        token: The token that they call with, without its secret.
    """

    token: TokenRecord

    @property
    def organization(self) -> str:
        """Whose imports and records they reach."""
        return self.token.organization

    @property
    def scope(self) -> Scope:
        """Whether they may write."""
        return self.token.scope

    @property
    def token_id(self) -> str:
        """Names the token, holds no secret."""
        return self.token.id

    @property
    def import_id(self) -> str | None:
        """The only import that they reach; None for all of their organization."""
        return self.token.import_id

    @property
    def name(self) -> str:
        """What `created_by` says of them."""
        return self.token.holder

    @property
    def may_write(self) -> bool:
        """Whether they may do more than read."""
        return self.scope == "write"

    def must_be(self, organization: str) -> None:
        """Refuse a path that names another organization, as if it did not exist.

        Raises:
            NotFoundError: It is not the caller's.
        """
        if organization != self.organization:
            raise NotFoundError("organization", organization)


# Those that only look something up in the application are async: they cost no turn among the threads.


async def _home(request: Request) -> Home:
    return request.app.state.home


async def _reader(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    license_key: Annotated[str | None, Depends(_license_key)],
) -> Caller:
    known: KnownTokens = request.app.state.tokens
    token = credentials.credentials if credentials is not None else license_key
    record = None if token is None else await known.find(token)
    if record is None:
        said = "is missing" if token is None else "is unknown, expired or revoked"
        raise RefusedError(
            401,
            "unauthorized",
            f"The bearer token {said}. Send 'Authorization: Bearer TOKEN' with a token of your organization.",
            {"WWW-Authenticate": "Bearer"},
        )
    check_reach(record.import_id, request.method, request.scope["path"])
    return Caller(record)


async def _writer(caller: Annotated[Caller, Depends(_reader)]) -> Caller:
    if not caller.may_write:
        raise RefusedError(403, "forbidden", "This token may only read. Use one with the scope write.")
    return caller


async def _creator(request: Request, caller: Annotated[Caller, Depends(_writer)]) -> Caller:
    await run_in_threadpool(count_create, request.app.state.home, caller.token_id)
    return caller


def scope_asked_by(dependant: Dependant) -> Scope | None:
    """What the caller of a call has to be allowed, as its dependencies say; None where anybody may call."""
    if dependant.call is _writer:
        return "write"
    asked = {scope_asked_by(one) for one in dependant.dependencies}
    if "write" in asked:
        return "write"
    return "read" if dependant.call is _reader or "read" in asked else None


async def caller_of(request: Request, scope: Scope) -> Caller:
    """Who calls, found without the body of the call.

    Raises:
        RefusedError: Nobody who is known (401), or somebody who may not do this (403).
    """
    caller = await _reader(request, await _bearer(request), await _license_key(request))
    return await _writer(caller) if scope == "write" else caller


Service = Annotated[Home, Depends(_home)]
"""The home of this application."""
Reader = Annotated[Caller, Depends(_reader)]
"""A caller with a valid token."""
Writer = Annotated[Caller, Depends(_writer)]
"""A caller who may write."""
Creator = Annotated[Caller, Depends(_creator)]
"""A caller who may write and has not made too many imports in the last minute."""
