"""A phone number that can exist in its country; stored as it was written."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.errors import SpecError
from import_pipeline.record_types import field_types
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.record_types.rules import phone_of_country


class Options(BaseModel):
    """What may be said about a phone number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str | None = Field(default=None, pattern=r"^[A-Za-z]{2}$", description="Code of the country: US, DE.")
    format: Literal["national", "international", "both"] = Field(default="both", description="How it is written.")
    outputFormatted: bool | None = Field(default=None, description="Must be false: stored as written.")  # noqa: N815


OPTIONS = Options


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text; with a country the number is looked at closely, without one it has to look like a number."""
    if options.outputFormatted:
        raise SpecError(
            "A phone-number with outputFormatted cannot be had: numbers are stored as they are written. Leave it out, "
            "or rewrite them in a row hook."
        )
    if options.country is None and options.format == "both":
        return ResolvedType(field_types.get("phone"))
    check = phone_of_country.check((options.country or "US").upper(), options.format)
    return ResolvedType(field_types.get("phone"), (check,))
