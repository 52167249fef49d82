"""The address of a web page, perhaps of certain protocols and domains only."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types import field_types
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.record_types.rules import accepted_url


class Options(BaseModel):
    """What may be said about an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acceptedProtocols: list[Literal["http", "https"]] = Field(  # noqa: N815
        default_factory=list, description="http, https, or both; one of them must then be written."
    )
    acceptedDomains: list[str] = Field(  # noqa: N815
        default_factory=list, max_length=100, description="Domains, with what lies below them."
    )


OPTIONS = Options


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """An address, with the rules of its type and of its options."""
    if not options.acceptedProtocols and not options.acceptedDomains:
        return ResolvedType(field_types.get("url"))
    check = accepted_url.check(protocols=options.acceptedProtocols, domains=options.acceptedDomains)
    return ResolvedType(field_types.get("url"), (check,))
