"""Parts of a file over HTTP (RFC 9110, 14): one range of bytes is given alone; what else is asked for gets the file."""

import re
from dataclasses import dataclass

from starlette.datastructures import Headers

from import_pipeline.api.refusals import RefusedError

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


@dataclass(frozen=True)
class Part:
    """Some bytes of a file.

    Attributes:
        first: The first byte, from 0.
        count: How many.
        size: Bytes of the whole file.
    """

    first: int
    count: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.count == self.size

    @property
    def headers(self) -> dict[str, str]:
        """What an answer with this part says of it."""
        length = {"Accept-Ranges": "bytes", "Content-Length": str(self.count)}
        if self.is_whole:
            return length
        return length | {"Content-Range": f"bytes {self.first}-{self.first + self.count - 1}/{self.size}"}


def part_asked(headers: Headers, size: int, etag: str) -> Part:
    """The part of a file that a request asks for.

    Args:
        headers: Of the request; several ranges, and a range of a file that has changed since, mean the whole.
        size: Bytes of the file.
        etag: What the file is now.

    Raises:
        RefusedError: The file has no such part (416).
    """
    whole = Part(0, size, size)
    asked = _ONE_RANGE.fullmatch(headers.get("range", ""))
    if asked is None or not any(asked.groups()) or headers.get("if-range", etag) != etag:
        return whole
    first, last = asked.groups()
    if not first:
        begin, end = max(size - int(last), 0), size
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < begin:
            return whole
    if begin >= end:
        message = f"The file has {size} bytes; there is no such part of it."
        raise RefusedError(416, "no_such_range", message, {"Content-Range": f"bytes */{size}"})
    return Part(begin, end - begin, size)
