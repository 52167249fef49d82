"""Text is one email address.

The usual form is recognised by a regular expression that DuckDB and Python read alike; whatever else there is
(other scripts, quoted names, rare signs) `email_validator` judges, value by value, without asking the network.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("email_address",)
CODE = "invalid_email"

_USUAL = r"[A-Za-z0-9_+-]+(?:[.][A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*[.])+[A-Za-z]{2,}"
_USUAL_LENGTH = 64
"""Up to here no part can be longer than RFC 5321 allows: 64 before the @, 63 between two points, 254 in all."""
_USUAL_COMPILED = re.compile(_USUAL)


def check() -> "Check":
    """One address, with a domain that has a point."""
    from pandera.pandas import Check

    return Check(_are_email_addresses, name="email_address", error="email_address")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything but the usual form."""
    return f"NOT regexp_full_match({column}, {bind.bind(_USUAL)}) OR strlen({column}) > {bind.bind(_USUAL_LENGTH)}"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return "Not an email address: write one address like name@example.com, without a name or a second address."


def _are_email_addresses(values: "pandas.Series") -> "pandas.Series":
    return on_distinct(values, is_email_address)


def is_email_address(text: str) -> bool:
    """Whether a text is one email address.

    >>> [is_email_address(text) for text in ("name@example.com", "name@example", "name@@example.com")]
    [True, False, False]
    """
    if len(text) <= _USUAL_LENGTH and _USUAL_COMPILED.fullmatch(text):
        return True
    if "@" not in text:  # most of what is none; to be told so by the library takes fifty times as long
        return False

    import email_validator

    try:
        # Names for private networks (.local) are addresses too: a domain with a point is all that is asked.
        parsed = email_validator.validate_email(
            text, check_deliverability=False, globally_deliverable=False, strict=True
        )
    except email_validator.EmailNotValidError:
        return False
    return "." in parsed.domain.strip(".")
