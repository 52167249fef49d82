"""A country, by its English name or its code of two or three letters; the code is stored."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types.countries import COUNTRIES, OTHER_NAMES
from import_pipeline.record_types.inline.types._resolved_type import Choice, Lookup, ResolvedType


class Options(BaseModel):
    """What may be said about a country."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["2-letter", "3-letter"] = Field(default="2-letter", description="The code that is stored.")


OPTIONS = Options


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text that is looked up."""
    stored = {two: two if options.format == "2-letter" else three for two, three, _ in COUNTRIES}
    meanings = {name: stored[two] for name, two in OTHER_NAMES.items()}
    for two, three, name in COUNTRIES:
        meanings |= {name: stored[two], three: stored[two], two: stored[two]}
    message = "Not a country: write its English name, or its code of two or three letters, like DE or DEU."
    return ResolvedType(Lookup("country", code="invalid_country", message=message, meanings=tuple(meanings.items())))
