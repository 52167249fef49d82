"""A domain name is one that is registered itself, not a part of another: example.com, not www.example.com."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._re2 import are_found
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("no_subdomain",)
CODE = "subdomain"

# Under these, below a country's domain, names are registered at the third level.
_SECOND_LEVEL = "ac|co|com|edu|gob|gov|ltd|mil|ne|net|nom|or|org|plc|sch"
_REGISTERED = rf"(?i)\A[^.]+\.(?:[^.]+|(?:{_SECOND_LEVEL})\.[a-z][a-z])\z"


def check() -> "Check":
    """One label and a suffix: a top-level domain, or a usual second level like co.uk."""
    from pandera.pandas import Check

    return Check(_are_registered, name="no_subdomain", error="no_subdomain")


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"NOT regexp_matches({column}, {bind.bind(_REGISTERED)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Show the form."""
    return "A part of another domain: write the domain alone, like example.com instead of www.example.com."


def _are_registered(values: "pandas.Series") -> "pandas.Series":
    return are_found(values, _REGISTERED)
