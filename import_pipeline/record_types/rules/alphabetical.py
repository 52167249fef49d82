"""Text is made of letters alone, of any script."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._re2 import are_found
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("alphabetical",)
CODE = "not_alphabetical"

_OTHER = r"[^\pL\pM]"


def check() -> "Check":
    """Letters and the marks on them; no digit, no space, no sign."""
    from pandera.pandas import Check

    return Check(_are_alphabetical, name="alphabetical", error="alphabetical")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"regexp_matches({column}, {bind.bind(_OTHER)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Name what is allowed."""
    return "Holds something else than letters: write letters only, without spaces, digits and signs."


def _are_alphabetical(values: "pandas.Series") -> "pandas.Series":
    return ~are_found(values, _OTHER)
