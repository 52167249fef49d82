"""UTF-8 with some lines in another encoding, as files get them that were pasted together or patched by hand.

Each line is read by itself: those that are UTF-8 as such, the others in the one encoding that fits them best. Which
lines that were is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ftfy.badness import is_bad

from import_pipeline.intake.encoding_guess import OF_SEVERAL_BYTES, rank

MOST_SHOWN = 20
_PIECE = 1 << 20
_MOST_LINES = 5_000
_MOST_OF_A_LINE = 10_000
_SURE = 0.6
_CJK = "\u2e80"
_LETTERS = (
    r"A-Za-z\u00c0-\u017f\u01a0\u01a1\u01af\u01b0\u0218-\u021b\u0300-\u0309\u0323\u1e00-\u1ef9",  # Latin
    r"\u0370-\u03ff",  # Greek
    r"\u0400-\u045f\u0490-\u0493",  # Cyrillic
    r"\u05d0-\u05ea",  # Hebrew
    r"\u0620-\u0652",  # Arabic
    r"\u0900-\u0dff",  # of India
    r"\u0e00-\u0e7f",  # Thai
    r"\u3005\u3040-\u30ff\u4e00-\u9fff\uff66-\uff9f\uac00-\ud7a3",  # of China, Japan and Korea
)
_SCRIPTS = tuple(re.compile(f"[{letters}]+") for letters in _LETTERS)
_COMMON = re.compile(
    rf"[{''.join(_LETTERS)}\u00a0-\u00bf\u2010-\u2044\u20ac\u2100-\u214f\u2190-\u21ff\u2200-\u22ff\u2500-\u27bf"
    r"\u3000-\u303f\ufe00-\ufe0f\ufeff\uff00-\uff65\U0001f000-\U0001faff]"
)
_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
"""A character beyond ASCII in UTF-8 (RFC 3629, section 4)."""


@dataclass
class Repaired:
    """The lines that were read in another encoding than the rest: how many, and the first of them by number."""

    count: int = 0
    first: tuple[int, ...] = ()

    def in_words(self) -> str:
        """The lines for people."""
        numbers = ", ".join(map(str, self.first))
        return f"line{'s' if self.count > 1 else ''} {numbers}{', …' if self.count > len(self.first) else ''}"


def other_encoding(path: Path) -> str | None:
    """The encoding of the lines that are not UTF-8, in a file whose other lines are; None if it is no such file."""
    utf8, other, count = bytearray(), bytearray(), [0, 0]
    for line in byte_lines(path):
        if line.isascii():
            continue
        is_utf8 = _is_utf8(line)
        count[not is_utf8] += 1
        (utf8 if is_utf8 else other).extend(line[:_MOST_OF_A_LINE] + b"\n")
        if count[1] >= _MOST_LINES:
            break
    if not count[1]:
        return None
    if not count[0]:
        return _of_broken_lines(bytes(other))
    text = utf8.decode("utf-8", "replace")
    if not looks_written(text):
        return None
    name = _best(bytes(other), text)
    if count[0] >= count[1]:
        return name
    # few lines of UTF-8 among many others: only where they would be garbled for sure in the encoding of these
    return name if name not in OF_SEVERAL_BYTES and is_bad(utf8.decode(name, "replace")) else None


def transcode(path: Path, name: str, target: Path) -> Repaired:
    """Write the file once more as UTF-8, each line that is none read in the other encoding; tells which these are.

    Args:
        path: The file.
        name: The encoding of its other lines.
        target: Where the copy goes; may be the file itself.
    """
    found = Repaired()
    part = target.with_name(target.name + ".part")
    number, begins = 0, True
    with part.open("wb") as sink:
        for line in byte_lines(path):
            number += begins
            begins = line.endswith((b"\n", b"\r"))
            if not line.isascii() and not _is_utf8(line):
                if number not in found.first[-1:]:
                    found.count += 1
                    found.first = (*found.first, number)[:MOST_SHOWN]
                line = _repaired(line, name).encode("utf-8", "replace")
            sink.write(line)
    part.replace(target)
    return found


def byte_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file with their ends, in pieces where they are very long; no piece ends within a character."""
    with path.open("rb") as handle:
        rest = b""
        while piece := handle.readline(_PIECE):
            piece = rest + piece
            rest = b""
            if not piece.endswith(b"\n"):
                end = len(piece)
                while end > len(piece) - 64 and piece[end - 1] >= 0x80:
                    end -= 1
                piece, rest = piece[:end], piece[end:]
            if b"\r" in piece:
                yield from re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", piece)
            elif piece:
                yield piece
        if rest:
            yield rest


def _of_broken_lines(other: bytes) -> str | None:
    """The second encoding of a file in which each line beyond ASCII has characters of UTF-8, and other bytes too."""
    text = " ".join(found.decode("utf-8") for found in _SEQUENCE.findall(other))
    rest = _SEQUENCE.sub(b" ", other)
    if len(text) < 4 * len(re.findall(rb"[\x80-\xff]+", rest)) or not looks_written(text):
        return None
    name, score = rank(other)[0]
    if name in OF_SEVERAL_BYTES and score > _SURE:
        return None
    return _best(rest, text) if is_bad(other.decode(name, "replace")) else None


def _best(sample: bytes, text: str) -> str:
    """The encoding of lines that are not UTF-8: best one whose characters stand in the other lines (`text`), too.

    One of several bytes a character comes into question only beside a script that needs it.
    """
    is_asian = any(character >= _CJK for character in text)
    beside = {character for character in text if character >= "\x80"}
    scores: dict[str, float] = {}
    for name, score in rank(sample):
        if is_asian or name not in OF_SEVERAL_BYTES:
            odd = [character for character in sample.decode(name, "replace") if character >= "\x80"]
            scores[name] = score + sum(character in beside for character in odd) / max(1, len(odd))
    return max(scores, key=lambda name: scores[name])


def looks_written(text: str) -> bool:
    """Whether characters are common and those of a word of one script: another encoding is UTF-8 by chance only."""
    odd = [character for character in text if character >= "\x80"]
    common = sum(_COMMON.match(character) is not None for character in odd)
    words = _WORD.findall(text)
    of_one = sum(any(script.fullmatch(word) for script in _SCRIPTS) for word in words)
    return common * 10 >= len(odd) * 9 and of_one * 10 >= len(words) * 9


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _repaired(line: bytes, name: str) -> str:
    whole = _decoded(line, name)
    if name in OF_SEVERAL_BYTES or not _SEQUENCE.search(line) or not is_bad(whole):
        return whole
    # both in one line: what is a character of UTF-8 is read as one
    cells: list[str] = []
    at = 0
    for found in _SEQUENCE.finditer(line):
        cells += (_decoded(line[at : found.start()], name), found[0].decode("utf-8"))
        at = found.end()
    return "".join([*cells, _decoded(line[at:], name)])


def _decoded(part: bytes, name: str) -> str:
    try:
        return part.decode(name)
    except UnicodeDecodeError:
        return part.decode(name, "replace")
