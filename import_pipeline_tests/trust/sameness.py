"""Which record a row may mean, said once more and by other means than the phases do."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
REFERENCES = {
    "contact": {
        "company_external_id": ("company", "external_id"),
        "source": ("source", "name"),
        "groups": ("group", "name"),
    },
    "company": {"parent_external_id": ("company", "external_id")},
}


STRONG = {
    "contact": [("external_id",), ("email", "email_2")],
    "company": [("external_id",)],
    "group": [("external_id",)],
    "source": [("external_id",)],
}
"""Fields of each record type whose values, looked at together, stand in one record only."""


WEAK = {"contact": ["phone"], "company": ["domain", "name"], "group": ["name"], "source": ["name"]}


IDENTIFYING = {
    "contact": ["external_id", "email"],
    "company": ["external_id", "domain"],
    "group": ["external_id"],
    "source": ["external_id"],
}
"""What must not differ where a record is found by a weak identifier; names are compared apart."""


FEW_LETTERS = 2
"""Names that differ in so many letters may be one name with a typing error."""


@dataclass(frozen=True)
class Row:
    """A row of a file as the oracle reads it, and what was planned for it."""

    number: int
    cells: dict[str, str]
    cleared: frozenset[str]
    action: str = ""
    record_id: str | None = None
    reason: str | None = None


def compared(name: str, value: Any) -> str | None:
    """The form in which two values of a field mean the same; None where the value says nothing."""
    text = unicodedata.normalize("NFC", str(value or "")).strip()
    if name in ("email", "email_2", "domain"):
        text = text.casefold()
    elif name == "name":
        text = " ".join(text.split()).casefold()
    elif name == "phone":
        text = "".join(re.findall(r"[0-9+]", text))
        text = text if sum(one.isdigit() for one in text) > 4 else ""
    return text or None


def strong_values(record_type: str, values: Record) -> set[tuple[str, str]]:
    """All strong identifiers of a row or record, each with the name of its kind."""
    found = ((kind[0], compared(name, values.get(name))) for kind in STRONG[record_type] for name in kind)
    return {(kind, value) for kind, value in found if value}


def _weakly_same(record_type: str, one: Record, other: Record) -> bool:
    def equal(name: str) -> bool:
        value = compared(name, one.get(name))
        return value is not None and value == compared(name, other.get(name))

    def contradicts(name: str) -> bool:
        values = {compared(name, one.get(name)), compared(name, other.get(name))}
        return None not in values and len(values) > 1

    if not any(equal(name) for name in WEAK[record_type]):
        return False
    if any(contradicts(name) for name in IDENTIFYING[record_type]):
        return False
    if record_type != "contact":
        return _compatible(one.get("name"), other.get("name"))
    pairs = zip(_names(one), _names(other), strict=True)
    companies = _compatible(one.get("company_name"), other.get("company_name"))
    return all(_compatible(mine, yours) for mine, yours in pairs) and companies


def _names(person: Record) -> tuple[str | None, str | None]:
    first, last = person.get("first_name"), person.get("last_name")
    if not first and not last and person.get("full_name"):
        first, _, last = person["full_name"].rpartition(" ")
    return first, last


def _compatible(one: str | None, other: str | None) -> bool:
    """Whether two names may be one: equal, an initial, a missing part, or a typing error."""
    one, other = (" ".join((name or "").casefold().split()) for name in (one, other))
    if not one or not other:
        return True
    shorter, longer = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    return longer.startswith(shorter) or _distance(shorter, longer) <= FEW_LETTERS


def _distance(one: str, other: str) -> int:
    line = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, line = line, [place]
        for column, counterpart in enumerate(other, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != counterpart)))
    return line[-1]


def may_mean(record_type: str, row: Row, record_id: str, record: Record, rows: Iterable[Row]) -> bool:
    """Whether a row means a stored record: itself, or through other rows of the file that mean the same as it."""
    rows = list(rows)
    linked, waiting = {row.number}, [row]
    while waiting:
        one = waiting.pop()
        if one.cells.get("id") == record_id or _same(record_type, one.cells, record):
            return True
        further = [other for other in rows if other.number not in linked and _same(record_type, one.cells, other.cells)]
        linked |= {other.number for other in further}
        waiting += further
    return False


def _same(record_type: str, one: Record, other: Record) -> bool:
    both = strong_values(record_type, one) & strong_values(record_type, other)
    return bool(both) or _weakly_same(record_type, one, other)
