"""Which encoding a text file is written in, and its copy in UTF-8.

A byte order mark, the pattern of zero bytes or valid UTF-8 decide at once; only what is left is guessed.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.errors import PayloadError

HEAD_BYTES = 1 << 20
_BLOCK = 1 << 20
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x01\x1a\x1c\x1d\x1e\x1f")
_SINGLE_BYTE = {"latin_1", "cp1250", "cp1252", "cp1254", "cp1257", "iso8859_15", "iso8859_9", "mac_roman"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Encoding:
    """The name of an encoding as Python knows it, and how sure that is."""

    name: str
    confidence: float = 1.0

    @property
    def is_utf8(self) -> bool:
        """Whether DuckDB can read the file as it lies there."""
        return self.name in ("utf-8", "utf-8-sig", "ascii")


def of_file(path: Path, head: bytes) -> Encoding:
    """Find the encoding of a file, wherever its first odd byte stands.

    Args:
        path: The file.
        head: Its first bytes, at least as many as tell UTF-16 from text.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    wide = _by_zero_bytes(head)
    if wide:
        return Encoding(wide, 0.95)
    if is_utf8(path):
        return Encoding("utf-8")
    with path.open("rb") as handle:
        return guess(_odd_lines(iter(lambda: handle.read(_BLOCK), b"")))


def is_utf8(path: Path) -> bool:
    """Whether all bytes of a file are UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as handle:
        try:
            while block := handle.read(_BLOCK):
                if not (block.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text in any encoding: full of control characters, and not UTF-16 or UTF-32."""
    sample = head[:65_536]
    if sample.startswith(tuple(mark for mark, _ in _MARKS)) or _by_zero_bytes(sample):
        return False
    controls = sum(sample.count(byte) for byte in range(32) if byte not in _TEXT_CONTROLS)
    return controls > max(10, len(sample) // 20)


def guess(sample: bytes) -> Encoding:
    """Guess a one-byte or Asian encoding from lines that hold bytes beyond ASCII."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:200_000]).best()
    if best is None or best.encoding in _SINGLE_BYTE | {"utf_8", "ascii"}:
        return Encoding("cp1252", 0.5)
    return Encoding(best.encoding, 0.7)


def transcode(path: Path, encoding: str) -> Path:
    """Write the file once more as UTF-8 beside itself, as `<path>.utf8`.

    Raises:
        PayloadError: The bytes are not in that encoding.
    """
    target = path.with_name(path.name + ".utf8")
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    with path.open("rb") as source, target.open("wb") as sink:
        while block := source.read(_BLOCK):
            try:
                sink.write(decoder.decode(block).encode("utf-8", "surrogatepass"))
            except UnicodeDecodeError as error:
                raise PayloadError(
                    f"Byte {offset + error.start} of the file is not {encoding}. Name its encoding by hand.",
                    encoding=encoding,
                ) from error
            offset += len(block)
        try:
            sink.write(decoder.decode(b"", final=True).encode("utf-8"))
        except UnicodeDecodeError as error:
            raise PayloadError(f"The file ends within a character of {encoding}.", encoding=encoding) from error
    return target


def _by_zero_bytes(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark, told by where the zero bytes of ASCII characters stand."""
    sample = head[: len(head) // 4 * 4][:65_536]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    quarter = len(sample) / 4
    zeros = [sample[place::4].count(0) / quarter for place in range(4)]
    if min(zeros[1:]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[:3]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    return None


def _odd_lines(blocks: Iterator[bytes], wanted: int = 200_000) -> bytes:
    """The lines with bytes beyond ASCII, up to so many bytes of them."""
    kept = bytearray()
    rest = b""
    for block in blocks:
        if block.isascii() and rest.isascii():
            rest = block[-1000:]
            continue
        lines = (rest + block).split(b"\n")
        rest = lines.pop()[-100_000:]
        for line in lines:
            if not line.isascii():
                kept += line[:10_000] + b"\n"
        if len(kept) >= wanted:
            break
    if not rest.isascii():
        kept += rest
    return bytes(kept[:wanted])
