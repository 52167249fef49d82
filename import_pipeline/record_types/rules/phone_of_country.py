"""Text is a phone number that can exist: of one country, or of any where it begins with + and the country's code."""

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("phone_of_country",)
CODE = "invalid_phone"


def check(country: str, format: str = "both") -> "Check":
    """A number as it is dialled in `country` (a code of two letters), with the country's code in front, or either."""
    from pandera.pandas import Check

    return Check(
        _are_numbers,
        name="phone_of_country",
        error="phone_of_country",
        statistics={"country": country, "format": format},
        country=country,
        format=format,
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Every value: how long a number is in which country is known to the library alone."""
    return f"{column} IS NOT NULL"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the forms."""
    form = {
        "national": f"write it as it is dialled in {statistics['country']}",
        "international": "write it with + and the code of its country in front",
        "both": f"write it as it is dialled in {statistics['country']}, or with + and the code of its country in front",
    }[statistics["format"]]
    return f"Not a phone number that can exist: {form}."


def _are_numbers(values: "pandas.Series", country: str, format: str) -> "pandas.Series":
    return on_distinct(values, partial(is_number, country=country, format=format))


def is_number(text: str, country: str, format: str = "both") -> bool:
    """Whether a text is a number that can exist.

    >>> is_number("(212) 555-0100", "US"), is_number("+44 20 7946 0018", "US"), is_number("12", "US")
    (True, True, False)
    """
    import phonenumbers

    is_international = re.match(r"[\s(]*(?:[+]|00)", text) is not None
    if (format == "national" and is_international) or (format == "international" and not is_international):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False
