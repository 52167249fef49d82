"""How deep, how many and how long the values of a JSON text are, found without making any of them.

The text is looked at in pieces, as bytes: 24 MB of empty lists cost a fraction of a second here, and gigabytes as
Python's objects. Text that is no JSON gets some answer; whoever parses it refuses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_QUOTE, _COMMA = ord('"'), ord(",")


@dataclass(frozen=True)
class Shape:
    """What a JSON text holds.

    Attributes:
        depth: How many lists and objects lie in each other.
        values: How many values there are, at least about: each separator and each opening bracket counts.
        longest: Bytes of the longest string, without its escape signs.
    """

    depth: int
    values: int
    longest: int


def shape_of(pieces: Iterable[bytes]) -> Shape:
    r"""Measure a JSON text in UTF-8.

    >>> shape_of([b'{"a": [1, 2, "x', b'y\\", [z"]}'])
    Shape(depth=2, values=4, longest=6)
    """
    import numpy as np

    depth, deepest, values, longest = 0, 0, 0, 0
    inside, length, kept = False, 0, b""
    for piece in pieces:
        whole = kept + piece
        signs = len(whole) - len(whole.rstrip(b"\\"))
        kept = b"\\" if signs % 2 else b""  # what it escapes comes with the next piece
        text = np.frombuffer((whole[:-1] if kept else whole).replace(b"\\\\", b"").replace(b'\\"', b""), np.uint8)
        if not len(text):
            continue
        quotes = text == _QUOTE
        outside = ((np.cumsum(quotes, dtype=np.int32) + inside) & 1) == 0
        folded = text | 0x20  # [ and {, ] and } differ by this bit alone
        opening = outside & (folded == ord("{"))
        closing = outside & (folded == ord("}"))
        level = np.cumsum(opening.astype(np.int8) - closing.astype(np.int8), dtype=np.int32)
        deepest = max(deepest, depth + int(level.max()))
        depth += int(level[-1])
        values += int(np.count_nonzero(opening)) + int(np.count_nonzero(outside & (text == _COMMA)))
        places = np.flatnonzero(quotes)
        if len(places):
            gaps = np.diff(places, prepend=-1 - length) - 1
            longest = max(longest, int(gaps[0 if inside else 1 :: 2].max(initial=0)))
            inside, length = not outside[-1], len(text) - 1 - int(places[-1])
        else:
            length += len(text)
        if inside:
            longest = max(longest, length)
    return Shape(deepest, values, longest)
