"""Text is the address of a web page, with or without https:// in front."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.record_types.rules.domain_name import USUAL, is_domain_name
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("web_address",)
CODE = "invalid_url"

MAX_LENGTH = 2_000
_USUAL = rf"(?:https?://)?{USUAL}(?:/[A-Za-z0-9._~!$&()*+,;=:@%/?#-]*)?"
_USUAL_LENGTH = 63
_USUAL_COMPILED = re.compile(_USUAL)
_PARTS = re.compile(r"(?:[Hh][Tt][Tt][Pp][Ss]?://)?([^\s/?#:@\\]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:[.][0-9]{1,3}){3}")


def check() -> "Check":
    """A host with a point, no space, and no scheme but http and https."""
    from pandera.pandas import Check

    return Check(_are_web_addresses, name="web_address", error="web_address")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """Everything but short addresses in ASCII without port, query and fragment right after the host."""
    return f"NOT regexp_full_match({column}, {bind.bind(_USUAL)}) OR strlen({column}) > {bind.bind(_USUAL_LENGTH)}"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return "Not a web address: write it like https://example.com/page or www.example.com, without spaces."


def _are_web_addresses(values: "pandas.Series") -> "pandas.Series":
    return on_distinct(values, is_web_address)


def is_web_address(text: str) -> bool:
    """Whether a text is the address of a web page.

    >>> [is_web_address(text) for text in ("example.com", "https://example.com/a?b=c", "javascript:alert(1)", "none")]
    [True, True, False, False]
    """
    if len(text) <= _USUAL_LENGTH and _USUAL_COMPILED.fullmatch(text):
        return True
    parts = _PARTS.fullmatch(text) if len(text) <= MAX_LENGTH else None
    return parts is not None and (is_domain_name(parts[1]) or _ADDRESS.fullmatch(parts[1]) is not None)
