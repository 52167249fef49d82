"""A domain name is one that is registered itself, not a part of another: example.com, not www.example.com.

Below which suffixes names are registered says the Public Suffix List that tldextract brings along; it is never fetched.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check
    from tldextract import TLDExtract

CHECKS = ("no_subdomain",)
CODE = "subdomain"

_TWO_LABELS = r"[^.]+[.][^.]+"


def check() -> "Check":
    """One label and a suffix: a top-level domain, or one below which names are registered, like co.uk."""
    from pandera.pandas import Check

    return Check(_are_registered, name="no_subdomain", error="no_subdomain")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything with more than one point: two labels are part of no other domain."""
    return f"NOT regexp_full_match({column}, {bind.bind(_TWO_LABELS)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return "A part of another domain: write the domain alone, like example.com instead of www.example.com."


def _are_registered(values: "pandas.Series") -> "pandas.Series":
    return on_distinct(values, is_registered)


def is_registered(text: str) -> bool:
    """Whether a domain is registered itself: directly below a public suffix, those of hosting services included.

    >>> [is_registered(text) for text in ("example.com", "example.co.uk", "www.example.com", "com")]
    [True, True, False, False]
    """
    if text.count(".") < 2:
        return "." in text
    return not _suffixes().extract_str(text).subdomain


@cache
def _suffixes() -> "TLDExtract":
    import tldextract

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
