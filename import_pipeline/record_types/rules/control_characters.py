"""Text, or each entry of a list, holds no control characters but tabs and line ends."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

_OF_ENTRIES = "no_control_characters_in_entries"
CHECKS = ("no_control_characters", _OF_ENTRIES)
CODE = "control_character"

_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"


def check() -> "Check":
    """The control characters of ASCII, which no one can see or type."""
    from pandera.pandas import Check

    return Check(_are_without_control_characters, name="no_control_characters", error="no_control_characters")


def check_entries() -> "Check":
    """The same of a list of texts."""
    from pandera.pandas import Check

    return Check(_entries_are_without_control_characters, name=_OF_ENTRIES, error=_OF_ENTRIES)


def has_any(text: str) -> bool:
    """Whether a text that is no cell, such as a tag for every row, holds one."""
    return re.search(_CONTROL, text) is not None


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    text = f"array_to_string({column}, ' ')" if statistics["check"] == _OF_ENTRIES else column
    return f"regexp_matches({text}, {bind.bind(_CONTROL)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Say what they mostly mean."""
    return (
        "Holds a control character that cannot be seen: remove it, "
        "or say the encoding of the file if its text looks broken."
    )


def _are_without_control_characters(values: "pandas.Series") -> "pandas.Series":
    return ~values.str.contains(_CONTROL, na=False, regex=True)


def _entries_are_without_control_characters(values: "pandas.Series") -> "pandas.Series":
    return values.map(lambda entries: not any(map(has_any, entries))).astype(bool)
