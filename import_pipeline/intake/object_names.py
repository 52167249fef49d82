"""Which object names every bucket accepts, and nothing else.

A name is compared and passed on as it is, letter by letter: no glob, scheme, escape or version is ever read
out of it. What the parts of an upload's name mean is decided in `run_config.object_key`.
"""

import unicodedata
from urllib.parse import quote

from import_pipeline.errors import InvalidNameError

MAX_KEY_BYTES = 1024
"""Longest name of an object, in bytes of UTF-8 (the limit of S3)."""
MAX_PART_BYTES = 255
"""Longest part between two slashes, in bytes of UTF-8 (the limit of the usual file systems)."""
UNFINISHED = ".unfinished"
"""Folder of a local bucket in which uploads lie until they are complete; no object may lie there."""


def check_key(key: str) -> str:
    """Return the name of an object unchanged if every bucket can hold it.

    Args:
        key: The name: parts joined by `/`, relative to the bucket.

    Raises:
        InvalidNameError: The name is empty, too long, absolute, not text, or has a part that is empty, `.` or `..`, or
            a control character or backslash.

    >>> check_key("uploads/default/contact/März #1 [x]?.csv")
    'uploads/default/contact/März #1 [x]?.csv'
    """
    fault = _fault(key)
    if fault:
        raise InvalidNameError("object name", key, f"the rule that {fault}")
    return key


def check_prefix(prefix: str) -> str:
    """Return a prefix unchanged if it is empty or the beginning of names that `check_key` accepts.

    Raises:
        InvalidNameError: No valid name can begin like this.
    """
    # The last part may go on in the names that are meant, so it is completed by one harmless letter.
    fault = _fault(prefix + "x") if prefix else None
    if fault:
        raise InvalidNameError("object prefix", prefix, f"the rule that {fault}")
    return prefix


def is_key(key: str) -> bool:
    """Whether `check_key` accepts the name."""
    return _fault(key) is None


def printable(key: str) -> str:
    """The name as text that any log, database and terminal can hold."""
    return "".join(
        letter if unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"} else ascii(letter)[1:-1]
        for letter in key
    )


def _fault(key: str) -> str | None:
    if any(unicodedata.category(letter) == "Cs" for letter in key):
        return "it is text in UTF-8"
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in key):
        return "it has no control characters or line ends"
    if "\\" in key:
        return "it has no backslash"
    if not 0 < len(key.encode()) <= MAX_KEY_BYTES:
        return f"it has 1 to {MAX_KEY_BYTES} bytes"
    parts = key.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "it is relative, and no part between two slashes is empty, . or .."
    if any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        return f"no part between two slashes has more than {MAX_PART_BYTES} bytes"
    if parts[0] == UNFINISHED:
        return f"it does not begin with {UNFINISHED}/"
    return None


def attachment(file_name: str) -> str:
    """The header Content-Disposition (RFC 6266) under which a browser saves a file by this name.

    >>> print(attachment("März.csv"))
    attachment; filename="M_rz.csv"; filename*=UTF-8''M%C3%A4rz.csv
    """
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in file_name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='', errors='replace')}"
