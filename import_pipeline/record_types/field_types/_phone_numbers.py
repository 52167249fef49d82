"""Phone numbers in one text: several of them, with labels before and remarks behind them.

A text is taken apart only where every part of it is a number, a label, a remark, or the other end of an extension.
"""

import re

from import_pipeline.record_types.field_types._field_type import ValuesFound
from import_pipeline.record_types.lexicon.connectors import CONNECTORS
from import_pipeline.record_types.rules.phone_number import MOST_DIGITS, dialled_digits, is_phone_number

_MOST = 500
_LEAST_DIGITS = 5
_LABELS = (
    "telephone|telefon|telefono|téléphone|telefoon|phone|tel|tél|fon|ph|mobile|mobil|móvil|movil|cell|cellulare|handy|mob|gsm"
    "|natel|portable|home|work|office|business|private|privat|main|zentrale|direct|durchwahl|büro|buero|p|t|m|h|w|o|c"
)
_LABEL = re.compile(rf"(?i)(?:^|(?<=[\s;,|/]))(?:{_LABELS})\b[ .]*[:.]?\s*(?=[+(0-9])")
_REMARK = re.compile(r"[(\[]\s*([^\W\d_][^()\[\]]*)[)\]]")
_CONNECTED = "|".join(re.escape(word) for word in sorted(CONNECTORS) if word != "+")
_BETWEEN = re.compile(rf"(?i)\s*(?:[;|\n\r\t]|:{{2,}}|,(?=\s|[+0(])|\s(?:{_CONNECTED})\s)\s*")
_PLUS = re.compile(r"(?<=\d)[\s/,-]*(?=\+)")
_NEXT = re.compile(r"(?<=\d)\s+(?=[(]?[0+])")


def numbers_in(text: str) -> ValuesFound | None:
    """The numbers of a text; None where it is to be judged as it stands.

    >>> numbers_in("030 123456 / 0171 456789").values, numbers_in("Tel.: 030 123456 (office)")
    (('030 123456', '0171 456789'), ValuesFound(values=('030 123456',), left_out='office'))
    """
    if len(text) > _MOST:
        return None
    left_out: list[str] = []

    def remark(found: re.Match[str]) -> str:
        left_out.append(found[1].strip())
        return " "

    plain = _LABEL.sub("", _REMARK.sub(remark, text))
    numbers: list[str] = []
    for part in _BETWEEN.split(plain):
        for number in _apart(part.strip(" ,.-/") if part.strip(" ,.-/") != part else part):
            if not number:
                continue
            if (
                numbers
                and number[0] not in "+0("
                and _digits(number) < _LEAST_DIGITS
                and re.fullmatch(r"[-0-9 ]+", number)
            ):
                left_out.append(number)  # the last digits of a second number, written as 123456/-57
            elif _digits(number) >= _LEAST_DIGITS and is_phone_number(number):
                numbers.append(number)
            else:
                return None
    once = {re.sub(r"\D", "", number): number for number in reversed(numbers)}
    values = tuple(number for number in dict.fromkeys(numbers) if once[re.sub(r"\D", "", number)] == number)
    return None if not values or values == (text,) else ValuesFound(values, ", ".join(left_out))


def _apart(text: str) -> list[str]:
    """The parts of a text in which numbers stand one after another, with nothing or a slash between them."""
    parts = []
    for piece in _PLUS.split(text):
        for one in _at_slashes(piece):
            parts += _at_spaces(one)
    return [part.strip() for part in parts]


def _at_slashes(text: str) -> list[str]:
    """Cut at a slash between two numbers; one behind an area code is part of its number."""
    parts = [text]
    for piece in re.split(r"\s*/\s*", text)[1:] if "/" in text else []:
        head, _, _ = parts[-1].partition("/") if len(parts) > 1 else (text.split("/")[0], "", "")
        whole = _digits(head.strip()) >= 7 or (piece[:1] in "0+(" and _digits(piece) >= 6 and _digits(head) >= 6)
        if not whole:
            return parts
        parts[-1] = head.strip()
        parts.append(piece)
    return parts


def _at_spaces(text: str) -> list[str]:
    """Cut where a second number begins, if the text has more digits than a number can have."""
    if _digits(text) <= MOST_DIGITS or len(dialled_digits(text)) <= MOST_DIGITS:
        return [text]
    pieces = [
        text[: place.start()] for place in _NEXT.finditer(text) if 6 <= _digits(text[: place.start()]) <= MOST_DIGITS
    ]
    cuts = [[head, text[len(head) :].strip()] for head in pieces]
    fitting = [cut for cut in cuts if 6 <= _digits(cut[1]) <= MOST_DIGITS]
    return fitting[0] if len(fitting) == 1 else [text]


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
