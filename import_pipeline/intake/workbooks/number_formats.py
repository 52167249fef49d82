"""Number formats: which numbers have to be written as people see them, and how.

A number of digits that count as such (00000, +0, ###-####) is written as it is shown, and so is a percentage. Where
the format only rounds or decorates (decimals, thousands, currencies, units), the exact value stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

_LARGEST = 1e15
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|\\(?P<escaped>.)"
    r"|\[(?P<bracket>[^\]]*)\]"
    r"|[_*](?P<space>.)"
    r"|(?P<general>[Gg]eneral)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[\d.]+)")
_SETS_APART = re.compile(r"[-/()]")
_PREFIX = re.compile(r"[A-Za-z0-9 .]*[A-Za-z0-9] ?[-_/#]")
_DIGITS = "0#?"
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}


@dataclass(frozen=True)
class Section:
    """One of the sections of a format: its signs in their order, digits marked, and when it holds."""

    signs: tuple[tuple[str, bool], ...]
    condition: tuple[str, float] | None


@dataclass(frozen=True)
class NumberFormat:
    """A format whose numbers are written as they are shown.

    Attributes:
        kind: `digits`, `percent` or `day`.
        sections: For digits, the sections of the format.
        is_1904: For days, whether the workbook counts from 1904.
    """

    kind: str
    sections: Sequence[Section] = ()
    is_1904: bool = False

    def text(self, value: float) -> str | None:
        """The number as it is shown; None where its exact value has to stay."""
        if self.kind == "percent":
            return f"{_plain(Decimal(f'{value:.15g}') * 100)}%"
        if self.kind == "day":
            return _day(value, is_1904=self.is_1904)
        if abs(value) >= _LARGEST or value != int(value):
            return None
        section, is_negative = self._section_of(value)
        if not any(is_digit for _, is_digit in section.signs):
            return None
        return ("-" if is_negative else "") + _filled(section, str(abs(int(value))))

    def _section_of(self, value: float) -> tuple[Section, bool]:
        """The section that shows a value, and whether the minus is still to be written."""
        conditional = [one for one in self.sections if one.condition]
        if conditional:
            held = next((one for one in conditional if _holds(one.condition, value)), None)
            others = [one for one in self.sections if not one.condition]
            return held or (others or self.sections)[0], value < 0
        if value < 0 and len(self.sections) > 1:
            return self.sections[1], False
        if value == 0 and len(self.sections) > 2:
            return self.sections[2], False
        return self.sections[0], value < 0


def number_format(code: str) -> NumberFormat | None:
    """What a format means for the text of its numbers; None where their exact value is to be written.

    >>> number_format("00000").text(1067), number_format("0.0%").text(0.125)
    ('01067', '12.5%')
    >>> number_format("#,##0.00"), number_format('0" kg"'), number_format("General"), number_format("dd/mm/yyyy")
    (None, None, None, None)
    """
    parts = [_section(part) for part in _parts(code)]
    if any(part == "percent" for part in parts[:1]):
        return NumberFormat("percent")
    sections = [part for part in parts if isinstance(part, Section)]
    if not sections or len(sections) != len(parts):
        return None
    counts = any(_counts_as_digits(section, len(sections)) for section in sections)
    return NumberFormat("digits", tuple(sections)) if counts else None


def day_format(*, is_1904: bool) -> NumberFormat:
    """A format of days."""
    return NumberFormat("day", is_1904=is_1904)


def shows_code(shown: str, value: float) -> bool:
    """Whether a text that a cell shows is the digits of its whole number, otherwise than as a plain number.

    >>> shows_code("01067", 1067), shows_code("1,067", 1067), shows_code("+49 30 1", 49301), shows_code("5 kg", 5)
    (True, False, True, False)
    """
    if abs(value) >= _LARGEST or value != int(value):
        return False
    digits = "".join(sign for sign in shown if sign.isdecimal())
    if digits.lstrip("0") != str(abs(int(value))).lstrip("0") or re.search(r"[.,'\u2019%]", shown):
        return False
    begin = re.search(r"\d", shown)
    before = shown[: begin.start()].strip() if begin else ""
    leading_zero = digits.startswith("0") and len(digits) > 1
    between = shown.strip()[len(before) :]
    return (
        leading_zero
        or before == "+"
        or bool(_PREFIX.fullmatch(before))
        or bool(_SETS_APART.search(between.rstrip("0123456789 ")))
    )


def _parts(code: str) -> list[str]:
    """The sections of a format, as written; the fourth, of texts, is left out."""
    parts, begin, last = [], 0, 0
    for found in _TOKEN.finditer(code):
        last = found.end()
        if found["sign"] == ";":
            parts.append(code[begin : found.start()])
            begin = last
    parts.append(code[begin:])
    return parts[:3]


def _section(part: str) -> Section | str | None:
    """A section of whole numbers, `percent`, or None for all others."""
    signs: list[tuple[str, bool]] = []
    condition = None
    tokens = list(_TOKEN.finditer(part))
    if any(found["sign"] == "%" for found in tokens):
        return "percent"
    for found in tokens:
        sign = found["sign"]
        if found["general"] or (sign and (sign in ".,@" or sign.isalpha())):
            return None
        if found["bracket"] is not None:
            matched = _CONDITION.fullmatch(found["bracket"])
            if matched:
                condition = (matched[1], float(matched[2]))
            elif found["bracket"].startswith("$") and found["bracket"][1:].partition("-")[0]:
                return None  # a currency
            elif re.fullmatch(r"[hmsHMS]+", found["bracket"]):
                return None
            continue
        if found["space"]:
            continue
        if sign and sign in _DIGITS:
            signs.append((sign, True))
        else:
            literal = sign or found["escaped"] or found["quoted"] or ""
            signs += [(one, False) for one in literal]
    return Section(tuple(signs), condition)


def _counts_as_digits(section: Section, count: int) -> bool:
    """Whether a section shows its digits one by one, so that they count as such."""
    places = [place for place, (_, is_digit) in enumerate(section.signs) if is_digit]
    if not places:
        return False
    zeros = sum(1 for sign, is_digit in section.signs if is_digit and sign == "0")
    before = "".join(sign for sign, _ in section.signs[: places[0]]).strip()
    between = "".join(sign for sign, is_digit in section.signs[places[0] : places[-1]] if not is_digit)
    if "/" in between and any(sign == "?" for sign, is_digit in section.signs if is_digit):
        return False  # a fraction
    return (
        zeros > 1
        or (before == "+" and count == 1)
        or bool(_PREFIX.fullmatch(before))
        or bool(_SETS_APART.search(between))
    )


def _filled(section: Section, digits: str) -> str:
    """Digits put into the places of a section, from the last to the first, which takes all that are left."""
    places = [place for place, (_, is_digit) in enumerate(section.signs) if is_digit]
    found: dict[int, str] = {}
    rest = digits.lstrip("0")
    for place in reversed(places):
        if place == places[0] and rest:
            found[place] = rest
        elif rest:
            found[place], rest = rest[-1], rest[:-1]
        else:
            found[place] = "0" if section.signs[place][0] == "0" else ""
    return "".join(found.get(place, sign) for place, (sign, _) in enumerate(section.signs)).strip()


def _holds(condition: tuple[str, float] | None, value: float) -> bool:
    sign, bound = condition or ("", 0.0)
    return {
        "<": value < bound,
        ">": value > bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


def _day(value: float, *, is_1904: bool) -> str | None:
    try:
        moment = _DAY_ZERO[is_1904] + timedelta(days=value)
    except (OverflowError, ValueError):
        return None
    if moment < datetime(1900, 3, 1) and not is_1904:
        moment += timedelta(days=1)  # these workbooks hold 1900 for a leap year
    rounded = moment + timedelta(microseconds=500_000)
    day = date(rounded.year, rounded.month, rounded.day)
    return day.isoformat() if value == int(value) else rounded.replace(microsecond=0).isoformat(sep=" ")


def _plain(number: Decimal) -> str:
    """A decimal number without zeros at its end and without exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
