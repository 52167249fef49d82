"""Links: one is made for a person or another application, opens the page once, and is listed and deleted.

Who may embed the page is decided here too, by the link's origin. What is done with a link is in `sessions`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import InvalidNameError, MisuseError, NotFoundError
from import_pipeline.service.brands import logo_bytes
from import_pipeline.service.drafting import spec_of_preset
from import_pipeline.stores import imports, links
from import_pipeline.stores.links import LinkRecord
from import_pipeline.stores.tokens import SCOPES, Scope
from import_pipeline.words import ORGANIZATION_PATTERN

if TYPE_CHECKING:
    from import_pipeline.home import Home

__all__ = ["Frame", "LinkRecord", "create", "frame_of", "list_links", "path_of", "remove"]

DEFAULT_MINUTES = 15
MOST_MINUTES = 1_440
MOST_EMBEDDED_MINUTES = 10
"""What another site asks for is opened by its page at once: a link that lies about longer serves nobody."""
LONGEST_NAME = 100
LONGEST_PRESET = 100_000
"""Characters of a preset as JSON: mappings are long, and every list of links reads them."""
_LONGEST_ORIGIN = 300
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*)(?::([1-9][0-9]{{0,4}}))?")
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Frame:
    """What is shown at the address of a link for embedding.

    Attributes:
        origin: Whose pages may show it within themselves.
        is_open: Whether the link, or the session that came of it, still opens anything.
        logo: The PNG of the brand, if it has one.
    """

    origin: str
    is_open: bool
    logo: bytes | None


def create(
    home: "Home",
    organization: str,
    *,
    scope: Scope = "write",
    import_id: str | None = None,
    preset: Mapping[str, Any] | None = None,
    origin: str | None = None,
    minutes: int | None = None,
    name: str | None = None,
    brand: Mapping[str, Any] | None = None,
    created_by: str | None = None,
) -> tuple[str, LinkRecord]:
    """Make a link.

    Args:
        home: The home.
        organization: Whose imports it opens.
        scope: `read`, or `write` which includes reading.
        import_id: The only import that it opens; all if left out.
        preset: Of the only import that it opens, which begins by that: parts of its spec (`drafting.spec_of_preset`).
        origin: The site whose pages may embed that import, as scheme://host[:port].
        minutes: How long it may be opened: 15, or 10 with an origin, if left out.
        name: Whom it is for: what they do is noted under it.
        brand: How the page looks for them, as it was checked.
        created_by: Who made it.

    Returns:
        The link, `<id>.<secret>`, which is kept nowhere, and what is kept of it.

    Raises:
        InvalidNameError: The organization breaks its pattern.
        MisuseError: What is asked does not go together, or is no origin.
        NotFoundError: The organization has no such import.
        UnknownRecordTypeError: The preset is of a record type that nobody declared.
        SpecError: A part of the preset cannot be used, or contradicts another one.
        MappingError: The preset names a field that there is not.
    """
    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization", organization, ORGANIZATION_PATTERN)
    if scope not in SCOPES:
        raise MisuseError(f"{scope!r} is no scope. Use read or write.", scope=scope)
    if import_id is not None and preset is not None:
        raise MisuseError("A link opens an import that there is, or begins one. Give the import or the preset.")
    if origin is not None:
        if import_id is None and preset is None:
            raise MisuseError(
                "Only a link to one import can be embedded. Give the import or a preset, or leave the origin out."
            )
        origin = _checked_origin(origin)
    minutes = _checked_minutes(minutes, is_embedded=origin is not None)
    if import_id is not None:
        import_id = imports.get(home.registry, import_id, organization).id
    spec = None if preset is None else _checked_preset(home, organization, preset, scope, created_by)
    now = home.registry.now()
    record = LinkRecord(
        id=links.new_id(),
        organization=organization,
        scope=scope,
        import_id=import_id,
        origin=origin,
        brand=brand,
        preset=spec,
        name=_checked_name(name),
        created_by=created_by,
        created_at=now,
        expires_at=now + minutes * 60,
    )
    return links.create(home.registry, record), record


def path_of(record: LinkRecord, link: str) -> str:
    """Where a link leads on our server. Its secret stands behind the #: browsers send that to nobody."""
    page = "/app/" if record.origin is None else f"/app/embed/{record.id}"
    return f"{page}#link={link}"


def list_links(home: "Home", organization: str, limit: int, offset: int = 0) -> list[LinkRecord]:
    """The links of an organization, newest first; used and ended ones too, for a month."""
    return links.list_links(home.registry, organization, limit, offset)


def remove(home: "Home", link_id: str, organization: str) -> None:
    """Delete a link, and end the session of whoever opened it.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    if not links.remove(home.registry, link_id, organization):
        raise NotFoundError("link", link_id)


def frame_of(home: "Home", link_id: str) -> Frame | None:
    """What is shown at the address of a link for embedding; None if there is no such link."""
    record = links.find(home.registry, link_id)
    if record is None or record.origin is None:
        return None
    if record.used_at is None:
        is_open = home.registry.now() < record.expires_at
    else:
        is_open = links.has_open_session(home.registry, record.id)
    logo = (record.brand or {}).get("logo")
    return Frame(record.origin, is_open, None if logo is None else logo_bytes(logo))


def _checked_origin(given: str) -> str:
    """An origin as browsers write it. It becomes part of a policy: nothing but scheme, host and port may be in it."""
    parts = _ORIGIN.fullmatch(given.lower()) if given.isascii() and len(given) <= _LONGEST_ORIGIN else None
    port = None if parts is None or parts[3] is None else int(parts[3])
    if parts is None or (port or 0) > 65_535:
        raise MisuseError(
            f"{given[:_LONGEST_ORIGIN]!r} is no origin. Write scheme, host and perhaps port of the site that embeds "
            "the page, without a path: https://app.example.com",
        )
    if port is None or port == _USUAL_PORTS[parts[1]]:
        return f"{parts[1]}://{parts[2]}"
    return f"{parts[1]}://{parts[2]}:{port}"


def _checked_minutes(given: int | None, *, is_embedded: bool) -> int:
    most = MOST_EMBEDDED_MINUTES if is_embedded else MOST_MINUTES
    minutes = min(DEFAULT_MINUTES, most) if given is None else given
    if not 1 <= minutes <= most:
        what = "A link for another site" if is_embedded else "A link"
        raise MisuseError(f"{what} may be opened for 1 to {most:,} minutes, not for {minutes:,}.", minutes=minutes)
    return minutes


def _checked_preset(
    home: "Home", organization: str, preset: Mapping[str, Any], scope: Scope, created_by: str | None
) -> dict[str, Any]:
    if scope == "read":
        raise MisuseError("Who may only read can bring no file to the import that begins. Use the scope write.")
    spec = spec_of_preset(home, organization, preset, created_by).model_dump(mode="json")
    length = len(json.dumps(spec))
    if length > LONGEST_PRESET:
        raise MisuseError(
            f"A preset has at most {LONGEST_PRESET:,} characters as JSON, and this one {length:,}. Make the import "
            "first, and a link to it.",
            length=length,
        )
    return spec


def _checked_name(given: str | None) -> str | None:
    name = " ".join((given or "").split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise MisuseError(f"A name has at most {LONGEST_NAME} printable characters.")
    return name or None
