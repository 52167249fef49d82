"""Reading a multipart form as page 003's clients send it: a file, and attributes flat or in brackets."""

import json
import re
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from import_pipeline.api.refusals import RefusedError
from import_pipeline.run_config.page_003 import attributes_of

_MOST_FIELDS = 5_000
_LONGEST_FIELD = 5_000_000
_PARTS = re.compile(r"[^\[\]]+")
_ENVELOPE = ("data", "attributes")


async def read_body(request: Request) -> tuple[dict[str, Any], UploadFile | None]:
    """The attributes of a request, and its file if it is a form that has one; a body of JSON has none.

    Raises:
        RefusedError: The body is neither, or no object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            form = await request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
        except HTTPException as error:
            raise RefusedError(422, "invalid_request", f"The form cannot be read: {error.detail}") from error
        attributes: dict[str, Any] = {}
        file = None
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                file = value
            else:
                _put(attributes, name, value)
        return attributes_of(_with_user(attributes)), file
    try:
        body = attributes_of(json.loads(await request.body() or b"{}"))
    except (ValueError, RecursionError) as error:
        raise RefusedError(422, "invalid_request", "The body is no JSON. Send a form or a JSON object.") from error
    if not isinstance(body, dict):
        raise RefusedError(422, "invalid_request", "The body is no object. Send the attributes by their names.")
    return body, None


def _with_user(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes with a user that came as JSON text as the object that it says."""
    user = attributes.get("user")
    if not isinstance(user, str) or not user.lstrip().startswith("{"):
        return attributes
    try:
        return attributes | {"user": json.loads(user)}
    except ValueError as error:
        raise RefusedError(422, "invalid_request", "`user` is no JSON object. Send {id} or the id.") from error


def _put(attributes: dict[str, Any], name: str, value: str) -> None:
    """One field of a form: `name`, `name[]`, `name[key]`, each also inside `data[attributes]`.

    Of the rest of a JSON:API document only the user of its relationships is read.
    """
    parts = _PARTS.findall(name)
    if parts[:2] == ["data", "relationships"]:
        if parts[2:] == ["user", "data", "id"]:
            attributes["user"] = {"id": value}
        return
    if parts in (["data", "type"], ["data", "id"]):
        return
    while len(parts) > 1 and parts[0] in _ENVELOPE:
        parts = parts[1:]
    if not parts:
        raise RefusedError(422, "invalid_request", f"A field of the form has no name: {name!r}.")
    if name.endswith("[]"):
        entries = attributes.setdefault(parts[0], [])
        if isinstance(entries, list):
            entries.append(value)
            return
    elif len(parts) == 1:
        attributes[parts[0]] = value
        return
    elif len(parts) == 2:
        inner = attributes.setdefault(parts[0], {})
        if isinstance(inner, dict):
            inner[parts[1]] = value
            return
    raise RefusedError(
        422, "invalid_request", f"The field {name!r} of the form cannot be read. Send {parts[0]} as JSON."
    )
