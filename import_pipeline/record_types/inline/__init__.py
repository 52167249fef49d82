"""Record types that are declared by a list of fields, as page 004 writes them, instead of a file in `models/`.

`record_type_of_fields` is the one way in; what a field list may say is in `definition`, the types in `types/`, the
validators in `validators`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

__all__ = ["TABLE_PREFIX", "inline_name", "is_inline_name", "record_type_of_fields", "slug"]

TABLE_PREFIX = "custom_"
"""Tables of declared fields begin so: no file in `models/` can have such a table."""
_MAX_SLUG = 40


def record_type_of_fields(name: str, fields: Sequence[Mapping[str, Any]], label: str | None = None) -> "RecordType":
    """The record type that a list of fields declares, with its Pandera schema.

    Args:
        name: What the record type and its table are called: what `inline_name` or a saved schema gives.
        fields: The fields as page 004 writes them.
        label: The name for people.

    Raises:
        SpecError: A field that cannot be; the message names it and what is wrong.
    """
    from import_pipeline.record_types.inline.building import build

    return build(name, fields, label)


def is_inline_name(name: str) -> bool:
    """Whether a record type of this name is declared by fields."""
    return name.startswith(TABLE_PREFIX)


def inline_name(fields: Sequence[Mapping[str, Any]], identifier: str | None = None) -> str:
    """The name of the record type of fields that are given with an import: the same for the same keys and types.

    Args:
        fields: The fields as page 004 writes them.
        identifier: What the caller calls the import, made part of the name.
    """
    shape = sorted(
        (str(field.get("key")), json.dumps(field.get("type", "string"), sort_keys=True, default=str))
        for field in fields
    )
    digest = hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:8]
    return f"{TABLE_PREFIX}{slug(identifier or 'inline')}_{digest}"


def slug(text: str, taken: Iterable[str] = ()) -> str:
    """A text as the part of a table's name: small letters and digits of ASCII, with numbers behind those taken.

    >>> slug("Contacts: import"), slug("Contacts: import", ["contacts_import"]), slug("例"), slug("Past history")
    ('contacts_import', 'contacts_import_2', 'schema', 'past_history_records')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower())[:_MAX_SLUG].strip("_") or "schema"
    if plain.endswith("history"):  # <table>_history keeps the before-images of <table>
        plain += "_records"
    used = set(taken)
    number, found = 1, plain
    while found in used:
        number += 1
        found = f"{plain}_{number}"
    return found
