"""The value is one of a few constants: Pandera's `isin`."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check

CHECKS = ("isin",)
CODE = "unknown_choice"


def check(choices: Iterable[str]) -> "Check":
    """The value is one of `choices`, in their case."""
    from pandera.pandas import Check

    return Check.isin(list(choices))


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    places = ", ".join(bind.bind(choice) for choice in statistics["allowed_values"])
    return f"{column} NOT IN ({places})"


def message(statistics: Mapping[str, Any]) -> str:
    """Name the constants."""
    known = ", ".join(str(choice) for choice in statistics["allowed_values"])
    return f"Not one of the choices: write one of {known}, or map this value to one of them with `value_mappings`."
