"""Every entry of a list is one of a few constants."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("all_choices",)
CODE = "unknown_choice"


def check(choices: Iterable[str]) -> "Check":
    """All entries are among `choices`, in their case."""
    from pandera.pandas import Check

    allowed = tuple(choices)
    return Check(
        _are_among,
        name="all_choices",
        error="all_choices",
        statistics={"allowed_values": allowed},
        allowed=frozenset(allowed),
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"NOT list_has_all({bind.bind(list(statistics['allowed_values']))}::VARCHAR[], {column})"


def message(statistics: Mapping[str, Any]) -> str:
    """Name the constants."""
    known = ", ".join(statistics["allowed_values"])
    return f"An entry is not one of the choices: write only {known}."


def _are_among(values: "pandas.Series", allowed: frozenset[str]) -> "pandas.Series":
    return values.map(lambda entries: allowed.issuperset(entries)).astype(bool)
