"""JSON piece by piece: its records one after the other, its values as text, numbers as they were written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.encoding import Encoding, decoded

_ROWS = re.compile(r'\s*(\[\s*(\{\s*("|\})|\[\s*["\[\d{-]|\])|\{\s*("(?:[^"\\]|\\.)*"\s*:|\}))')
_GAP = re.compile(r"[\s,]*")


class Number(str):
    """A number as it was written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


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


def records(path: Path, text: Encoding, most_characters: int) -> Iterator[Any]:
    """The records of a file, one by one; a line of JSON lines that is broken comes as `Broken`.

    Raises:
        PayloadError: An array is broken, or there are no records.
        LimitExceededError: One record is too long.
    """
    pieces = decoded(path, text)
    start = ""
    for piece in pieces:
        start += piece
        if start.lstrip("\ufeff \t\r\n"):
            break
    start = start.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        yield from _of_array(start[1:], pieces, most_characters)
        return
    first, end, _ = start.partition("\n")
    if end and _value(first) is not None:
        yield from _of_lines(start, pieces, most_characters)
        return
    for piece in pieces:
        start += piece
        if len(start) > most_characters * 4:
            raise LimitExceededError(
                "one JSON object of characters", len(start), most_characters * 4, "IMPORT_PIPELINE_MAX_CELL_BYTES"
            )
    whole = _value(start)
    if isinstance(whole, dict):
        inside = [
            value for value in whole.values() if isinstance(value, list) and all(isinstance(one, dict) for one in value)
        ]
        yield from inside[0] if len(inside) == 1 and inside[0] else [whole]
        return
    yield from _of_lines(start, iter(()), most_characters)


def _value(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _of_array(start: str, pieces: Iterator[str], most: int) -> Iterator[Any]:
    buffer, at = start, 0
    done = False
    while True:
        # A gap may be empty, so it always matches.
        at = _GAP.match(buffer, at).end()  # type: ignore[union-attr]
        if buffer[at : at + 1] == "]":
            return
        try:
            if at >= len(buffer):
                raise json.JSONDecodeError("more", buffer, at)
            value, end = _DECODER.raw_decode(buffer, at)
            if end == len(buffer) and not done:
                raise json.JSONDecodeError("a number may go on", buffer, at)
        except RecursionError as error:
            raise PayloadError("The JSON is nested too deeply.") from error
        except json.JSONDecodeError as error:
            if done:
                place = f"character {at} of its last part"
                raise PayloadError(f"The JSON array is broken or cut off near {place}. Export it again.") from error
            if len(buffer) - at > most:
                raise LimitExceededError(
                    "a JSON record of characters", len(buffer) - at, most, "IMPORT_PIPELINE_MAX_CELL_BYTES"
                ) from error
            more = next(pieces, None)
            done = more is None
            buffer, at = buffer[at:] + (more or ""), 0
            continue
        yield value
        at = end


def _of_lines(start: str, pieces: Iterator[str], most: int) -> Iterator[Any]:
    rest = start
    number = 0
    while True:
        lines = rest.split("\n")
        piece = next(pieces, None)
        rest = "" if piece is None else lines.pop()
        for line in lines:
            number += 1
            if line.strip():
                value = _value(line)
                yield Broken(number, line) if value is None else value
        if piece is None:
            return
        if len(rest) > most:
            raise LimitExceededError("a JSON line of characters", len(rest), most, "IMPORT_PIPELINE_MAX_CELL_BYTES")
        rest += piece


def text_of(value: Any) -> str:
    """A value as the text of a cell; null is empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return _written(value)


def _written(value: Any) -> str:
    """A value as JSON, numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_written(one)}" for key, one in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
