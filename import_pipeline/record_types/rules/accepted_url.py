"""A web address has one of the schemes, and lies on one of the domains, that are accepted."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.rules._re2 import are_found
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check

CHECKS = ("accepted_url",)
CODE = "url_not_accepted"


def check(*, protocols: Iterable[str] = (), domains: Iterable[str] = ()) -> "Check":
    """Protocols and domains as `https` and `example.com`; none given: every one. Subdomains are accepted too."""
    from pandera.pandas import Check

    schemes, hosts = tuple(protocols), tuple(domains)
    scheme = f"(?:{'|'.join(re.escape(one) for one in schemes)})://" if schemes else "(?:[a-z]+://)?"
    host = rf"(?:[^/?#@:]*\.)?(?:{'|'.join(re.escape(one) for one in hosts)})(?:[:/?#]|\z)" if hosts else ""
    pattern = rf"(?i)\A{scheme}{host}"
    return Check(
        are_found,
        name="accepted_url",
        error="accepted_url",
        statistics={"pattern": pattern, "protocols": schemes, "domains": hosts},
        pattern=pattern,
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    return f"NOT regexp_matches({column}, {bind.bind(statistics['pattern'])})"


def message(statistics: Mapping[str, Any]) -> str:
    """Name what is accepted."""
    wanted = []
    if statistics["protocols"]:
        wanted.append("beginning with " + " or ".join(f"{one}://" for one in statistics["protocols"]))
    if statistics["domains"]:
        wanted.append("on " + " or ".join(statistics["domains"]))
    return f"Not an address that is accepted here: write one {' and '.join(wanted)}."
