"""What kind of value a cell's text looks like: the evidence for a dialect, a header and a column's type.

Kinds are shapes, not values: 31/02/2020 is date-like here.
"""

import re
from functools import lru_cache

EMPTY, TEXT = "empty", "text"

_KINDS = (
    ("integer", re.compile(r"[+-]?\d{1,18}")),
    (
        "number",
        re.compile(r"[+-]?(\d{1,3}([,. '\u00a0]\d{3})+|\d+)?([.,]\d+)?([eE][+-]?\d{1,3})?%?"),
    ),
    (
        "date",
        re.compile(
            r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
            r"|\d{1,2}[- ./][A-Za-z]{3,9}\.?[- ./,]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|[A-Za-z]{3}[- ]\d{2,4}"
        ),
    ),
    ("time", re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?(Z|[+-]\d{2}:?\d{2})?")),
    (
        "datetime",
        re.compile(
            r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})[T ,]+"
            r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?"
        ),
    ),
    ("money", re.compile(r"[+-]?\(?[+-]?[$€£¥][ ]?[+-]?[\d.,' ]*\d[\d.,]*\)?|[\d.,' ]*\d ?([$€£¥]|EUR|USD|GBP|CHF)")),
    ("email", re.compile(r"[^\s@,;|\"]+@[^\s@,;|\"]+\.[^\s@,;|\"]+")),
    ("url", re.compile(r"(https?|ftp)://[^\s,;|\"]+|www\.[^\s,;|\"]+")),
    ("phone", re.compile(r"\+?[\d][\d ()./-]{5,18}\d")),
    ("code", re.compile(r"(?=[^\s]*\d)[A-Za-z0-9_./#:-]{2,40}")),
    ("blank", re.compile(r"(?i)n/?a|null|none|nan|-+|\?")),
)

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
    if len(text) <= 60:
        for name, pattern in _KINDS:
            if pattern.fullmatch(text):
                return name
    return "words" if _WORDS.fullmatch(text) else TEXT


def group_of(kind: str) -> str:
    """The group of a kind: what is interchangeable within one column. All texts are one group, `text`."""
    return _GROUPS.get(kind, TEXT)


def is_year(cell: str) -> bool:
    """Whether a cell is a year of our time."""
    text = cell.strip()
    return len(text) == 4 and text.isdecimal() and 1900 <= int(text) <= 2100
