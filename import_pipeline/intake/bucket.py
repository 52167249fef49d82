"""The bucket: where uploaded files come from and results go to, the same for a local folder and for S3.

What both kinds share belongs here: the words (`StoredObject`, `Download`), the checks of names, and the one loop that
receives an object in pieces. How a folder or a server is spoken to lives in `local_bucket` and `s3_bucket`; which of
them a home has, in `buckets`.
"""

import contextlib
import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from import_pipeline.errors import BucketError, LimitExceededError, NotFoundError, ObjectChangedError
from import_pipeline.intake.object_names import check_key, check_prefix


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of one object.

    Attributes:
        key: Name in the bucket.
        size: Bytes.
        modified: When it was last changed, in epoch seconds by the bucket's clock.
        version: Text that changes whenever the content may have changed: what names the bytes and, where that does not
            say it, the time of change behind an @.
    """

    key: str
    size: int
    modified: float
    version: str


@dataclass(frozen=True, slots=True)
class Download:
    """What arrived: `checksum` is the SHA-256 of the bytes in hexadecimal digits."""

    checksum: str
    size_bytes: int


class Bucket(ABC):
    """Objects by name. Every method takes names letter by letter and checks them first.

    All methods raise InvalidNameError for a name no bucket accepts, BucketError where the bucket does not answer or
    refuses, and those with a key NotFoundError where there is no such object.
    """

    chunk_bytes: ClassVar[int] = 4 * 1024 * 1024
    """How much of an object is held in memory at once."""

    name: str
    """The bucket's name in messages, claims and minted ids; holds no secret."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def find(self, prefix: str = "") -> list[StoredObject]:
        """All objects whose name begins with the prefix, sorted by name; markers of empty folders are passed over.

        An object that something else put there under a name that `check_key` refuses is listed too, so that it can be
        reported; no other method takes such a name.
        """
        return sorted(self._find(check_prefix(prefix)), key=lambda obj: obj.key)

    def stat(self, key: str) -> StoredObject:
        """The present version of an object."""
        return self._stat(check_key(key))

    def exists(self, key: str) -> bool:
        """Whether there is an object of this name."""
        try:
            self._stat(check_key(key))
        except NotFoundError:
            return False
        return True

    def download(
        self, obj: StoredObject, to: Path, max_bytes: int, on_progress: Callable[[int], None] | None = None
    ) -> Download:
        """Copy exactly this version of an object into a file, which appears only when it is complete.

        Args:
            obj: The object and version that is meant, as `find` or `stat` gave it.
            to: The file to write; its folder must exist.
            max_bytes: The most bytes that are taken, counted while reading.
            on_progress: Called after every piece with the number of bytes received so far.

        Raises:
            ObjectChangedError: The object has another version now, or got one while it was read.
            LimitExceededError: The object is larger than `max_bytes`.
        """
        check_key(obj.key)
        if obj.size > max_bytes:
            raise _too_large(obj.size, max_bytes)
        with unfinished(to) as path:
            try:
                download = self._receive(obj, path, max_bytes, on_progress)
            except BucketError:
                # Some servers break off an answer whose object is replaced meanwhile: that is no passing error.
                if self._is_still(obj):
                    raise
                raise ObjectChangedError(obj.key) from None
            if download.size_bytes != obj.size or not self._is_still(obj):
                raise ObjectChangedError(obj.key)
        return download

    def read_bytes(self, key: str, max_bytes: int) -> bytes:
        """The content of a small object.

        Raises:
            LimitExceededError: It is larger than `max_bytes`.
        """
        content = bytearray()
        with self._read(check_key(key), None) as chunks:
            for chunk in chunks:
                content += chunk
                check_size(len(content), max_bytes)
        return bytes(content)

    def chunks(self, key: str, first: int = 0, count: int | None = None) -> Iterator[bytes]:
        """The content of an object in pieces, to be passed on without being held.

        Args:
            key: The object.
            first: The byte to begin with, from 0.
            count: How many bytes; all that follow if left out.
        """
        with self._read(check_key(key), None) as chunks:
            for chunk in chunks:
                part = chunk[first:]
                first = max(first - len(chunk), 0)
                if count is not None:
                    part = part[:count]
                    count -= len(part)
                if part:
                    yield part
                if count == 0:
                    return

    def upload(self, path: Path, key: str) -> StoredObject:
        """Store a file under a name; readers see the old object or the whole new one.

        Raises:
            FileNotFoundError: There is no such file.
        """
        return self._upload(path, check_key(key))

    def move_in(self, path: Path, key: str) -> StoredObject:
        """Store a file that nobody else needs: as `upload` does, but it may be gone from its path then.

        Nothing is copied where the file lies beside the bucket.

        Raises:
            FileNotFoundError: There is no such file.
        """
        return self._move_in(path, check_key(key))

    def write_text(self, key: str, text: str) -> StoredObject:
        """Store a text as UTF-8 under a name; readers see the old object or the whole new one."""
        return self._write(check_key(key), text.encode())

    def signed_url(
        self, method: Literal["GET", "PUT"], key: str, seconds: int, file_name: str | None = None
    ) -> str | None:
        """A URL by which anybody may read or write one object for some time, without passing through us.

        Args:
            method: What may be done with it.
            key: The object; for GET it should exist.
            seconds: How long.
            file_name: For GET, the name under which browsers save it.

        Returns:
            The URL; None where the bucket has no server of its own.
        """
        return self._signed_url(method, check_key(key), seconds, file_name)

    def path_of(self, key: str) -> Path | None:
        """Where an object lies on this host; None where the bucket is elsewhere. It must not be written to."""
        return self._path_of(check_key(key))

    def check(self) -> None:
        """See whether the bucket is there and answers.

        Raises:
            BucketError: It does not, or refuses.
        """
        self._check()

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""
        self._delete(check_key(key))

    def _receive(
        self, obj: StoredObject, path: Path, max_bytes: int, on_progress: Callable[[int], None] | None
    ) -> Download:
        digest, received = hashlib.sha256(), 0
        with path.open("xb") as file, self._read(obj.key, obj.version) as chunks:
            for chunk in chunks:
                received += len(chunk)
                check_size(received, max_bytes)
                digest.update(chunk)
                file.write(chunk)
                if on_progress is not None:
                    on_progress(received)
        return Download(checksum=digest.hexdigest(), size_bytes=received)

    def _is_still(self, obj: StoredObject) -> bool:
        try:
            return has_same_bytes(self._stat(obj.key).version, obj.version)
        except NotFoundError:
            return False

    def _signed_url(self, method: Literal["GET", "PUT"], key: str, seconds: int, file_name: str | None) -> str | None:
        return None

    def _path_of(self, key: str) -> Path | None:
        return None

    @abstractmethod
    def _find(self, prefix: str) -> Iterator[StoredObject]: ...

    @abstractmethod
    def _stat(self, key: str) -> StoredObject: ...

    @abstractmethod
    def _read(self, key: str, version: str | None) -> contextlib.AbstractContextManager[Iterator[bytes]]:
        """The object in pieces of at most `chunk_bytes`; with a version, ObjectChangedError unless it is that one."""

    @abstractmethod
    def _upload(self, path: Path, key: str) -> StoredObject: ...

    def _move_in(self, path: Path, key: str) -> StoredObject:
        return self._upload(path, key)

    @abstractmethod
    def _write(self, key: str, content: bytes) -> StoredObject: ...

    @abstractmethod
    def _delete(self, key: str) -> None: ...

    @abstractmethod
    def _check(self) -> None: ...


def has_same_bytes(present: str, noted: str) -> bool:
    """Whether a version has the bytes of the one that was noted, though it may have been put once more since.

    >>> has_same_bytes("0cc175b9@1800000007", "0cc175b9@1800000000"), has_same_bytes("92eb5ffe@7", "0cc175b9@7")
    (True, False)
    """
    return present.partition("@")[0] == noted.partition("@")[0]


@contextlib.contextmanager
def unfinished(to: Path) -> Iterator[Path]:
    """A path beside `to` that takes its place when the block ends well, and is removed when it does not."""
    path = to.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield path
        path.replace(to)
    except BaseException:  # an interruption, too, leaves no half file
        path.unlink(missing_ok=True)
        raise


def no_object(key: str, bucket: str) -> NotFoundError:
    """The error for a name under which nothing is stored."""
    return NotFoundError("object", key, f"See what lies in the bucket {bucket!r}, or upload it again.")


def check_size(received: int, limit: int) -> None:
    """Refuse an object of which more came than is taken.

    Raises:
        LimitExceededError: More did.
    """
    if received > limit:
        raise _too_large(f"at least {received}", limit)


def _too_large(found: int | str, limit: int) -> LimitExceededError:
    return LimitExceededError("a size in bytes of", found, limit, "IMPORT_PIPELINE_MAX_FILE_BYTES")
