"""What the body of a call may hold: each call says by its decorator which kind of body it takes, never its caller.

A call that says nothing takes a small one. Depth, number and length of the values are limited before any is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from import_pipeline.api.json_shape import Shape
from import_pipeline.api.refusals import RefusedError
from import_pipeline.settings import Settings

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

SMALL_BODY_BYTES = 1_000_000
TINY_BODY_BYTES = 2_000
DEEPEST = 32
MOST_BESIDE_ROWS = 50_000
"""Values of a body that are no rows: mappings and fields, of which even the largest table has fewer."""
_LONGEST_TEXT = 100_000
_BYTES_PER_VALUE = 50
"""A body of rows may hold one value for so many bytes that it may have: what is denser is no table that people keep."""
_ROW_LISTS = ("data", "initial_data", "rows")
_KIND = "body_kind"


class BodyKind(Enum):
    """What kind of body a call takes."""

    TINY = "tiny"
    SMALL = "small"
    ROWS = "rows"
    FILE = "file"


def takes_little(endpoint: Endpoint) -> Endpoint:
    """Mark a call that strangers may make, and whose body is a few words."""
    setattr(endpoint, _KIND, BodyKind.TINY)
    return endpoint


def takes_rows(endpoint: Endpoint) -> Endpoint:
    """Mark a call whose body may hold the rows of a table, as JSON."""
    setattr(endpoint, _KIND, BodyKind.ROWS)
    return endpoint


def takes_file(endpoint: Endpoint) -> Endpoint:
    """Mark a call whose body may be a file; it reads the body in pieces and counts what it keeps in memory."""
    setattr(endpoint, _KIND, BodyKind.FILE)
    return endpoint


def kind_of(endpoint: Callable[..., Any]) -> BodyKind:
    """Which kind of body a call takes."""
    return getattr(endpoint, _KIND, BodyKind.SMALL)


@dataclass(frozen=True)
class BodyLimits:
    """The limits of one kind of body.

    Attributes:
        size: Most bytes.
        values: Most values of JSON.
        text: Most bytes of one string.
    """

    size: int
    values: int
    text: int

    @classmethod
    def of(cls, kind: BodyKind, settings: Settings) -> "BodyLimits":
        """The limits that the settings give."""
        most = settings.max_body_bytes
        if kind is BodyKind.TINY:
            return cls(TINY_BODY_BYTES, MOST_BESIDE_ROWS, TINY_BODY_BYTES)
        if kind is BodyKind.SMALL:
            return cls(min(SMALL_BODY_BYTES, most), MOST_BESIDE_ROWS, _LONGEST_TEXT)
        size = settings.max_file_bytes if kind is BodyKind.FILE else most
        return cls(size, max(MOST_BESIDE_ROWS, most // _BYTES_PER_VALUE), most)

    def are_surely_kept(self, body: bytes) -> bool:
        """Whether a JSON text is so short and plain that it need not be measured."""
        opening = body.count(b"[") + body.count(b"{")
        return opening <= DEEPEST and opening + body.count(b",") <= self.values and len(body) <= self.text

    def check(self, shape: Shape) -> None:
        """Refuse a JSON text that holds too much.

        Raises:
            RefusedError: It is too deep (422), or holds too many or too long values (413).
        """
        if shape.depth > DEEPEST:
            message = f"The body has lists or objects in each other, more than {DEEPEST} deep. Send plain rows."
            raise RefusedError(422, "invalid_request", message, limit=DEEPEST)
        if shape.values > self.values:
            message = f"The body holds more than {self.values:,} values. Upload the rows as a file by a signed URL."
            raise RefusedError(413, "too_large", message, limit=self.values)
        if shape.longest > self.text:
            message = f"The body holds a text of more than {self.text:,} bytes. Shorten it."
            raise RefusedError(413, "too_large", message, limit=self.text)


def check_beside_rows(body: Any) -> None:
    """Refuse a body with too many values beside its rows.

    Raises:
        RefusedError: There are too many.
    """
    if not isinstance(body, dict):
        return
    count = len(body)
    waiting = [value for key, value in body.items() if not (key in _ROW_LISTS and isinstance(value, list))]
    while waiting and count <= MOST_BESIDE_ROWS:
        value = waiting.pop()
        if isinstance(value, dict | list):
            count += len(value)
            waiting.extend(value.values() if isinstance(value, dict) else value)
    if count > MOST_BESIDE_ROWS:
        message = f"The body holds more than {MOST_BESIDE_ROWS:,} values beside its rows."
        raise RefusedError(413, "too_large", message, limit=MOST_BESIDE_ROWS)
