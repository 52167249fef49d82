"""What the place of an object in the bucket says: uploads/<organization>/<record type>/<name>.

Only reading the key belongs here; which objects there are is asked in `intake`.
"""

import re
from typing import NamedTuple

from import_pipeline import record_types
from import_pipeline.errors import InvalidNameError
from import_pipeline.words import ORGANIZATION_PATTERN, UPLOADS

SIDECAR_SUFFIX = ".import.yaml"
MAX_NAME_BYTES = 255

_FORBIDDEN_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]")


class ObjectPlace(NamedTuple):
    """Whose object it is, what its rows are, and its name."""

    organization: str
    record_type: str
    name: str


def from_object_key(key: str) -> ObjectPlace:
    """Read an object key under the watched folder.

    Args:
        key: For example `uploads/acme/contact/leads.csv`; the folder may also be called by the plural, `contacts`.

    Returns:
        (organization, record type in the singular, name).

    Raises:
        InvalidNameError: The key is not of this form, or one of its parts is not allowed.

    >>> from_object_key("uploads/acme/contacts/leads.csv")
    ObjectPlace(organization='acme', record_type='contact', name='leads.csv')
    """
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != UPLOADS:
        raise InvalidNameError("object key", key, f"{UPLOADS}/<organization>/<record type>/<name>")
    _, organization, folder, name = parts
    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization in an object key", organization, ORGANIZATION_PATTERN)
    record_type = record_type_of_folder(folder)
    if record_type is None:
        raise InvalidNameError("record type in an object key", folder, " or ".join(record_types.names()))
    if not is_allowed_name(name):
        raise InvalidNameError(
            "object name", name, f"1 to {MAX_NAME_BYTES} bytes without /, \\ and control characters, not . or .."
        )
    return ObjectPlace(organization, record_type, name)


def record_type_of_folder(folder: str) -> str | None:
    """The record type that a folder is called by, in the singular or the plural, or None."""
    by_folder = {word: name for name in record_types.names() for word in (record_types.table_of(name), name)}
    return by_folder.get(folder)


def is_allowed_name(name: str) -> bool:
    """Whether an object may be called so: not empty, not long, no separators, nothing that a terminal obeys."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= MAX_NAME_BYTES and name not in (".", "..") and not _FORBIDDEN_IN_NAME.search(name)


def is_sidecar(key: str) -> bool:
    """Whether an object is the sidecar of another one and not a payload.

    >>> is_sidecar("uploads/acme/contact/leads.csv.import.yaml")
    True
    """
    return key.endswith(SIDECAR_SUFFIX)


def sidecar_key(key: str) -> str:
    """The key of the sidecar of a payload.

    >>> sidecar_key("uploads/acme/contact/leads.csv")
    'uploads/acme/contact/leads.csv.import.yaml'
    """
    return key + SIDECAR_SUFFIX
