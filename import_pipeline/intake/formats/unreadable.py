"""Content that is known and no table: web pages, documents, pictures. Refused by what it is, with the remedy."""

import tarfile

from import_pipeline.errors import PayloadError
from import_pipeline.intake.table import Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "unreadable"
PRIORITY = 30

_BEGINNINGS = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_TAR = "a tar archive"
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<table", b"<body")


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it is one of these."""
    return _what(head) is not None


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Refuse it.

    Raises:
        PayloadError: Always.
    """
    what = _what(payload.head())
    if what == _TAR:
        raise PayloadError(
            "The file is a tar archive (.tar). Unpack it, and upload the table that is in it.", found=what
        )
    raise PayloadError(f"The file is {what}, whatever its name says. Export the table as CSV or XLSX.", found=what)


def _what(head: bytes) -> str | None:
    if _is_tar(head):
        return _TAR
    for beginning, what in _BEGINNINGS:
        if head.startswith(beginning):
            return what
    text = head[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_MARKUP):
        return "a web page (HTML)"
    if text.startswith(b"<?xml") or text.startswith(b"<workbook"):
        return "a web page (HTML)" if b"<html" in text else "XML"
    return None


def _is_tar(head: bytes) -> bool:
    """Whether the first block has the name and the checksum of a member of a tar archive."""
    if len(head) < tarfile.BLOCKSIZE or not head[:1].strip(b"\x00"):
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
