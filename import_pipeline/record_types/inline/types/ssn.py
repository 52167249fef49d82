"""A social security number of the United States; stored with or without its hyphens."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.sql import Parameters


class Options(BaseModel):
    """What may be said about a social security number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outputDash: bool = Field(default=True, description="Store it with hyphens.")  # noqa: N815


OPTIONS = Options


@dataclass(frozen=True)
class SocialSecurityNumber(FieldType):
    """Nine digits, in groups of 3, 2 and 4."""

    dash: bool = True

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """No area is 000, 666 or from 900 on, no group 00 and no serial number 0000: the administration gives none."""
        form = "'\\1-\\2-\\3'" if self.dash else "'\\1\\2\\3'"
        grouped = "'^(\\d{3})[- ]?(\\d{2})[- ]?(\\d{4})$'"
        never = "'^(?:000|666|9\\d\\d)|^\\d{3}[- ]?00|0000$'"
        return (
            f"CASE WHEN regexp_matches({text_sql}, {grouped}) AND NOT regexp_matches({text_sql}, {never})"
            f" THEN regexp_replace({text_sql}, {grouped}, {form}) END"
        )


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text."""
    message = "Not a social security number: write nine digits like 123-45-6789, with the zeros in front."
    return ResolvedType(SocialSecurityNumber("ssn", code="invalid_ssn", message=message, dash=options.outputDash))
