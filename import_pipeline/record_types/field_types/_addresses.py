"""Email addresses in one text: several of them, with names before them, remarks behind them, mailto: in front.

A text is taken apart only where every part of it is understood: half an address is never one.
"""

import re

from import_pipeline.record_types.field_types._field_type import ValuesFound
from import_pipeline.record_types.lexicon.connectors import CONNECTORS
from import_pipeline.record_types.rules.email_address import is_email_address

_MOST = 2_000
_ADDRESS = r"(?:mailto:)?[^<>\s@,;]+@[^<>\s@,;]+"
_NAMED = re.compile(rf"""(?i)(?:^|(?<=[;,|/\n:]))\s*("[^"]*"|'[^']*'|[^<>@;|"\n]*?)\s*<\s*({_ADDRESS})\s*>""")
_REMARK = re.compile(r"[(\[]([^()\[\]@]*)[)\]]")
_LABEL = re.compile(r"(?i)(?:^|(?<=[\s;,|/]))([^\W\d_][\w .-]{0,20}):(?=\s*[^\s:@/]+@)(?<!mailto:)")
_BETWEEN = re.compile(r"[\s;,|/<>]+|:{2,}")
_MAILTO = re.compile(r"(?i)^mailto:")
_QUESTION = re.compile(r"\?.*$")


def addresses_in(text: str) -> ValuesFound | None:
    """The addresses of a text; None where there is none, or something beside them that nobody can tell.

    >>> addresses_in("Ann Lee <ann@example.com>; bob@example.com")
    ValuesFound(values=('ann@example.com', 'bob@example.com'), left_out='Ann Lee')
    >>> addresses_in("ann,lee@example.com")
    """
    if len(text) > _MOST or "@" not in text:
        return None
    left_out: list[str] = []

    def set_apart(found: re.Match[str]) -> str:
        left_out.append(found[1].strip(" \"',"))
        return f" {found[2]} " if found.re.groups > 1 else " "

    plain = _NAMED.sub(set_apart, text)
    plain = _LABEL.sub(set_apart, _REMARK.sub(set_apart, plain))
    parts = [part for part in _BETWEEN.split(plain) if part and part.lower() not in CONNECTORS]
    addresses = [_QUESTION.sub("", _MAILTO.sub("", part)) if _MAILTO.match(part) else part for part in parts]
    if not addresses or not all(map(is_email_address, addresses)):
        return None
    once = {address.lower(): address for address in reversed(addresses)}
    values = tuple(address for address in dict.fromkeys(addresses) if once[address.lower()] == address)
    beside = [remark for remark in left_out if remark and remark.lower() not in once]
    return None if values == (text,) else ValuesFound(values, ", ".join(beside))
