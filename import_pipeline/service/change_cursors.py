"""Cursors over the changes of records: how far somebody has read, as a text that stays right for ever.

A cursor names the mark of the transaction that was read last, by its number and the import that wrote it, and how far
in it. So it is seen when a store does not hold that transaction any more, because it was brought back to an earlier
state: what follows there would be other changes, and the cursor is refused. A cursor lets nobody in anywhere: whose
changes are read is decided by who asks. Its check sum keeps it from being taken for another one, or changed by hand.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import astuple, dataclass
from typing import Any

from import_pipeline.errors import MisuseError

_CHECK_BYTES = 8
LONGEST = 2_000
"""A cursor has at most so many characters."""


@dataclass(frozen=True)
class Place:
    """A place between two changes of the records of one type.

    Attributes:
        sequence: The number of the mark of the transaction that was read last; 0 before all.
        import_id: The import that left the mark; empty before all.
        row_number: The row of the last change that was read of that transaction, 0 for what no row of a file is about;
            None where all of it was read.
        record_id: The record of that change, else empty.
    """

    sequence: int = 0
    import_id: str = ""
    row_number: int | None = None
    record_id: str = ""


START = Place()
"""Before all changes."""


def written(place: Place, organization: str, record_type: str) -> str:
    """The cursor of a place in the changes of an organization's records."""
    content = json.dumps(astuple(place), separators=(",", ":"), ensure_ascii=False).encode()
    check = _check(content, organization, record_type)
    return base64.urlsafe_b64encode(check + content).decode().rstrip("=")


def read(cursor: str, organization: str, record_type: str) -> Place:
    """The place that a cursor names.

    Raises:
        MisuseError: It is none, or one of other records.
    """
    try:
        decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        check, content = decoded[:_CHECK_BYTES], decoded[_CHECK_BYTES:]
        if check != _check(content, organization, record_type):
            raise ValueError
        given: list[Any] = json.loads(content)
        return Place(*given)
    except (binascii.Error, ValueError, TypeError):
        raise MisuseError(
            f"{cursor!r} is no cursor of changes of {record_type} records of this organization. "
            "Take next_cursor of the page before as it is, or begin without one."
        ) from None


def _check(content: bytes, organization: str, record_type: str) -> bytes:
    whose = f"{organization}/{record_type}/".encode()
    return hashlib.sha256(whose + content).digest()[:_CHECK_BYTES]
