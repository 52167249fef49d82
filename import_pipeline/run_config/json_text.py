r"""JSON text into values, with what no column, file or answer could hold refused: halves and endless depth.

A half of a character (a lone surrogate, as `"\ud83d"` writes it) is no text in UTF-8; JSON allows it all the same.
"""

import json
import re
from typing import Any

DEEPEST = 32
_SHOWN = 20
_MAY_BE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json_text(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: It is no JSON, too deep, or holds half of a character.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise _too_deep() from None
    if _depth(value) > DEEPEST:
        raise _too_deep()
    refuse_halves(value)
    return value


def may_hold_halves(body: bytes) -> bool:
    """Whether a JSON text has an escape that may stand for half of a character; quick, for long texts."""
    return _MAY_BE_HALF.search(body) is not None


def refuse_halves(value: Any) -> None:
    """Refuse a value of JSON in which a text or a key holds half of a character.

    Raises:
        ValueError: Names the place by what stands before it.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        before = error.object[max(error.start - _SHOWN, 0) : error.start].encode("utf-8", "replace").decode()
        raise ValueError(
            f"it holds half of a character (the lone surrogate U+{ord(error.object[error.start]):04X}) after "
            f"{before!r}; send whole characters"
        ) from None


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        depth += bool(inner)
        if not inner:
            break
        level = inner
    return depth


def _too_deep() -> ValueError:
    return ValueError(f"it has lists or objects in each other, more than {DEEPEST} deep")
