"""JSON piece by piece: its records one after the other, numbers as they were written.

Read by the standard library's scanner: ijson is slower for records of usual size, needs memory by the square of the
depth, and its C parser kills the process at a number of 5,000 digits.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.encoding import Encoding, decoded

MOST_LEVELS = 100
"""How deep values may be nested."""
_ROWS = re.compile(r'\s*(\[\s*(\{\s*("|\})|\[\s*["\[\d{-]|\])|\{\s*("(?:[^"\\]|\\.)*"\s*:|\}))')
_GAP = re.compile(r"[\s,]*")
SPACE = "\ufeff \t\r\n"
"""What may stand around a line."""
_CUT = 24
"""Within so many characters of the end of what was read, an error may come from the text going on behind it."""
_FEW = 3


class Number(str):
    """A number as it was written."""

    __slots__ = ()


def _constant(name: str) -> Number | None:
    """What some programs write for numbers that JSON does not know: NaN is no value."""
    return None if name == "NaN" else Number(name)


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_constant)


@dataclass(frozen=True)
class Broken:
    """A line that is not JSON."""

    line: int
    text: str


def looks_like_rows(text: str) -> bool:
    """Whether a text begins with an array of objects or arrays, or with an object.

    >>> looks_like_rows('[{"a": 1}]'), looks_like_rows('[Name],[Age]')
    (True, False)
    """
    return _ROWS.match(text) is not None


class JsonFile:
    """The records of a file, which may be gone through several times.

    Args:
        path: The file.
        text: Its encoding.
        most: How many characters one record may have.
    """

    def __init__(self, path: Path, text: Encoding, most: int) -> None:
        self.path = path
        self.text = text
        self.most = most
        self.beside: tuple[str, ...] = ()
        """Keys of the values beside the list that holds the records, once they were gone through."""

    def records(self) -> Iterator[Any]:
        """The records one by one; a line of JSON lines that is broken comes as `Broken`.

        Raises:
            PayloadError: The JSON is broken or nested too deeply, or an object holds several lists of records.
            LimitExceededError: One record is too long.
        """
        pieces = decoded(self.path, self.text)
        start, lines_above = "", 0
        for one in pieces:
            start = one.lstrip(SPACE)
            lines_above += one.count("\n", 0, len(one) - len(start))
            if start:
                break
        if start.startswith("["):
            yield from _values(start[1:], pieces, self.most, is_array=True)
            return
        line = [start]
        length = len(start)
        while "\n" not in line[-1] and length <= self.most and (piece := next(pieces, None)) is not None:
            line.append(piece)
            length += len(piece)
        start = "".join(line)
        first, end, _ = start.partition("\n")
        if end and value_of(first) is not None:
            yield from _of_lines(chain([start], pieces), self.most, lines_above)
            return
        values = _values(start, pieces, self.most * 4)
        value = next(values, None)
        following = next(values, None)
        if following is None and isinstance(value, dict):
            yield from self._of_object(value)
            return
        yield from (one for one in (value, following) if one is not None)
        yield from values

    def _of_object(self, whole: dict[str, Any]) -> list[Any]:
        """The records of a single object: its one list of objects, wherever other objects lead to it, or itself."""
        lists: dict[str, list[Any]] = {}
        beside: list[str] = []
        todo = [("", whole, 1)]
        while todo:
            prefix, values, level = todo.pop()
            for key, value in values.items():
                if isinstance(value, dict) and level < MOST_LEVELS:
                    todo.append((f"{prefix}{key}.", value, level + 1))
                elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                    lists[prefix + key] = value
                elif value is not None and not prefix:
                    beside.append(key)
        if len(lists) == 1:
            self.beside = tuple(beside)
            return next(iter(lists.values()))
        if lists and len(beside) < _FEW:
            raise PayloadError(
                f"The JSON object holds {len(lists)} lists of objects: {', '.join(map(repr, lists))}. "
                "Put the one that is meant into a file of its own.",
                lists=list(lists),
            )
        return [whole]


def value_of(text: str) -> Any:
    """The value of a line; None if it is not JSON, is nested too deeply, or holds half a character."""
    try:
        value = _DECODER.decode(text.strip(SPACE))
    except (ValueError, RecursionError):
        return None
    return None if _holds_half(text, value) else value


def _holds_half(text: str, value: Any) -> bool:
    r"""Whether a text has one of two escapes that are a character together, such as \ud83d alone: no text holds it."""
    if "\\ud" not in text and "\\uD" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _values(start: str, pieces: Iterator[str], most: int, *, is_array: bool = False) -> Iterator[Any]:
    """The values of a text one after the other, until it ends, or the array around them.

    What has no end yet is read again with as much text behind it as it has, so that long ones take no longer by the
    character than short ones.
    """
    buffer, at = start, 0
    done = False
    count = 0
    while True:
        gap = _GAP.match(buffer, at)
        assert gap is not None, "a gap may be empty, so it always matches"
        at = gap.end()
        if is_array and buffer[at : at + 1] == "]":
            if any(piece.strip() for piece in chain([buffer[at + 1 :]], pieces)):
                raise PayloadError("The JSON goes on behind its array. Put all records into one array.")
            return
        if done and at >= len(buffer) and not is_array:
            return
        wanted = max(1, len(buffer) - at)
        try:
            value, end = _DECODER.raw_decode(buffer, at)
        except RecursionError as error:
            raise too_deep() from error
        except json.JSONDecodeError as error:
            is_cut = error.pos >= len(buffer) - _CUT or error.msg.startswith("Unterminated string")
            if done or not is_cut:
                where = f"behind record {count}" if count else "in its first record"
                raise PayloadError(f"The JSON is broken or cut off {where}. Export it again.") from error
        else:
            if end < len(buffer) or done:
                if _holds_half(buffer[at:end], value):
                    raise PayloadError(
                        f"Record {count + 1} of the JSON holds half a character, an escape like \\ud83d without its "
                        "other half. Export it again."
                    )
                yield value
                count += 1
                at = end
                continue
            wanted = 1  # a number at the end may go on
        if len(buffer) - at > most:
            raise _too_long("a JSON record of characters", len(buffer) - at, most)
        more: list[str] = []
        while wanted > 0 and not done:
            piece = next(pieces, None)
            done = piece is None
            more.append(piece or "")
            wanted -= len(piece or "")
        buffer, at = buffer[at:] + "".join(more), 0


def _of_lines(pieces: Iterator[str], most: int, lines_above: int) -> Iterator[Any]:
    for number, line in enumerate(_lines(pieces, most), start=lines_above + 1):
        if line.strip():
            value = value_of(line)
            yield Broken(number, line) if value is None else value


def _lines(pieces: Iterator[str], most: int) -> Iterator[str]:
    """The lines of a text, the last one too if it has no end."""
    held: list[str] = []
    length = 0
    for piece in pieces:
        first, *lines = piece.split("\n")
        held.append(first)
        length += len(first)
        if lines:
            yield "".join(held)
            yield from lines[:-1]
            held, length = [lines[-1]], len(lines[-1])
        if length > most:
            raise _too_long("a JSON line of characters", length, most)
    yield "".join(held)


def too_deep() -> PayloadError:
    """The error for values that are nested too deeply."""
    return PayloadError(
        f"The JSON is nested more than {MOST_LEVELS} levels deep. Export it as a plain list of objects."
    )


def _too_long(what: str, length: int, most: int) -> LimitExceededError:
    return LimitExceededError(what, length, most, "IMPORT_PIPELINE_MAX_CELL_BYTES")
