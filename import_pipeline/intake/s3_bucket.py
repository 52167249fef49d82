"""S3, or any server that speaks it, as the bucket: `s3://bucket` or `s3://bucket/prefix`, through s3fs.

Requests go through s3fs's session, retries and event loop, but name their object by `Key` alone: s3fs's own paths would
read `?versionId=` and globs out of names, and its listing cache would hide new objects. A version is the ETag and the
second of the last change, which listings and all answers carry alike (a VersionId is not in listings): the same bytes
put once more are a new version.
"""

import asyncio
import contextlib
import functools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from import_pipeline.errors import BucketError, BucketRefusedError, NotFoundError, ObjectChangedError, SettingsError
from import_pipeline.intake.bucket import Bucket, StoredObject, has_same_bytes, no_object
from import_pipeline.intake.object_names import attachment, is_key
from import_pipeline.settings import Settings

if TYPE_CHECKING:
    from s3fs import S3FileSystem

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PART_BYTES = 16 * 1024 * 1024
_MOST_PARTS = 10_000


class S3Bucket(Bucket):
    """A bucket on an S3 server, or the part of it below a prefix."""

    def __init__(self, settings: Settings) -> None:
        self._bucket, self._prefix = _parse(settings.bucket_url or "")
        self.name = f"s3://{self._bucket}/{self._prefix}".rstrip("/")
        if (settings.bucket_key is None) != (settings.bucket_secret is None):
            raise SettingsError(
                "Only one of IMPORT_PIPELINE_BUCKET_KEY and IMPORT_PIPELINE_BUCKET_SECRET is set. "
                "Set both, or none to use the keys of the machine (AWS_*, profile, role)."
            )
        self._settings = settings

    @functools.cached_property
    def _server(self) -> "S3FileSystem":
        import s3fs

        settings = self._settings
        config: dict[str, Any] = {
            "connect_timeout": 10,
            "read_timeout": settings.bucket_wait_seconds,
            "retries": {"mode": "standard", "max_attempts": 2},
            "signature_version": "s3v4",
        }
        if settings.bucket_endpoint:
            # Servers other than AWS know buckets by path, and few know the newer checksums in trailers.
            config |= {
                "s3": {"addressing_style": "path"},
                "request_checksum_calculation": "when_required",
                "response_checksum_validation": "when_required",
            }
        server = s3fs.S3FileSystem(
            endpoint_url=settings.bucket_endpoint,
            key=settings.bucket_key and settings.bucket_key.get_secret_value(),
            secret=settings.bucket_secret and settings.bucket_secret.get_secret_value(),
            config_kwargs=config,
            session=_session(),
            use_listings_cache=False,
            skip_instance_cache=True,  # the cache of instances would keep the secret for the life of the process
        )
        server.retries = 3
        return server

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        """The loop in fsspec's thread, on which all requests run."""
        loop = self._server.loop
        assert loop is not None
        return loop

    def _find(self, prefix: str) -> Iterator[StoredObject]:
        more: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Prefix=self._prefix + prefix, MaxKeys=1000, **more)
            for entry in page.get("Contents", ()):
                key = entry["Key"].removeprefix(self._prefix)
                if key and not (entry["Size"] == 0 and key.endswith("/")):
                    yield _stored(key, entry["Size"], entry)
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _stat(self, key: str) -> StoredObject:
        found = self._call_on(key, "head_object")
        return _stored(key, found["ContentLength"], found)

    @contextlib.contextmanager
    def _read(self, key: str, version: str | None) -> Iterator[Iterator[bytes]]:
        pinned = {} if version is None else {"IfMatch": f'"{_etag(version)}"'}
        answer = self._call_on(key, "get_object", **pinned)
        body = answer["Body"]
        try:
            if version is not None and not has_same_bytes(_version(answer), version):
                raise ObjectChangedError(key)
            yield self._chunks(body, key)
        finally:
            # Gives the connection up; a body that was not read to its end would else be kept waiting.
            self._loop.call_soon_threadsafe(body.close)

    def _chunks(self, body: Any, key: str) -> Iterator[bytes]:
        from fsspec.asyn import sync

        while True:
            with self._named_errors(key):
                chunk = sync(self._loop, _piece, body, self.chunk_bytes)
            if not chunk:
                return
            yield chunk

    def _upload(self, path: Path, key: str) -> StoredObject:
        size = path.stat().st_size
        if size <= _PART_BYTES:
            return self._write(key, path.read_bytes())
        part_bytes = max(_PART_BYTES, math.ceil(size / _MOST_PARTS))
        upload = self._call_on(key, "create_multipart_upload")["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            with path.open("rb") as file:
                while content := file.read(part_bytes):
                    number = len(parts) + 1
                    part = self._call_on(key, "upload_part", UploadId=upload, PartNumber=number, Body=content)
                    parts.append({"PartNumber": number, "ETag": part["ETag"]})
            self._call_on(key, "complete_multipart_upload", UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:  # an interruption, too, leaves no parts
            # Where even this fails, the parts stay until the bucket's own rule clears them: the first error is told.
            with contextlib.suppress(BucketError, NotFoundError):
                self._call_on(key, "abort_multipart_upload", UploadId=upload)
            raise
        return self._stat(key)

    def _write(self, key: str, content: bytes) -> StoredObject:
        self._call_on(key, "put_object", Body=content)
        return self._stat(key)

    def _signed_url(self, method: Literal["GET", "PUT"], key: str, seconds: int, file_name: str | None) -> str:
        from fsspec.asyn import sync

        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": self._prefix + key}
        if file_name is not None:
            asked["ResponseContentDisposition"] = attachment(file_name)

        async def sign() -> str:
            client: Any = await self._server.set_session()
            operation = "put_object" if method == "PUT" else "get_object"
            return await client.generate_presigned_url(operation, Params=asked, ExpiresIn=seconds)

        with self._named_errors(key):
            return str(sync(self._loop, sign))

    def _delete(self, key: str) -> None:
        self._call_on(key, "delete_object")

    def _check(self) -> None:
        self._call("head_bucket")

    def _call_on(self, key: str, method: str, **arguments: Any) -> Any:
        return self._call(method, key, Key=self._prefix + key, **arguments)

    def _call(self, method: str, key: str | None = None, **arguments: Any) -> Any:
        with self._named_errors(key):
            return self._server.call_s3(method, Bucket=self._bucket, **arguments)

    @contextlib.contextmanager
    def _named_errors(self, key: str | None) -> Iterator[None]:
        """Turn what S3 and the network say into the project's errors, without their texts' chance of holding a key."""
        from aiohttp import ClientError
        from botocore.exceptions import BotoCoreError

        try:
            yield
        except (OSError, BotoCoreError, ClientError) as error:
            raise self._named(error, key) from None

    def _named(self, error: Exception, key: str | None) -> Exception:
        code = _code(error)
        if key is not None and code in {"PreconditionFailed", "412"}:
            return ObjectChangedError(key)
        if key is not None and isinstance(error, FileNotFoundError) and code != "NoSuchBucket":
            return no_object(key, self.name)
        if isinstance(error, PermissionError) or type(error).__name__ in {
            "NoCredentialsError",
            "PartialCredentialsError",
        }:
            kind, said = BucketRefusedError, "refuses the request"
            remedy = "Check IMPORT_PIPELINE_BUCKET_KEY and IMPORT_PIPELINE_BUCKET_SECRET and what they may do there."
        elif isinstance(error, FileNotFoundError):
            kind, said = BucketRefusedError, "does not exist"
            remedy = "Create it, or correct IMPORT_PIPELINE_BUCKET_URL."
        else:
            kind, said = BucketError, "does not answer as it should"
            remedy = "Try again later; if it stays so, check IMPORT_PIPELINE_BUCKET_ENDPOINT and the server."
        about = f" for object {key!r}" if key is not None else ""
        return kind(
            f"Bucket {self.name} {said}{about} ({self._without_secrets(f'{type(error).__name__}: {error}')}). {remedy}",
            bucket=self.name,
            key=key,
        )

    def _without_secrets(self, text: str) -> str:
        for secret in (self._settings.bucket_key, self._settings.bucket_secret):
            if secret is not None and secret.get_secret_value():
                text = text.replace(secret.get_secret_value(), "***")
        return text


@functools.cache
def _session() -> Any:
    """What all buckets of the process share: the descriptions of S3's requests, slow to read; no keys."""
    from aiobotocore.session import AioSession

    return AioSession()


async def _piece(body: Any, size: int) -> bytes:
    """The next `size` bytes of a body, or what is left of it."""
    pieces, missing = [], size
    while missing and (piece := await body.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _stored(key: str, size: int, found: Any) -> StoredObject:
    return StoredObject(key, size, found["LastModified"].timestamp(), version=_version(found))


def _version(found: Any) -> str:
    """ETag and time of change; listings may tell parts of a second, other answers never do."""
    etag = found["ETag"].strip('"')
    return f"{etag}@{int(found['LastModified'].timestamp())}"


def _etag(version: str) -> str:
    return version.partition("@")[0]


def _code(error: Exception) -> str | None:
    response = getattr(error.__cause__, "response", None) or {}
    return response.get("Error", {}).get("Code")


def _parse(url: str) -> tuple[str, str]:
    """Bucket and prefix (empty or ending in a slash) of an address."""
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.rstrip("/")
    if scheme != "s3" or not _BUCKET_NAME.fullmatch(bucket) or not (prefix == "" or is_key(prefix)):
        # The address itself is not shown: keys are sometimes written into it by mistake.
        raise SettingsError(
            "IMPORT_PIPELINE_BUCKET_URL is not an address of the form s3://bucket or s3://bucket/prefix "
            "(a bucket has 3 to 63 lower-case letters, digits, dots and hyphens). "
            "Correct it, or leave it out to use a folder; keys belong in IMPORT_PIPELINE_BUCKET_KEY and _SECRET."
        )
    return bucket, prefix + "/" if prefix else ""
