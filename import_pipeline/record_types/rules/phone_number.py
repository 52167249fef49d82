"""Text is a phone number, as people write them: 3 to 15 digits and the signs between them, perhaps an extension."""

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

MOST_DIGITS = 15
"""Of a number with its country's code (ITU-T E.164), without what is dialled before that."""
_EXTENSION = r"(?:(?:x|ext|ext[.]|X|Ext|Ext[.]|EXT) ?[0-9]{1,6})?"
_FORM = r"[ (]*[+]?[ (]*[0-9](?:[ ()./-]*[0-9]){%s}[ ()./-]*" + _EXTENSION
_USUAL = _FORM % "2,14"
_LONGEST = _FORM % "2,19"
_DATE = r"(?:0?[1-9]|[12][0-9]|3[01])[./-](?:0?[1-9]|[12][0-9]|3[01])[./-](?:19|20)[0-9]{2}"
_DATE = rf"{_DATE}|(?:19|20)[0-9]{{2}}[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12][0-9]|3[01])"
"""A day of the calendar, which has the signs of a phone number, too."""
_DECIMAL = r"[+]?[0-9]{5,}[.,]0"
"""A telephone number that a program has taken for a figure and saved as a decimal number."""
_MOST_CHARACTERS = 100
"""A longer text is none, whatever its signs: Python's patterns take time with the square of what they look at."""
_DECIMAL_COMPILED = re.compile(_DECIMAL)
_DATE_COMPILED = re.compile(_DATE)
_LONGEST_COMPILED = re.compile(_LONGEST)
_ROUNDED_COMPILED = re.compile(ROUNDED)
_SIGNS = {ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2212\u30fc"} | {
    ord(sign): " " for sign in "\u00a0\u2007\u2009\u202f"
}
"""Dashes and spaces of typesetters, which come along when a number is copied from a page; and the long sign of kana."""


def check() -> "Check":
    """Any country's number, with or without + in front."""
    from pandera.pandas import Check

    return Check(_are_phone_numbers, name="phone_number", error="phone_number")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything but plain digits and signs, and what may be a decimal number."""
    can_be_date = (
        f"CASE WHEN strlen({column}) <= 10 THEN regexp_full_match({column}, {bind.bind(_DATE)}) ELSE false END"
    )
    is_usual = f"regexp_full_match({column}, {bind.bind(_USUAL)})"
    return f"(NOT {is_usual} OR suffix({column}, '.0') OR suffix({column}, ',0') OR {can_be_date})"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return (
        "Not a phone number: write one number of 3 to 15 digits like +1 555 0100, without decimals, "
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
    if _DECIMAL_COMPILED.fullmatch(plain) or _DATE_COMPILED.fullmatch(plain):
        return False
    if _LONGEST_COMPILED.fullmatch(plain):
        return len(dialled_digits(plain)) <= MOST_DIGITS
    return _ROUNDED_COMPILED.fullmatch(text) is not None


def dialled_digits(text: str) -> str:
    """The digits of a number without an extension, without what is dialled to leave a country, and without (0).

    >>> dialled_digits("0049 (0) 30 123456 ext. 7")
    '4930123456'
    """
    before, *_ = re.split(r"[xX]|[eE][xX][tT]", text, maxsplit=1)
    digits = re.sub(r"[^0-9]", "", re.sub(r"[(]0[)]", "", before))
    for prefix in ("0011", "011", "00"):
        if digits.startswith(prefix) and "+" not in before:
            return digits.removeprefix(prefix)
    return digits
