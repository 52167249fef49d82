"""A domain name."""

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types import field_types
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.record_types.rules import no_subdomain


class Options(BaseModel):
    """What may be said about a domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowSubdomains: bool = Field(default=True, description="Take www.example.com too.")  # noqa: N815


OPTIONS = Options


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A domain with its rule."""
    return ResolvedType(field_types.get("domain"), () if options.allowSubdomains else (no_subdomain.check(),))
