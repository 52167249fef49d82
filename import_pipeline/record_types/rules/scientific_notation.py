"""Text is not a number that a spreadsheet has rounded: 4.41E+11 once was a number of twelve digits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("not_scientific_notation",)
CODE = "number_in_scientific_notation"

# The sign of the exponent is always written by spreadsheets; without it, 12E34 is an identifier like others.
ROUNDED = r"[+-]?[0-9](?:[.,][0-9]+)?[Ee][+-][0-9]{1,3}"


def check() -> "Check":
    """For text in which every digit counts."""
    from pandera.pandas import Check

    return Check(_are_not_rounded, name="not_scientific_notation", error="not_scientific_notation")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself, for texts that begin as numbers do."""
    return f"({column} < ':' AND regexp_full_match({column}, {bind.bind(ROUNDED)}))"


def message(statistics: Mapping[str, Any]) -> str:
    """Say how the digits come back."""
    return (
        "A number in scientific notation, its last digits are lost: "
        "format the column as text in the spreadsheet, put the number in again and export the file anew."
    )


def _are_not_rounded(values: "pandas.Series") -> "pandas.Series":
    return ~values.str.fullmatch(ROUNDED, na=False)
