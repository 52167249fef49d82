"""Text holds no control characters but tabs and line ends."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("no_control_characters",)
CODE = "control_character"

_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"


def check() -> "Check":
    """The control characters of ASCII, which no one can see or type."""
    from pandera.pandas import Check

    return Check(_are_without_control_characters, name="no_control_characters", error="no_control_characters")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"regexp_matches({column}, {bind.bind(_CONTROL)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Say what they mostly mean."""
    return (
        "Holds a control character that cannot be seen: remove it, "
        "or say the encoding of the file if its text looks broken."
    )


def _are_without_control_characters(values: "pandas.Series") -> "pandas.Series":
    return ~values.str.contains(_CONTROL, na=False, regex=True)
