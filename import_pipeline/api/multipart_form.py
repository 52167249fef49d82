"""Reading a multipart form as page 003's clients send it: a file, and attributes flat or in brackets."""

import re
from collections.abc import AsyncGenerator
from typing import Any

from anyio import to_thread
from fastapi import Request
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from import_pipeline.api.bodies import MOST_BESIDE_ROWS, BodyLimits
from import_pipeline.api.json_route import read_json
from import_pipeline.api.json_shape import shape_of
from import_pipeline.api.refusals import RefusedError
from import_pipeline.run_config.json_text import read_json_text, refuse_halves
from import_pipeline.run_config.page_003 import attributes_of

_MOST_FIELDS = 5_000
_LONGEST_FIELD = 5_000_000
_PARTS = re.compile(r"[^\[\]]+")
_ENVELOPE = ("data", "attributes")


async def read_body(request: Request, most: int) -> tuple[dict[str, Any], UploadFile | None]:
    """The attributes of a request, and its file if it is a form that has one; a body of JSON has none.

    Args:
        request: The request, whose body was not read.
        most: So many bytes are taken besides the file.

    Raises:
        RefusedError: The body is neither, no object, or too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            form = await _form(request, kind, most)
        except (HTTPException, MultiPartException) as error:
            told = error.detail if isinstance(error, HTTPException) else error.message
            raise RefusedError(422, "invalid_request", f"The form cannot be read: {told}") from error
        attributes: dict[str, Any] = {}
        file = None
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                file = value
            else:
                _put(attributes, name, value)
        _refuse_halves([attributes, file.filename if file is not None else None])
        return attributes_of(_with_user(attributes)), file
    try:
        body = attributes_of(await to_thread.run_sync(_checked_json, await _in_memory(request, most)))
    except ValueError as error:
        raise RefusedError(422, "invalid_request", "The body is no JSON. Send a form or a JSON object.") from error
    if not isinstance(body, dict):
        raise RefusedError(422, "invalid_request", "The body is no object. Send the attributes by their names.")
    return body, None


async def _form(request: Request, kind: str, most: int) -> FormData:
    limits = {"max_fields": _MOST_FIELDS, "max_part_size": _LONGEST_FIELD}
    if kind == "multipart/form-data":
        return await _BoundedForm(request.headers, request.stream(), most, max_files=1, **limits).parse()
    body = await _in_memory(request, most)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    return await FormParser(request.headers, whole(), **limits).parse()


async def _in_memory(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _checked_json(body: bytes) -> Any:
    if not body:
        return {}
    BodyLimits(len(body), MOST_BESIDE_ROWS, _LONGEST_FIELD).check(shape_of([body]))
    return read_json(body)


class _BoundedForm(MultiPartParser):
    """Counts what the parts of a form that are no file, and all headers of parts, hold together."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], most: int, **limits: int) -> None:
        super().__init__(headers, stream, **limits)
        self._most = self._left = most

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self._count(end - start)
        super().on_part_data(data, start, end)

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        super().on_header_field(data, start, end)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        super().on_header_value(data, start, end)

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _too_large(self._most)


def _too_large(most: int) -> RefusedError:
    message = f"The body holds more than {most} bytes besides its file. Send less."
    return RefusedError(413, "too_large", message, limit=most)


def _refuse_halves(told: list[Any]) -> None:
    try:
        refuse_halves(told)
    except ValueError as error:
        raise RefusedError(422, "invalid_request", f"The form cannot be read: {error}.") from error


def _with_user(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes with a user that came as JSON text as the object that it says."""
    user = attributes.get("user")
    if not isinstance(user, str) or not user.lstrip().startswith("{"):
        return attributes
    try:
        return attributes | {"user": read_json_text(user)}
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
