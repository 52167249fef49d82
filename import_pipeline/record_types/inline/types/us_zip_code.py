"""A ZIP code of the United States: 12345 or 12345-6789; text, so that zeros in front stay."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.sql import Parameters


class Options(BaseModel):
    """What may be said about a ZIP code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["5-digit", "9-digit"] | None = Field(default=None, description="The one form that is taken.")
    outputDash: bool = Field(default=True, description="Store nine digits with a hyphen.")  # noqa: N815


OPTIONS = Options


@dataclass(frozen=True)
class ZipCode(FieldType):
    """Five digits, or nine with or without a hyphen."""

    digits: tuple[int, ...] = (5, 9)
    dash: bool = True

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Nine digits get their hyphen, or lose it."""
        nine = "'\\1-\\2'" if self.dash else "'\\1\\2'"
        branches = {
            5: f"WHEN regexp_full_match({text_sql}, '\\d{{5}}') THEN {text_sql}",
            9: f"WHEN regexp_full_match({text_sql}, '\\d{{5}}[- ]?\\d{{4}}') "
            f"THEN regexp_replace({text_sql}, '^(\\d{{5}})[- ]?(\\d{{4}})$', {nine})",
        }
        return f"CASE {' '.join(branches[digits] for digits in self.digits)} END"


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text."""
    digits = {"5-digit": (5,), "9-digit": (9,), None: (5, 9)}[options.format]
    forms = {5: "12345", 9: "12345-6789"}
    message = (
        f"Not a ZIP code: write it like {' or '.join(forms[one] for one in digits)}, with the zeros in front that a "
        "spreadsheet drops."
    )
    return ResolvedType(
        ZipCode("us_zip_code", code="invalid_zip_code", message=message, digits=digits, dash=options.outputDash)
    )
