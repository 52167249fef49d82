"""A date is not after today."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("not_in_future",)
CODE = "date_in_future"


def check() -> "Check":
    """Today is the day on this machine when the check runs."""
    from pandera.pandas import Check

    return Check(_is_not_in_future, name="not_in_future", error="not_in_future", ignore_na=True)


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Today is suspect too: the day may change before Pandera judges."""
    return f"{column} >= {bind.bind(date.today())}"


def message(statistics: Mapping[str, Any]) -> str:
    """Say that the day is yet to come."""
    return (
        "In the future: write a date up to today, or say the format of the file with `date_format` if it was misread."
    )


def _is_not_in_future(values: "pandas.Series") -> "pandas.Series":
    import pandas

    return values <= pandas.Timestamp(date.today())
