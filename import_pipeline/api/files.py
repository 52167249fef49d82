"""Signed URLs of a local bucket: a file is PUT and files are read here, without a token.

Bytes pass through in pieces, in both directions: no file is ever held in memory.
"""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path as FilePath
from typing import Annotated, Any

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from import_pipeline.api.answers import errors_of
from import_pipeline.api.bodies import takes_file
from import_pipeline.api.callers import Service
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.ranges import part_asked
from import_pipeline.api.refusals import RefusedError
from import_pipeline.api.signing import DownloadGrant, Signer, UploadGrant
from import_pipeline.errors import NotFoundError
from import_pipeline.intake.object_names import attachment
from import_pipeline.service import imports
from import_pipeline.service.downloads import has_file, stored_key
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.uploading import begin_upload, give_up_upload, receive_file

router = APIRouter(tags=["files"], route_class=JsonRoute)

_PIECE = 1024 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA = {".csv": "text/csv; charset=utf-8", ".json": "application/json", ".xlsx": _XLSX}
Token = Annotated[str, Path(description="What the URL allows, signed.", examples=["WyJpbXBf…"])]


class Uploaded(BaseModel):
    """What arrived."""

    import_id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    size_bytes: int = Field(examples=[51_234])


@router.put(
    "/uploads/{token}",
    summary="Upload the file of an import",
    responses=errors_of(400, 404, 409, 410, 413, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself, whatever its content type is called.",
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "Name,Email\nJane,jane@example.com\n",
                },
            },
        }
    },
)
@takes_file
async def put_upload(token: Token, request: Request, home: Service) -> Uploaded:
    """PUT the file to the signed URL that the request for the import gave.

    The URL is good for this import and for a limited size and time. It may be used again until the upload is
    complete: the last file counts.
    """
    signer: Signer = request.app.state.signer
    grant = signer.read(UploadGrant, token)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > grant.max_bytes:
        raise _too_large(grant)
    await run_in_threadpool(begin_upload, home, grant.import_id)
    path = await run_in_threadpool(incoming_path, home)
    try:
        size = await _receive(request.stream(), path, grant)
        if not size:
            raise RefusedError(400, "empty_file", "The body is empty. Send the file itself: --data-binary @file.csv")
        await run_in_threadpool(receive_file, home, grant.import_id, path, grant.given_to or None)
    except BaseException:  # an interruption, too, leaves no half file
        with CancelScope(shield=True):
            await run_in_threadpool(give_up_upload, home, grant.import_id)
        raise
    finally:
        await run_in_threadpool(remove_incoming, path)
    return Uploaded(import_id=grant.import_id, size_bytes=size)


_FILE = {
    "description": "The file.",
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "Email,import_row_number,import_error_codes,import_error_messages\r\n"
            "joe@,2,invalid_email,Email: 'joe@' is no e-mail address.\r\n",
        },
        _XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "PK"},
        "application/json": {
            "schema": {"type": "array", "items": {"type": "object"}},
            "example": [{"Email": "joe@", "import_row_number": "2", "import_error_codes": "invalid_email"}],
        },
    },
}


@router.head("/downloads/{token}", include_in_schema=False)
@router.get(
    "/downloads/{token}",
    summary="Download a file of an import",
    response_class=StreamingResponse,
    responses=errors_of(404, 409, 410, 416, 422, 503) | {200: _FILE, 206: {"description": "The part asked for."}},
)
def get_download(token: Token, request: Request, home: Service) -> Any:
    """Read a file by the signed URL that the import object gave: CSV or JSON, by its name; or a range of its bytes."""
    signer: Signer = request.app.state.signer
    grant = signer.read(DownloadGrant, token)
    record = imports.get(home, grant.import_id)
    if not has_file(record, grant.file):
        raise NotFoundError("file", grant.file)
    headers = {"Content-Disposition": attachment(f"{record.id}-{grant.file}")}
    media = _MEDIA[FilePath(grant.file).suffix]
    key = stored_key(record, grant.file)
    if key is not None:
        obj = home.bucket.stat(key)
        headers["ETag"] = f'"{hashlib.sha256(obj.version.encode()).hexdigest()[:32]}"'
        part = part_asked(request.headers, obj.size, headers["ETag"])
        status = 200 if part.is_whole else 206
        if request.method == "HEAD":
            return Response(None, status, headers | part.headers, media)
        return StreamingResponse(home.bucket.chunks(key, part.first, part.count), status, headers | part.headers, media)
    path = incoming_path(home)
    try:
        request.app.state.workers.make_download(record.id, record.organization, grant.file, path)
    except BaseException:  # an interruption, too, leaves no half file
        remove_incoming(path)
        raise
    return _PassingFile(path, headers=headers, media_type=media)


class _PassingFile(FileResponse):
    """A file that was made for one answer and goes with it, also where it breaks off or has no such part."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(remove_incoming, FilePath(self.path))


async def _receive(pieces: AsyncIterator[bytes], path: FilePath, grant: UploadGrant) -> int:
    """Write a body to a file, its size counted as it comes.

    Returns:
        Its size in bytes.

    Raises:
        RefusedError: It is larger than the URL allows.
    """
    size = 0
    waiting = bytearray()
    with path.open("xb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > grant.max_bytes:
                raise _too_large(grant)
            waiting += piece
            if len(waiting) >= _PIECE:
                await to_thread.run_sync(file.write, waiting)
                waiting = bytearray()
        await to_thread.run_sync(file.write, waiting)
    return size


def _too_large(grant: UploadGrant) -> RefusedError:
    message = f"The file is larger than {grant.max_bytes} bytes, which is the most that this URL takes. Split it."
    return RefusedError(413, "too_large", message, limit=grant.max_bytes)
