"""Text is a domain name: labels with points between them, in any script."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("domain_name",)
CODE = "invalid_domain"

USUAL = r"(?:[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*[.])+[A-Za-z]{2,}"
_USUAL_LENGTH = 63
"""Up to here no label can be longer than RFC 1035 allows."""
_USUAL_COMPILED = re.compile(USUAL)
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def check() -> "Check":
    """A name with at least one point, without scheme, port and path."""
    from pandera.pandas import Check

    return Check(_are_domain_names, name="domain_name", error="domain_name")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything but short names in ASCII."""
    return f"NOT regexp_full_match({column}, {bind.bind(USUAL)}) OR strlen({column}) > {bind.bind(_USUAL_LENGTH)}"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return "Not a domain name: write it like example.com, without https:// and without a path."


def _are_domain_names(values: "pandas.Series") -> "pandas.Series":
    return on_distinct(values, is_domain_name)


def is_domain_name(text: str) -> bool:
    """Whether a text is a domain name with at least two labels.

    >>> [is_domain_name(text) for text in ("example.com", "bücher.example", "https://example.com", "example")]
    [True, True, False, False]
    """
    if len(text) <= _USUAL_LENGTH and _USUAL_COMPILED.fullmatch(text):
        return True
    labels = text.split(".")
    return (
        len(text) <= 253
        and len(labels) >= 2
        and len(labels[-1]) >= 2
        and not labels[-1].isdecimal()
        and all(_LABEL.fullmatch(label) for label in labels)
    )
