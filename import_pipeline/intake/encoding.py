"""Which encoding a text file is written in, and writing it once more in UTF-8.

A byte order mark, the pattern of zero bytes or valid UTF-8 decide at once; only what is left is guessed.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.errors import PayloadError

HEAD_BYTES = 1 << 20
_BLOCK = 1 << 22
_SAMPLE_BYTES = 60_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_ENCODINGS_OF_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape"})
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x01\x1a\x1b\x1c\x1d\x1e\x1f")


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    Attributes:
        name: Its name as Python knows it.
        confidence: How sure it is, 0 to 1.
        runner_up: The next best that gives another text; None if nothing else comes into question.
        other: The encoding of the lines that are not in it, where some are not.
    """

    name: str
    confidence: float = 1.0
    runner_up: str | None = None
    other: str | None = None

    @property
    def is_utf8(self) -> bool:
        """Whether DuckDB can read the file as it lies there."""
        return self.name in ("utf-8", "utf-8-sig", "ascii")

    @property
    def for_reading(self) -> str:
        """The name to open the file with: a mark at its start is never a part of the text."""
        return "utf-8-sig" if self.is_utf8 else self.name


def named(name: str) -> Encoding:
    """The encoding that a person named.

    Raises:
        PayloadError: There is no such encoding of texts.
    """
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
        if found.name in _NO_ENCODINGS_OF_FILES:
            raise LookupError(name)
    except (LookupError, TypeError, ValueError) as error:
        raise PayloadError(
            f"There is no encoding {name!r}. Use a name like utf-8, utf-16, windows-1252 or shift-jis.", encoding=name
        ) from error
    return Encoding(found.name)


def of_file(path: Path, head: bytes) -> Encoding:
    """Find the encoding of a file, wherever its first odd byte stands.

    Args:
        path: The file.
        head: Its first bytes, at least as many as tell UTF-16 from text.
    """
    mark = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if mark is not None and mark != "utf-8-sig":
        return Encoding(mark)
    wide = None if mark else _by_zero_bytes(head)
    if wide:
        return Encoding(wide, 0.95)
    if _decodes(path, "utf-8"):
        return Encoding(mark or "utf-8")
    from import_pipeline.intake.encoding_guess import rank
    from import_pipeline.intake.mixed_encoding import other_encoding

    other = other_encoding(path)
    if other is not None or mark is not None:
        return Encoding(mark or "utf-8", 0.9, other=other or "cp1252")
    with path.open("rb") as handle:
        sample = _irregular_lines(iter(lambda: handle.read(_BLOCK), b""))
    ranked = rank(sample)
    name, score = next((name, score) for name, score in ranked if name == "latin-1" or _decodes(path, name))
    text = sample.decode(name, "replace")
    rivals = [(rival, other) for rival, other in ranked if sample.decode(rival, "replace") != text]
    runner_up, second = rivals[0] if rivals else (None, 0.0)
    confidence = round(min(0.95, 0.5 + score - second), 2) if score > second else 0.4
    return Encoding(name, confidence, runner_up)


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text in any encoding: full of control characters, and not UTF-16 or UTF-32."""
    sample = head[:65_536]
    if sample.startswith(tuple(mark for mark, _ in _MARKS)) or _by_zero_bytes(sample):
        return False
    controls = sum(sample.count(byte) for byte in range(32) if byte not in _TEXT_CONTROLS)
    return controls > max(10, len(sample) // 20)


def transcode(path: Path, encoding: Encoding, target: Path) -> None:
    """Write the file once more as UTF-8; the target may be the file itself.

    Raises:
        PayloadError: The bytes are not in that encoding.
    """
    part = target.with_name(target.name + ".part")
    with part.open("wb") as sink:
        for text in decoded(path, encoding):
            sink.write(text.encode("utf-8", "surrogatepass"))
    part.replace(target)


def decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    """The text of a file in pieces.

    Raises:
        PayloadError: The bytes are not in that encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding.for_reading)("strict")
    with path.open("rb") as source:
        try:
            while block := source.read(_BLOCK):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise not_in(encoding.name, path) from error


def not_in(name: str, path: Path) -> PayloadError:
    """The error for bytes that an encoding doesn't have: where the first of them stands."""
    from import_pipeline.intake.mixed_encoding import byte_lines

    found = "" if name.startswith(("utf-16", "utf-32")) else _first_not_in(name, byte_lines(path))
    return PayloadError(
        f"The file is not written in {name} throughout{found}. Name another encoding, or none: it is then found.",
        encoding=name,
    )


def _first_not_in(name: str, lines: Iterator[bytes]) -> str:
    for number, line in enumerate(lines, start=1):
        try:
            line.decode(name)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            before = line[:start][-20:].decode(name, "replace")
            return f": line {number} has the byte 0x{line[start]:02X} behind {before!r}"
    return ""


def _decodes(path: Path, name: str) -> bool:
    """Whether all bytes of a file are of an encoding."""
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as handle:
        try:
            while block := handle.read(_BLOCK):
                if not (block.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _by_zero_bytes(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark, told by where the zero bytes of ASCII characters stand."""
    sample = head[: len(head) // 4 * 4][:65_536] or head
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    quarter = len(sample) / 4
    zeros = [sample[place::4].count(0) / quarter for place in range(4)]
    if min(zeros[1:]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[:3]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    # scripts other than Latin have few zero bytes, but line ends, commas and digits have them still
    if odd > 0.05 and even < odd / 20 and (odd > 0.4 or _is_text(head, "utf-16-le")):
        return "utf-16-le"
    if even > 0.05 and odd < even / 20 and (even > 0.4 or _is_text(head, "utf-16-be")):
        return "utf-16-be"
    return None


def _is_text(head: bytes, name: str) -> bool:
    text = head[: len(head) // 2 * 2][:65_536].decode(name, "replace")
    odd = sum(1 for character in text if not (character.isprintable() or character in "\t\r\n"))
    return odd * 50 < len(text)


def _irregular_lines(blocks: Iterator[bytes], wanted: int = _SAMPLE_BYTES) -> bytes:
    """The lines with bytes beyond ASCII, up to so many bytes of them."""
    kept = bytearray()
    rest = b""
    for block in blocks:
        if block.isascii() and rest.isascii():
            rest = block[block.rfind(b"\n") + 1 :][-10_000:]
            continue
        lines = (rest + block).split(b"\n")
        rest = lines.pop()[-10_000:]
        for line in lines:
            if not line.isascii():
                kept += line[:10_000] + b"\n"
                if len(kept) >= wanted:
                    return bytes(kept)
    if not rest.isascii():
        kept += rest
    return bytes(kept)


def of_head(head: bytes) -> str | None:
    """The first characters of a text in any Unicode encoding or ASCII; None if it is in another."""
    name = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _by_zero_bytes(head) or "utf-8"
    try:
        return codecs.getincrementaldecoder(name)().decode(head[:4096]).removeprefix("\ufeff")
    except UnicodeError:
        return None


def utf8_of_head(head: bytes) -> str | None:
    """The name of the encoding of a text that begins as one in UTF-8, with a mark or without; None if it does not."""
    if b"\x00" in head:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeError:
        return None
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
