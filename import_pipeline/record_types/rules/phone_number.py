"""Text is a phone number, as people write them: 3 to 20 digits and the signs between them, perhaps an extension."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.record_types.rules.scientific_notation import ROUNDED
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("phone_number",)
CODE = "invalid_phone"

_USUAL = r"[ (]*[+]?(?:[ ()./-]*[0-9]){3,20}[ ()./-]*(?:(?:x|ext|ext[.]|X|Ext|Ext[.]|EXT) ?[0-9]{1,6})?"
_DECIMAL = r"[+]?[0-9]{5,}[.,]0"
"""A telephone number that a program has taken for a figure and saved as a decimal number."""
_MOST_CHARACTERS = 100
"""A longer text is none, whatever its signs: Python's patterns take time with the square of what they look at."""
_DECIMAL_COMPILED = re.compile(_DECIMAL)
_USUAL_COMPILED = re.compile(_USUAL)
_ROUNDED_COMPILED = re.compile(ROUNDED)
_SIGNS = {ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2212"} | {
    ord(sign): " " for sign in "\u00a0\u2007\u2009\u202f"
}
"""Dashes and spaces of typesetters, which come along when a number is copied from a page."""


def check() -> "Check":
    """Any country's number, with or without + in front."""
    from pandera.pandas import Check

    return Check(_are_phone_numbers, name="phone_number", error="phone_number")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything but plain digits and signs, and what may be a decimal number."""
    return f"(NOT regexp_full_match({column}, {bind.bind(_USUAL)}) OR suffix({column}, '.0') OR suffix({column}, ',0'))"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return (
        "Not a phone number: write one number of 3 to 20 digits like +1 555 0100, without decimals, "
        "with an extension as x123."
    )


def _are_phone_numbers(values: "pandas.Series") -> "pandas.Series":
    return on_distinct(values, is_phone_number)


def is_phone_number(text: str) -> bool:
    """Whether a text has the form of a phone number, or had it before a spreadsheet rounded it: that has its own rule.

    >>> [is_phone_number(text) for text in ("+1-555-0100", "030 1234 ext. 5", "n/a")]
    [True, True, False]
    """
    if len(text) > _MOST_CHARACTERS:
        return False
    plain = text.translate(_SIGNS)
    if _DECIMAL_COMPILED.fullmatch(plain):
        return False
    return _USUAL_COMPILED.fullmatch(plain) is not None or _ROUNDED_COMPILED.fullmatch(text) is not None
