"""What kind of value a cell's text looks like: the evidence for a dialect, a header and a column's type.

Kinds are shapes, not values: 31/02/2020 is date-like here.
"""

import re
from functools import lru_cache

EMPTY, TEXT = "empty", "text"

_SHAPES = {
    "integer": r"[+-]?\d{1,18}",
    "number": r"[+-]?(\d{1,3}([,. '\u00a0]\d{3})+|\d+)?([.,]\d+)?([eE][+-]?\d{1,3})?%?",
    "date": (
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
        r"|\d{1,2}[- ./][A-Za-z]{3,9}\.?[- ./,]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|[A-Za-z]{3}[- ]\d{2,4}"
    ),
    "time": r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?(Z|[+-]\d{2}:?\d{2})?",
    "datetime": (
        r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})[T ,]+"
        r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?"
    ),
    "money": r"[+-]?\(?[+-]?[$€£¥][ ]?[+-]?[\d.,' ]*\d[\d.,]*\)?|[\d.,' ]*\d ?([$€£¥]|EUR|USD|GBP|CHF)",
    "email": r"[^\s@,;|\"]+@[^\s@,;|\"]+\.[^\s@,;|\"]+",
    "url": r"(https?|ftp)://[^\s,;|\"]+|www\.[^\s,;|\"]+",
    "phone": r"\+?[\d][\d ()./-]{5,18}\d",
    "code": r"(?=[^\s]*\d)[A-Za-z0-9_./#:-]{2,40}",
    "blank": r"(?i:n/?a|null|none|nan|-+|\?)",
}
_KIND = re.compile("|".join(f"(?P<{name}>{shape})" for name, shape in _SHAPES.items()))
"""All shapes in one pattern: the group that matches a whole text is its kind, the first of several."""

TYPED = frozenset({"integer", "number", "date", "time", "datetime", "money", "email", "url", "phone"})
_GROUPS = {
    "integer": "number",
    "number": "number",
    "money": "number",
    "phone": "number",
    "date": "moment",
    "datetime": "moment",
    "time": "moment",
    "email": "email",
    "url": "url",
    "code": "code",
    "blank": "blank",
}
_WORDS = re.compile("[\\w&'\u2019().%/#+ -]+")


@lru_cache(maxsize=50_000)
def kind_of(cell: str) -> str:
    """The kind of a cell's text: `empty`, one of the shapes above, `words` or `text`."""
    text = cell.strip()
    if not text:
        return EMPTY
    found = _KIND.fullmatch(text) if len(text) <= 60 else None
    if found is not None:
        return str(found.lastgroup)
    return "words" if _WORDS.fullmatch(text) else TEXT


def group_of(kind: str) -> str:
    """The group of a kind: what is interchangeable within one column. All texts are one group, `text`."""
    return _GROUPS.get(kind, TEXT)


def is_year(cell: str) -> bool:
    """Whether a cell is a year of our time."""
    text = cell.strip()
    return len(text) == 4 and text.isdecimal() and 1900 <= int(text) <= 2100
