"""Text has at least and at most so many characters: Pandera's `str_length`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check

CHECKS = ("str_length",)
CODE = "wrong_length"


def check(*, min_value: int | None = None, max_value: int | None = None) -> "Check":
    """Characters are counted as Unicode code points."""
    from pandera.pandas import Check

    return Check.str_length(min_value=min_value, max_value=max_value)


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Bytes are counted where that is enough: there are never fewer bytes than characters."""
    least, most = _bounds(statistics)
    parts = []
    if least is not None:
        parts.append(f"length({column}) < {bind.bind(least)}")
    if most is not None:
        parts.append(f"strlen({column}) > {bind.bind(most)}")
    return " OR ".join(parts) or None


def message(statistics: Mapping[str, Any]) -> str:
    """Name the length that is allowed."""
    least, most = _bounds(statistics)
    if least is None:
        return f"Too long: write at most {most} characters."
    if most is None:
        return f"Too short: write at least {least} characters."
    return f"Too short or too long: write {least} to {most} characters."


def _bounds(statistics: Mapping[str, Any]) -> tuple[int | None, int | None]:
    exact = statistics.get("exact_value")
    if exact is not None:
        return exact, exact
    return statistics.get("min_value"), statistics.get("max_value")
