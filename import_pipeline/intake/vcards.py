"""vCards (versions 2.1 to 4.0, RFC 2426 and 6350) as cells: one card is one row, its columns are fields of contacts.

Read by hand: vobject refuses a whole file for one broken line and for names in quoted-printable, as phones write them,
and takes most of a millisecond for a card.
"""

import binascii
import json
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_PROPERTY = re.compile(r'(?:[\w-]+\.)?([\w-]+)((?:;(?:[^:;"]|"[^"]*")*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';((?:[^;"]|"[^"]*")*)')
_PART = re.compile(r"((?:\\.|[^\\;])*)(?:;|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?")
_BINARY = frozenset(("PHOTO", "LOGO", "SOUND", "KEY"))
_NOTHING_TO_READ = frozenset(
    ("BEGIN", "END", "VERSION", "PRODID", "REV", "KIND", "PROFILE", "MAILER", "X-ABLABEL", "X-ABADR", "CLIENTPIDMAP")
)
ORDER = (
    "first_name", "last_name", "full_name", "email", "email_2", "phone", "phone_2", "phone_3", "company_name",
    "job_title", "street", "city", "state", "postal_code", "country", "website", "date_of_birth", "notes", "tags",
)  # fmt: skip
"""The columns that are fields of contacts."""


@dataclass
class Card:
    """One card.

    Attributes:
        cells: Column → text.
        broken: Its lines that are no properties.
        is_whole: Whether its end was there.
        binary: Its pictures, sounds and keys, which are not read, and how many of each.
    """

    cells: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    is_whole: bool = False
    binary: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Property:
    name: str
    types: frozenset[str]
    value: str


def cards(lines: Iterable[str], most: int) -> Iterator[Card]:
    """The cards of a text.

    Args:
        lines: Its lines.
        most: How many characters a property may have; what is longer counts as broken.
    """
    card: Card | None = None
    found: list[_Property] = []
    depth = 0
    for line in _unfolded(lines, most):
        begin = line[:12].strip().upper()
        if begin == "BEGIN:VCARD":
            depth += 1
            if depth == 1:
                card, found = Card(), []
        elif begin == "END:VCARD" and card is not None:
            depth -= 1
            if depth == 0:
                card.is_whole = True
                yield _filled(card, found)
                card = None
        elif card is not None and depth == 1 and line.strip():
            one = _property(line, card)
            if one is not None:
                found.append(one)
    if card is not None:
        yield _filled(card, found)


def _unfolded(lines: Iterable[str], most: int) -> Iterator[str]:
    """The lines, those joined that were folded: by a space in front or, in quoted-printable, by = at the end."""
    held: list[str] = []
    length = 0
    is_quoted = False
    for raw in lines:
        line = raw.rstrip("\r\n")
        if held and is_quoted and held[-1].endswith("="):
            held[-1] = held[-1][:-1]
            held.append(line)
        elif held and line[:1] in (" ", "\t"):
            held.append(line[1:] if length < most else "")
        else:
            if held:
                yield "".join(held)
            held, length = [line.lstrip("\ufeff")], 0
            is_quoted = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
        length += len(line)
    if held:
        yield "".join(held)


def _property(line: str, card: Card) -> _Property | None:
    matched = _PROPERTY.fullmatch(line)
    if matched is None:
        card.broken.append(line)
        return None
    name, parameters, value = matched[1].upper(), matched[2], matched[3]
    if name in _NOTHING_TO_READ:
        return None
    if name in _BINARY:
        card.binary[name] = card.binary.get(name, 0) + 1
        return None
    types: set[str] = set()
    charset = "utf-8"
    is_quoted = False
    for parameter in _PARAMETER.findall(parameters):
        key, sign, text = parameter.partition("=")
        words = [word.strip('" ').upper() for word in (text if sign else key).split(",")]
        if not sign or key.strip().upper() == "TYPE":
            types.update(words)
        elif key.strip().upper() == "CHARSET":
            charset = text.strip('" ')
        elif key.strip().upper() == "PREF":
            types.add("PREF")
        elif key.strip().upper() == "X-APPLE-OMIT-YEAR" and value.startswith(text.strip('" ')):
            value = f"--{value[4:].lstrip('-')}"
        is_quoted = is_quoted or "QUOTED-PRINTABLE" in words
    if is_quoted:
        try:
            value = quopri.decodestring(value.encode("ascii", "replace")).decode(charset, "replace")
        except (binascii.Error, LookupError):
            card.broken.append(line)
            return None
    return _Property(name, frozenset(types), value)


def _filled(card: Card, properties: list[_Property]) -> Card:
    """Put the properties of a card into cells, preferred ones first."""
    cells = card.cells
    counts: dict[str, int] = {}
    for one in sorted(properties, key=lambda found: "PREF" not in found.types):
        if one.name in ("EMAIL", "TEL"):
            kind = "email" if one.name == "EMAIL" else "fax" if "FAX" in one.types else "phone"
            value = _text(one.value).removeprefix("tel:").removeprefix("mailto:").strip()
            if value and value not in (text for name, text in cells.items() if name.startswith(kind)):
                counts[kind] = counts.get(kind, 0) + 1
                cells[kind if counts[kind] == 1 else f"{kind}_{counts[kind]}"] = value
        elif one.name == "N":
            _put_name(cells, _parts(one.value))
        elif one.name == "ADR":
            _put_address(cells, _parts(one.value))
        elif one.name == "ORG":
            company, *units = _parts(one.value)
            _put(cells, "company_name", company)
            _put(cells, "department", ", ".join(filter(None, units)))
        elif one.name == "CATEGORIES":
            tags = [_text(tag).strip() for tag in re.split(r"(?<!\\),", one.value)]
            _put(cells, "tags", json.dumps([tag for tag in tags if tag], ensure_ascii=False) if any(tags) else "")
        else:
            _put(cells, _COLUMNS.get(one.name, one.name.lower()), _day(one) if one.name == "BDAY" else _text(one.value))
    return card


_COLUMNS = {
    "FN": "full_name",
    "TITLE": "job_title",
    "URL": "website",
    "BDAY": "date_of_birth",
    "NOTE": "notes",
}


def _put(cells: dict[str, str], name: str, text: str) -> None:
    """Put a text into a cell, behind what is there already."""
    if text.strip():
        cells[name] = f"{cells[name]}; {text.strip()}" if name in cells else text.strip()


def _put_name(cells: dict[str, str], parts: list[str]) -> None:
    last, first, middle, prefix, suffix = (*parts[:5], "", "", "", "", "")[:5]
    for name, text in (
        ("last_name", last),
        ("first_name", f"{first} {middle}"),
        ("name_prefix", prefix),
        ("name_suffix", suffix),
    ):
        _put(cells, name, text)


def _put_address(cells: dict[str, str], parts: list[str]) -> None:
    """Put an address into its cells; a further one goes whole into a cell of its own, so that none are mixed."""
    box, extended, street, city, state, postal_code, country = (*parts[:7], "", "", "", "", "", "", "")[:7]
    named = {
        "street": ", ".join(filter(None, (street, extended, box))),
        "city": city,
        "state": state,
        "postal_code": postal_code,
        "country": country,
    }
    if not any(named.values()):
        return
    if any(name in cells for name in named):
        _put(cells, "other_addresses", ", ".join(filter(None, named.values())))
        return
    for name, text in named.items():
        _put(cells, name, text.replace("\n", ", "))


def _parts(value: str) -> list[str]:
    """The parts of a value between semicolons; several values of a part stay set apart by commas."""
    parts = [_text(part).strip() for part in _PART.findall(value)]
    return parts[:-1] if value and not value.endswith(";") else parts


def _text(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _day(one: _Property) -> str:
    matched = _DAY.fullmatch(one.value.strip())
    return f"{matched[1]}-{matched[2]}-{matched[3]}" if matched else one.value
