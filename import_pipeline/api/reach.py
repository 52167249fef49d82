"""What a session for one import reaches: the calls of that import, and little else. What is not named here is refused.

It is decided in this one place for every call that takes a token, before anything of the call is looked at. What such a
session may not change of its import, because another application asked for it, is decided here too.
"""

import re
from collections.abc import Iterable

from import_pipeline.api.refusals import RefusedError
from import_pipeline.service.links import LinkRecord
from import_pipeline.service.tokens import TokenRecord

_OF_IMPORTS = "/v1/imports/"
_BESIDES = (
    ("GET", re.compile(r"/v1/resources(/[^/]+(/template)?)?")),
    ("GET", re.compile(r"/v1/sessions/current")),
    ("DELETE", re.compile(r"/v1/sessions/current")),
)
"""What belongs to no import: what can be imported, and the session itself."""


def check_reach(import_id: str | None, method: str, path: str) -> None:
    """Refuse a call that goes beyond the import of a session, as if there were nothing at its address.

    Args:
        import_id: The only import that the caller reaches; None where they reach all of their organization.
        method: Of the call.
        path: Of the call, as it is looked for among all calls.

    Raises:
        RefusedError: It goes beyond.
    """
    if import_id is None or _is_within(import_id, method, path):
        return
    message = "There is nothing at this address for you: the link that was opened is for one import alone."
    raise RefusedError(404, "not_found", message)


def fixed_for(token: TokenRecord, link: LinkRecord | None) -> tuple[str, ...]:
    """What stays of an import as it was asked, for whoever calls.

    Within another application it is that application that says what is imported, and whether records are deleted.

    Args:
        token: With what they call.
        link: By which they came; None where they came by none, or it was deleted a moment ago.
    """
    is_free = not token.is_session or (link is not None and link.origin is None)
    return () if is_free else ("resource", "action")


def check_changes(token: TokenRecord, link: LinkRecord | None, changed: Iterable[str]) -> None:
    """Refuse to change what stays.

    Args:
        token: With what the caller calls.
        link: By which they came, if by one.
        changed: Names of what is to change.

    Raises:
        RefusedError: One of them stays.
    """
    fixed = sorted({*fixed_for(token, link)} & {*changed})
    if fixed:
        named = " and ".join(fixed)
        told = f"The {named} of this import cannot be changed within another site."
        raise RefusedError(403, "forbidden", told, fixed=fixed)


def _is_within(import_id: str, method: str, path: str) -> bool:
    own = f"{_OF_IMPORTS}{import_id}"
    if path == own or path.startswith(f"{own}/"):
        return True
    return any(method == one and pattern.fullmatch(path) for one, pattern in _BESIDES)
