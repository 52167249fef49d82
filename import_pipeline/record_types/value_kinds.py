"""What the values of a column look like, as evidence for which field it is: e-mails, salutations, calling codes.

Values are looked at one by one, so callers give a sample of a column's values, not all of a long file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from import_pipeline.record_types.countries import COUNTRIES, OTHER_NAMES
from import_pipeline.record_types.lexicon import no_value, plain
from import_pipeline.record_types.lexicon.salutations import SALUTATIONS
from import_pipeline.record_types.lexicon.yes_no import EMPTY_BOXES, FALSE, MARKS, TRUE
from import_pipeline.record_types.rules.phone_number import is_phone_number

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
_URL = re.compile(r"(?i)(https?://\S+|www\.\S+\.\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?)")
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([T ].*)?"
    r"|\d{1,2}[. ]+[^\W\d]{3,12}\.?,? \d{4}|[^\W\d]{3,12}\.? \d{1,2},? \d{4})"
)
_NUMBER = re.compile(r"[+-]?[$€£]?\s?\d{1,3}([., ']?\d{3})*([.,]\d+)?\s?[%€]?")
_CALLING_CODE = re.compile(r"(\+|00)?[1-9]\d{0,2}")
_INITIALS = re.compile(r"([^\W\d_]\.?\s?){1,4}")


def shares(values: Iterable[str | None]) -> Mapping[str, float]:
    """Which part of the values is of each kind, from 0 to 1, of those that are not empty or say so; nothing if all are.

    A value can be of several kinds: 49 is a number and a calling code. Only the kinds that are asked for are looked
    for: most columns are asked about two or three.

    >>> found = shares(["Mr.", "Ms.", None, "Dr."])
    >>> found["salutation"], found["email"]
    (1.0, 0.0)
    """
    filled = _filled(values)
    return _Shares(filled) if filled else {}


class _Shares(Mapping[str, float]):
    """Kind → which part of some texts is of it, found out when it is asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._found: dict[str, float] = {}

    def __getitem__(self, kind: str) -> float:
        if kind not in self._found:
            self._found[kind] = sum(map(_TESTS[kind], self._texts)) / len(self._texts)
        return self._found[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(_TESTS)

    def __len__(self) -> int:
        return len(_TESTS)


def share_of_choices(values: Iterable[str | None], field: "Field") -> float | None:
    """Which part of the values that are not empty a choice field understands; None where there are none.

    Raises:
        ValueError: The field has no choices.
    """
    if not field.choices:
        raise ValueError(f"Field {field.name!r} has no choices: only choice fields can be asked how many values fit.")
    filled = _filled(values)
    if not filled:
        return None
    known = field.type.known_words()
    return sum(text.lower() in known or plain(text) in known for text in filled) / len(filled)


def _filled(values: Iterable[str | None]) -> list[str]:
    """The values that are not empty, nor a word for nothing."""
    texts = (value.strip() for value in values if value is not None)
    return [text for text in texts if text and not _says_nothing(text)]


def _says_nothing(text: str) -> bool:
    return text.lower() in _NOTHING or _SIGNS.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits >= 6 and not _is_date(text) and is_phone_number(text)


def _is_country(text: str) -> bool:
    return text.upper() in _country_names()


@cache
def _country_names() -> frozenset[str]:
    """Names and codes in capitals."""
    return frozenset(name.upper() for name in (*(name for one in COUNTRIES for name in one), *OTHER_NAMES))


_NOTHING = frozenset(no_value.WORDS) - {*TRUE, *FALSE}
_SIGNS = re.compile(
    re.sub(r"\\x\{(\w+)\}", lambda sign: chr(int(sign[1], 16)), no_value.SIGNS) + r"|0+([-/.]0+){1,2}( 0?0:00(:00)?)?"
)
_YES_NO = frozenset((*TRUE, *FALSE, *MARKS, *EMPTY_BOXES))

_TESTS: dict[str, Callable[[str], bool]] = {
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "phone": _is_phone,
    "date": _is_date,
    "url": lambda text: "@" not in text and _URL.fullmatch(text) is not None,
    "yes_no": lambda text: text.lower() in _YES_NO,
    "salutation": lambda text: plain(text) in SALUTATIONS,
    "calling_code": lambda text: _CALLING_CODE.fullmatch(text) is not None,
    "number": lambda text: _NUMBER.fullmatch(text) is not None,
    "country": _is_country,
    "initials": lambda text: _INITIALS.fullmatch(text) is not None,
    "json": lambda text: text[0] in "{[" and text[-1] in "}]",
}
