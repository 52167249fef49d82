"""Rows or a file that come inside the JSON of a request, written to a file like any other payload."""

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from import_pipeline import record_types
from import_pipeline.api.refusals import RefusedError
from import_pipeline.words import ID_FIELD


def mapping_of_rows(rows: list[dict[str, Any]], record_type: str) -> dict[str, str] | None:
    """The mapping of rows whose keys all are names of fields: they say what they mean.

    So does `id`, about which a person is asked where it is a column of some program's file.

    Args:
        rows: The rows.
        record_type: What they are.

    Returns:
        Field → key; None where a key is no field.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
    """
    keys = set[str]().union(*rows)
    known = {ID_FIELD, *record_types.get(record_type).field_names}
    return {key: key for key in sorted(keys)} if keys and keys <= known else None


def write_inline(data: list[dict[str, Any]] | str, to: Path) -> str:
    """Write what `data` holds: a list of rows as JSON, a text as the file that it is in base64.

    Returns:
        The MIME type, as far as it is known.

    Raises:
        RefusedError: There are no rows, or the text is no base64.
    """
    if isinstance(data, list):
        if not data:
            raise RefusedError(422, "invalid_request", "`data` holds no rows. Give at least one.")
        with to.open("w", encoding="utf-8", errors="backslashreplace") as file:  # row by row: no second copy of all
            for number, row in enumerate(data):
                file.write(("," if number else "[") + json.dumps(row, ensure_ascii=False))
            file.write("]")
        return "application/json"
    media, text = "application/octet-stream", data
    if data.startswith("data:"):
        head, _, text = data.partition(",")
        media = head.removeprefix("data:").partition(";")[0] or media
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        message = "`data` is a text, but not a file in base64. Give a list of rows, or encode the file."
        raise RefusedError(422, "invalid_request", message) from None
    if not content:
        raise RefusedError(422, "invalid_request", "`data` is empty. Give rows, or a file in base64.")
    to.write_bytes(content)
    return media
