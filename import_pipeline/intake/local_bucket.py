"""A folder as the bucket: the default, and what the tests of everything else run on.

It works on open files rather than through fsspec's local file system, because a version is pinned by looking at the
open file and a symbolic link is never followed. A version is size, time of change in nanoseconds, and inode. `modified`
is when the file last changed here, which for one copied or moved with the time of its original is when it came.
"""

import contextlib
import errno
import hashlib
import mmap
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from import_pipeline.errors import BucketRefusedError, InvalidNameError, ObjectChangedError
from import_pipeline.intake.bucket import Bucket, Download, StoredObject, check_size, no_object
from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.private_files import is_usable
from import_pipeline.words import PAYLOADS, RESULTS

# A name may be swapped for a link or a pipe between looking and opening: neither is followed nor waited for.
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OURS = (PAYLOADS, RESULTS)
"""Below these we make a folder for each import, which goes with its last object; other folders are people's."""

_MOST_ATTEMPTS = 100
_READ_BYTES = 1024 * 1024
_CANNOT_COPY = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.ETXTBSY)
"""What systems answer that cannot copy between such files."""


class LocalBucket(Bucket):
    """A folder as the bucket; it is made when something is first written."""

    name = "local"
    copied_bytes = 64 * 1024 * 1024
    """How much the system copies at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def _find(self, prefix: str) -> Iterator[StoredObject]:
        folder = prefix.rpartition("/")[0]
        try:
            self._path(folder)
        except InvalidNameError:
            return
        folders = [folder + "/" if folder else ""]
        while folders:
            for key, entry in self._entries(folders.pop()):
                # What vanishes between listing and looking is no longer an object.
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_dir(follow_symlinks=False):
                        if key != UNFINISHED and (key.startswith(prefix) or prefix.startswith(key + "/")):
                            folders.append(key + "/")
                    elif key.startswith(prefix) and entry.is_file(follow_symlinks=False):
                        yield _stored(key, entry.stat(follow_symlinks=False))

    def _entries(self, folder: str) -> list[tuple[str, os.DirEntry[str]]]:
        try:
            with os.scandir(self._folder / folder) as entries:
                return [(folder + entry.name, entry) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise BucketRefusedError(
                f"Folder {folder!r} of the bucket {self._folder} cannot be listed: {error.strerror}. "
                "Give the process the right to read it.",
                folder=folder,
            ) from error

    def _stat(self, key: str) -> StoredObject:
        with self._opened(key) as descriptor:
            return _stored(key, os.fstat(descriptor))

    @contextlib.contextmanager
    def _read(self, key: str, version: str | None) -> Iterator[Iterator[bytes]]:
        with self._opened(key) as descriptor:
            yield self._chunks(descriptor, key, version)

    def _chunks(self, descriptor: int, key: str, version: str | None) -> Iterator[bytes]:
        _check_version(descriptor, key, version)
        while chunk := os.read(descriptor, self.chunk_bytes):
            yield chunk
        _check_version(descriptor, key, version)

    def _receive(
        self, obj: StoredObject, path: Path, max_bytes: int, on_progress: Callable[[int], None] | None
    ) -> Download:
        received = 0
        with self._opened(obj.key) as source, path.open("x+b") as file:
            _check_version(source, obj.key, obj.version)
            while count := _copy_piece(source, file.fileno(), self.copied_bytes):
                received += count
                check_size(received, max_bytes)
                if on_progress is not None:
                    on_progress(received)
            _check_version(source, obj.key, obj.version)
            return Download(checksum=_digest(file, received), size_bytes=received)

    def _upload(self, path: Path, key: str) -> StoredObject:
        with path.open("rb") as source, self._written(key) as target:
            while _copy_piece(source.fileno(), target.fileno(), self.copied_bytes):
                pass
        return self._stat(key)

    def _move_in(self, path: Path, key: str) -> StoredObject:
        target = self._path(key)
        try:
            with _refused_names(key), path.open("rb") as file:
                os.fsync(file.fileno())
                _put(path, target)
        except BucketRefusedError as error:
            if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EXDEV:
                raise
            return self._upload(path, key)  # on another disk
        return self._stat(key)

    def _write(self, key: str, content: bytes) -> StoredObject:
        with self._written(key) as target:
            target.write(content)
        return self._stat(key)

    def _path_of(self, key: str) -> Path:
        with self._opened(key):
            return self._path(key)

    def _delete(self, key: str) -> None:
        path = self._path(key)
        with _named_errors(key), contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            path.unlink()
        if key.partition("/")[0] in _OURS:
            with contextlib.suppress(OSError):  # other objects lie there
                path.parent.rmdir()

    def _check(self) -> None:
        if not is_usable(self._folder):
            raise BucketRefusedError(
                f"The bucket's folder {str(self._folder)!r} cannot be written. Give this user the right to."
            )

    def _path(self, key: str) -> Path:
        """The path of an object; refuses one that a symbolic link would lead elsewhere."""
        path = self._folder
        for part in key.split("/"):
            path /= part
            if path.is_symlink():
                raise InvalidNameError("object name", key, "the rule that no part of it is a symbolic link")
        return path

    @contextlib.contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        path = self._path(key)
        try:
            with _named_errors(key):
                descriptor = os.open(path, _OPEN)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise no_object(key, self.name) from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise no_object(key, self.name)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _written(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        temporary = self._path(UNFINISHED) / secrets.token_hex(16)
        try:
            with _refused_names(key):
                _make_folder(temporary.parent)
                _make_folder(path.parent)  # a name that cannot be is refused before it is written
                with temporary.open("xb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                _put(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _check_version(descriptor: int, key: str, version: str | None) -> None:
    """Refuse a file whose content is not that of a version; its rights and names may have changed."""
    if version is not None and _stored(key, os.fstat(descriptor)).version != version:
        raise ObjectChangedError(key)


def _copy_piece(source: int, target: int, most: int) -> int:
    """Copy the next piece of at most so many bytes between two open files; gives how many bytes it had, 0 at the end.

    The system copies, where it can: a thread that loads libraries gives up the interpreter's lock slowly, which for
    each piece that we read and write would be waited for twice.
    """
    if hasattr(os, "copy_file_range"):
        try:
            if count := os.copy_file_range(source, target, most):
                return count  # none are the end, or of a file that is not on a disk
        except OSError as error:
            if error.errno not in _CANNOT_COPY:
                raise
    piece = memoryview(os.read(source, min(most, _READ_BYTES)))
    copied = 0
    while copied < len(piece):
        copied += os.write(target, piece[copied:])
    return copied


def _digest(file: BinaryIO, size: int) -> str:
    """The SHA-256 of a file that nobody else writes, all at once for the same reason."""
    digest = hashlib.sha256()
    if size:  # nothing cannot be mapped
        with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as content, memoryview(content) as view:
            digest.update(view)
    return digest.hexdigest()


def _make_folder(folder: Path) -> None:
    """Make a folder, also where the last object of one of its parents is deleted, and the parent with it, meanwhile."""
    for attempt in range(_MOST_ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError):
            if attempt == _MOST_ATTEMPTS - 1 or (folder.exists() and not folder.is_dir()):
                raise
        else:
            return


def _put(temporary: Path, path: Path) -> None:
    """Give a finished file its name; its folder is made again if it was removed with its last object meanwhile."""
    for attempt in range(_MOST_ATTEMPTS):
        _make_folder(path.parent)
        try:
            _remove_empty_folders(path)
            temporary.replace(path)
        except FileNotFoundError:
            if attempt == _MOST_ATTEMPTS - 1:
                raise
        else:
            return


def _remove_empty_folders(path: Path) -> None:
    """Where deleted objects left folders with nothing in them, their name is free again."""
    if path.is_dir():
        for folder, _, _ in os.walk(path, topdown=False):
            with contextlib.suppress(OSError):  # not empty: the caller finds the name taken and says so
                Path(folder).rmdir()


def _stored(key: str, found: os.stat_result) -> StoredObject:
    return StoredObject(
        key=key,
        size=found.st_size,
        modified=max(found.st_mtime, found.st_ctime),
        version=f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}",
    )


@contextlib.contextmanager
def _refused_names(key: str) -> Iterator[None]:
    """Name what keeps an object from being stored."""
    try:
        with _named_errors(key):
            yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise BucketRefusedError(
            f"Object {key!r} cannot be stored: in a local bucket no name can be both an object and a folder. "
            "Choose another name.",
            key=key,
        ) from error


@contextlib.contextmanager
def _named_errors(key: str) -> Iterator[None]:
    """Name what the file system refuses; that something is not there or of another kind is for the caller to judge."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError):
        raise
    except OSError as error:
        raise BucketRefusedError(
            f"Object {key!r} cannot be used: {error.strerror}. "
            "See that the bucket's folder is readable and writable and its disk has room.",
            key=key,
        ) from error
