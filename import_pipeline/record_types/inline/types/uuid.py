"""A UUID, perhaps of a certain version; stored in small letters with hyphens."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType
from import_pipeline.sql import Parameters


class Options(BaseModel):
    """What may be said about a UUID."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int | None = Field(default=None, ge=1, le=8, description="The version that it must have.")


OPTIONS = Options


@dataclass(frozen=True)
class Uuid(FieldType):
    """32 hexadecimal digits, with hyphens, in any case, perhaps in braces."""

    version: int | None = None

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """RFC 9562's form; the version is its 13th digit."""
        digit = "[0-9a-f]" if self.version is None else str(self.version)
        variant = "[0-9a-f]" if self.version is None else "[89ab]"
        pattern = rf"\{{?([0-9a-f]{{8}}-[0-9a-f]{{4}}-{digit}[0-9a-f]{{3}}-{variant}[0-9a-f]{{3}}-[0-9a-f]{{12}})\}}?"
        return f"nullif(regexp_extract(lower({text_sql}), {bind.bind(f'^{pattern}$')}, 1), '')"


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text."""
    which = "UUID" if options.version is None else f"UUID of version {options.version}"
    message = f"Not a {which}: write it like 123e4567-e89b-{options.version or 4}2d3-a456-426614174000."
    return ResolvedType(Uuid("uuid", code="invalid_uuid", message=message, version=options.version))
