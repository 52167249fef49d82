"""A number: plain, a percentage (12.5% is stored as 0.125) or an amount of money; how it is shown is not stored."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types import field_types
from import_pipeline.record_types.field_types import CastOptions, Convention, FieldType
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType, refuse_empty_range
from import_pipeline.record_types.rules import bounds
from import_pipeline.sql import Parameters

_SIGNS = {"usd": r"US\$|\$|USD", "usd_accounting": r"US\$|\$|USD", "eur": "€|EUR", "gbp": "£|GBP"}

Preset = Literal[
    "default", "percent", "percent_0", "percent_1", "percent_2", "percent_3", "percent_4", "decimal_0", "decimal_1",
    "decimal_2", "decimal_3", "decimal_4", "integer", "plain", "usd", "usd_accounting", "eur", "gbp",
]  # fmt: skip


class Options(BaseModel):
    """What may be said about a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Preset = Field(default="default", description="How numbers are written in the cells.")
    round: int | None = Field(default=None, ge=0, le=9, description="How many decimals are kept.")
    displayFormat: Any = Field(default=None, description="How it is shown; not stored.")  # noqa: N815
    outputFormat: Any = Field(default=None, description="How it is given out; not stored.")  # noqa: N815
    min: float | None = Field(default=None, allow_inf_nan=False, description="The least value allowed.")
    max: float | None = Field(default=None, allow_inf_nan=False, description="The greatest value allowed.")


OPTIONS = Options


@dataclass(frozen=True)
class Written(FieldType):
    """A number of another type, with the signs that belong to its preset."""

    inner: FieldType | None = None
    preset: str = "default"
    decimals: int | None = None

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Take the signs away, read the number, put back what they mean."""
        assert self.inner is not None
        text = text_sql
        if self.preset in _SIGNS:
            sign = bind.bind(rf"^([+-]?)\s*(?:{_SIGNS[self.preset]})\s*([+-]?)")
            behind = bind.bind(rf"\s*(?:{_SIGNS[self.preset]})$")
            text = f"regexp_replace(regexp_replace({text}, {sign}, '\\1\\2'), {behind}, '')"
            if self.preset == "usd_accounting":
                inside = f"regexp_replace({text_sql}, '^\\((.*)\\)$', '\\1')"
                bare = f"regexp_replace(regexp_replace({inside}, {sign}, '\\1\\2'), {behind}, '')"
                text = f"CASE WHEN regexp_matches({text_sql}, '^\\(.*\\)$') THEN '-' || {bare} ELSE {text} END"
        value = self.inner.cast(text, bind, options)
        return f"CAST(round({value}, {self.decimals}) AS {self.sql_type})" if self.decimals is not None else value

    def conventions(self) -> tuple[Convention, ...]:
        """Those of numbers."""
        assert self.inner is not None
        return self.inner.conventions()

    def reads_one_way(self, text_sql: str) -> str:
        """As for numbers."""
        assert self.inner is not None
        return self.inner.reads_one_way(text_sql)


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A whole number for the preset integer, else a decimal one."""
    whole = options.preset == "integer" and options.round is None
    inner = field_types.get("integer" if whole else "number")
    written = Written(
        inner.name,
        sql_type=inner.sql_type,
        pandas_type=inner.pandas_type,
        code=inner.code,
        message=inner.message,
        inner=inner,
        preset=options.preset,
        decimals=options.round,
    )
    if options.min is None and options.max is None:
        return ResolvedType(written)
    refuse_empty_range(options.min, options.max)
    return ResolvedType(written, (bounds.check(min_value=options.min, max_value=options.max),))
