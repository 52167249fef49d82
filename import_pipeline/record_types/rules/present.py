"""There is a value: for fields that ask for one with a level or in words of their own; others are not nullable."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("present",)
CODE = "missing_value"


def check() -> "Check":
    """The cell is not empty."""
    from pandera.pandas import Check

    return Check(_are_present, name="present", error="present", ignore_na=False)


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"{column} IS NULL"


def message(statistics: Mapping[str, Any]) -> str:
    """Ask for a value."""
    return "No value, and this field needs one: write one, or leave the row out."


def _are_present(values: "pandas.Series") -> "pandas.Series":
    return values.notna()
