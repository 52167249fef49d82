"""A number or a date lies within bounds: Pandera's comparisons and `in_range`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check

CHECKS = ("greater_than_or_equal_to", "less_than_or_equal_to", "greater_than", "less_than", "in_range")
CODE = "out_of_bounds"


def check(*, min_value: Any = None, max_value: Any = None) -> "Check":
    """Both bounds are allowed values; at least one is given."""
    from pandera.pandas import Check

    least, most = _comparable(min_value), _comparable(max_value)
    if least is None:
        return Check.less_than_or_equal_to(most)
    if most is None:
        return Check.greater_than_or_equal_to(least)
    return Check.in_range(least, most)


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    least, most = statistics.get("min_value"), statistics.get("max_value")
    parts = []
    if least is not None:
        parts.append(f"{column} {'<' if _is_allowed('min', statistics) else '<='} {bind.bind(least)}")
    if most is not None:
        parts.append(f"{column} {'>' if _is_allowed('max', statistics) else '>='} {bind.bind(most)}")
    return " OR ".join(parts) or None


def message(statistics: Mapping[str, Any]) -> str:
    """Name the bounds."""
    least, most = statistics.get("min_value"), statistics.get("max_value")
    wanted = []
    if least is not None:
        wanted.append(f"at least {_text(least)}" if _is_allowed("min", statistics) else f"more than {_text(least)}")
    if most is not None:
        wanted.append(f"at most {_text(most)}" if _is_allowed("max", statistics) else f"less than {_text(most)}")
    return f"Out of bounds: write a value of {' and '.join(wanted)}."


def _is_allowed(end: str, statistics: Mapping[str, Any]) -> bool:
    """Whether the bound itself is an allowed value."""
    if statistics["check"] == "in_range":
        return statistics[f"include_{end}"]
    return statistics["check"].endswith("equal_to")


def _comparable(bound: Any) -> Any:
    """The bound as pandas compares it: a day as its midnight."""
    if isinstance(bound, date) and not isinstance(bound, datetime):
        import pandas

        return pandas.Timestamp(bound)
    return bound


def _text(bound: Any) -> str:
    return str(bound.date()) if isinstance(bound, datetime) else str(bound)
